// One function a block type, for the table of Types.cpp. Each reads one block of the type's bytes
// and writes one value an element.
#pragma once

#include "dialects/pack/Floats.h"

#include <cstdint>
#include <cstring>

namespace osscc::pack::gguf {

// Simple.cpp: floats, blocks of one value; one scale a group of 16 or 32 codes, no scale above it;
// ternary codes.
void decodeF32(const uint8_t *block, float *values);
void decodeF16(const uint8_t *block, float *values);
void decodeBF16(const uint8_t *block, float *values);
void decodeQ4_0(const uint8_t *block, float *values);
void decodeQ4_1(const uint8_t *block, float *values);
void decodeQ5_0(const uint8_t *block, float *values);
void decodeQ5_1(const uint8_t *block, float *values);
void decodeQ8_0(const uint8_t *block, float *values);
void decodeIQ4_NL(const uint8_t *block, float *values);
void decodeMXFP4(const uint8_t *block, float *values);
void decodeNVFP4(const uint8_t *block, float *values);
void decodeTQ1_0(const uint8_t *block, float *values);
void decodeTQ2_0(const uint8_t *block, float *values);

// SuperBlocks.cpp: 256 codes, whose groups' scales are integers under an f16 scale.
void decodeQ2_K(const uint8_t *block, float *values);
void decodeQ3_K(const uint8_t *block, float *values);
void decodeQ4_K(const uint8_t *block, float *values);
void decodeQ5_K(const uint8_t *block, float *values);
void decodeQ6_K(const uint8_t *block, float *values);
void decodeIQ4_XS(const uint8_t *block, float *values);

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

/// What the 16 codes of IQ4_NL and IQ4_XS stand for.
inline constexpr int8_t kNonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                          1,    13,   25,  38,  53,  69,  89,  113};

} // namespace osscc::pack::gguf
