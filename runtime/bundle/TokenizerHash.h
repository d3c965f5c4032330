// How the compiler places entries in the tokenizer's hash tables (Tokenizer.fbs) and the runtime
// finds them: open addressing with linear probing, never full. Plain C++20, shared by both sides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace osscc::bundle {

inline constexpr uint32_t kNoEntry = 0xFFFFFFFF;
inline constexpr uint16_t kMatchFlag = 0x8000; ///< In a cell of SplitStage.
inline constexpr uint32_t kSymbolBlock = 128;  ///< Code points of a block of Pretokenizer.
inline constexpr uint32_t kCodePoints = 0x110000;

/// Spreads the bits of `x`. Source: the finaliser of MurmurHash3, by Austin Appleby, public domain.
constexpr uint64_t mixBits(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
  return x ^ (x >> 33);
}

constexpr uint64_t mergeHash(uint32_t left, uint32_t right) {
  return mixBits(uint64_t(left) << 32 | right);
}

constexpr uint64_t pieceHash(std::string_view bytes) {
  uint64_t hash = bytes.size();
  for (char byte : bytes)
    hash = (hash ^ uint8_t(byte)) * 0x100000001B3; // FNV-1a's prime
  return mixBits(hash);
}

/// The slot where a search for `hash` begins, in a table of `slots` slots; the next one is (slot +
/// 1) modulo `slots`.
constexpr size_t firstSlot(uint64_t hash, size_t slots) {
  return size_t((hash >> 32) * uint64_t(slots) >> 32);
}

} // namespace osscc::bundle
