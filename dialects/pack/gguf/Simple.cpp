// Blocks with one scale a group, and blocks of floats. Each product and each sum is rounded once,
// in the order of gguf-py's quants.py.
#include "dialects/pack/gguf/Decode.h"

#include "llvm/ADT/bit.h"

namespace osscc::pack::gguf {

void decodeF32(const uint8_t *block, float *values) {
  *values = llvm::bit_cast<float>(load32(block));
}

void decodeF16(const uint8_t *block, float *values) {
  *values = loadHalf(block);
}

void decodeBF16(const uint8_t *block, float *values) {
  *values = bfloatToFloat(load16(block));
}

/// Twice the value of a code of f4E2M1FN.
static float doubledE2M1(int code) {
  constexpr int8_t kDoubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  return kDoubled[code];
}

/// Half the value of an E4M3 number without a sign (bit 7 is nobody's); 0x7F, its NaN, is zero.
static float halfOfE4m3(uint8_t code) {
  if (code == 0 || code == 0x7F)
    return 0;
  int exponent = code >> 3 & 15;
  auto mantissa = static_cast<float>(code & 7);
  if (exponent == 0)
    return mantissa * 0x1p-10f;
  return (1 + mantissa / 8) * llvm::bit_cast<float>(uint32_t(exponent - 8 + 127) << 23);
}

void decodeNVFP4(const uint8_t *block, float *values) {
  for (int i = 0; i < 64; ++i) {
    int group = i / 16, k = i % 16;
    int code = nibble(block[4 + 8 * group + k % 8], k / 8);
    values[i] = halfOfE4m3(block[group]) * doubledE2M1(code);
  }
}

/// `count` bytes of five or fewer ternary digits each, the most significant digits first: digit p
/// of byte b is value p * count + b.
static void decodeTernary(const uint8_t *bytes, int count, int digits, float scale, float *values) {
  uint8_t power = 1;
  for (int p = 0; p < digits; ++p, power *= 3)
    for (int b = 0; b < count; ++b) {
      auto rest = static_cast<uint8_t>(bytes[b] * power); // a fraction of 256 whose digits moved up
      values[p * count + b] = scale * static_cast<float>((rest * 3 >> 8) - 1);
    }
}

void decodeTQ1_0(const uint8_t *block, float *values) {
  float scale = loadHalf(block + 52);
  decodeTernary(block, 32, 5, scale, values);
  decodeTernary(block + 32, 16, 5, scale, values + 160);
  decodeTernary(block + 48, 4, 4, scale, values + 240);
}

void decodeTQ2_0(const uint8_t *block, float *values) {
  float scale = loadHalf(block + 64);
  for (int i = 0; i < 256; ++i) {
    int code = block[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
    values[i] = scale * static_cast<float>(code - 1);
  }
}

} // namespace osscc::pack::gguf
