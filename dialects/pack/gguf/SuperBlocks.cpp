// Super-blocks of 256 codes in groups of 16 or 32. A group's scale is an integer times the block's
// f16 scale, its minimum an integer times the block's f16 minimum; products and differences are
// rounded once each, in the order of gguf-py's quants.py.
#include "dialects/pack/gguf/Decode.h"

namespace osscc::pack::gguf {

/// Two bits of code i, of which 64 bytes have four each: the codes of a byte are 32 apart.
static int twoBits(const uint8_t *codes, int i) {
  return codes[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
}

/// | 16 scales and minimums, 4 bits each | 64 codes | scale f16 | minimum f16 |
void decodeQ2_K(const uint8_t *block, float *values) {
  float scale = loadHalf(block + 80), minimum = loadHalf(block + 82);
  for (int i = 0; i < 256; ++i) {
    float step = scale * static_cast<float>(nibble(block[i / 16], 0));
    float least = minimum * static_cast<float>(nibble(block[i / 16], 1));
    float product = step * static_cast<float>(twoBits(block + 16, i));
    values[i] = product - least;
  }
}

/// | 32 third bits of codes | 64 codes | 12 scales of 6 bits | scale f16 |; a third bit that is not
/// set takes 4 off.
void decodeQ3_K(const uint8_t *block, float *values) {
  const uint8_t *thirds = block, *codes = block + 32, *scales = block + 96;
  float scale = loadHalf(block + 108);
  for (int i = 0; i < 256; ++i) {
    int group = i / 16;
    int low = nibble(scales[group % 8], group / 8);
    int high = scales[8 + group % 4] >> (2 * (group / 4)) & 3;
    float step = scale * static_cast<float>((low | high << 4) - 32);
    int code = twoBits(codes, i) - ((thirds[i % 32] >> (i / 32) & 1) ? 0 : 4);
    values[i] = step * static_cast<float>(code);
  }
}

namespace {

/// The 6-bit scale and minimum of a group of Q4_K and Q5_K. Twelve bytes: 4 scales, 4 minimums,
/// then the low halves of the other four of each, whose upper two bits lie above the first four.
struct ScaleAndMinimum {
  int scale, minimum;

  ScaleAndMinimum(const uint8_t *bytes, int group) {
    if (group < 4) {
      scale = bytes[group] & 63;
      minimum = bytes[group + 4] & 63;
    } else {
      scale = nibble(bytes[group + 4], 0) | bytes[group - 4] >> 6 << 4;
      minimum = nibble(bytes[group + 4], 1) | bytes[group] >> 6 << 4;
    }
  }
};

/// One group of 32 values: scale * code - minimum.
template <class Code> void decodeGroup(const uint8_t *block, int group, Code code, float *values) {
  ScaleAndMinimum numbers(block + 4, group);
  float step = loadHalf(block) * static_cast<float>(numbers.scale);
  float least = loadHalf(block + 2) * static_cast<float>(numbers.minimum);
  for (int k = 0; k < 32; ++k) {
    float product = step * static_cast<float>(code(k));
    values[32 * group + k] = product - least;
  }
}

} // namespace

/// | scale f16 | minimum f16 | 12 bytes of scales and minimums | 128 codes |
void decodeQ4_K(const uint8_t *block, float *values) {
  const uint8_t *codes = block + 16;
  for (int group = 0; group < 8; ++group)
    decodeGroup(
        block, group, [&](int k) { return nibble(codes[group / 2 * 32 + k], group % 2); }, values);
}

/// | scale f16 | minimum f16 | 12 bytes of scales and minimums | 32 fifth bits | 128 codes |
void decodeQ5_K(const uint8_t *block, float *values) {
  const uint8_t *fifths = block + 16, *codes = block + 48;
  auto codeAt = [&](int group, int k) {
    return nibble(codes[group / 2 * 32 + k], group % 2) | (fifths[k] >> group & 1) << 4;
  };
  for (int group = 0; group < 8; ++group)
    decodeGroup(block, group, [&](int k) { return codeAt(group, k); }, values);
}

/// | 128 low halves of codes | 64 upper two bits | 16 scales i8 | scale f16 |
void decodeQ6_K(const uint8_t *block, float *values) {
  const uint8_t *upper = block + 128, *scales = block + 192;
  float scale = loadHalf(block + 208);
  for (int i = 0; i < 256; ++i) {
    float step = scale * static_cast<float>(static_cast<int8_t>(scales[i / 16]));
    int low = nibble(block[i / 128 * 64 + i % 64], i / 64 % 2);
    values[i] = step * static_cast<float>((low | twoBits(upper, i) << 4) - 32);
  }
}

/// | scale f16 | 8 upper two bits of scales | 4 low halves of scales | 128 codes of a table |
void decodeIQ4_XS(const uint8_t *block, float *values) {
  float scale = loadHalf(block);
  uint16_t upper = load16(block + 2);
  for (int i = 0; i < 256; ++i) {
    int group = i / 32, k = i % 32;
    int number = nibble(block[4 + group / 2], group % 2) | (upper >> (2 * group) & 3) << 4;
    float step = scale * static_cast<float>(number - 32);
    int code = nibble(block[8 + 16 * group + k % 16], k / 16);
    values[i] = step * static_cast<float>(kNonlinear[code]);
  }
}

} // namespace osscc::pack::gguf
