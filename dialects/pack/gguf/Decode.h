// One function a block type that has no format of its own, for the table of Types.cpp. Each reads
// one block of the type's bytes and writes one value an element.
#pragma once

#include "dialects/pack/Floats.h"

#include <cstdint>
#include <cstring>

namespace osscc::pack::gguf {

// Simple.cpp: floats, which are blocks of one value; one scale a group; ternary codes.
void decodeF32(const uint8_t *block, float *values);
void decodeF16(const uint8_t *block, float *values);
void decodeBF16(const uint8_t *block, float *values);
void decodeNVFP4(const uint8_t *block, float *values);
void decodeTQ1_0(const uint8_t *block, float *values);
void decodeTQ2_0(const uint8_t *block, float *values);

// GridBlocks.cpp: 256 values, each 4 or 8 of them a row of a table (Grids.h).
void decodeIQ2_XXS(const uint8_t *block, float *values);
void decodeIQ2_XS(const uint8_t *block, float *values);
void decodeIQ2_S(const uint8_t *block, float *values);
void decodeIQ3_XXS(const uint8_t *block, float *values);
void decodeIQ3_S(const uint8_t *block, float *values);
void decodeIQ1_S(const uint8_t *block, float *values);
void decodeIQ1_M(const uint8_t *block, float *values);

/// Little-endian numbers at any address.
inline uint16_t load16(const uint8_t *from) {
  uint16_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline uint32_t load32(const uint8_t *from) {
  uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline float loadHalf(const uint8_t *from) {
  return halfToFloat(load16(from));
}

/// Half `index` (0 low, 1 high) of a byte.
inline int nibble(uint8_t byte, int index) {
  return byte >> (4 * index) & 15;
}

} // namespace osscc::pack::gguf
