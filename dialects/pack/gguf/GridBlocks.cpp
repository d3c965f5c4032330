// Super-blocks of 256 values that are rows of a table, each with its sign or a common shift.
// Products are rounded once each, in the order of gguf-py's quants.py.
#include "dialects/pack/gguf/Decode.h"

#include "dialects/pack/gguf/Grids.h"
#include "llvm/ADT/bit.h"

namespace osscc::pack::gguf {

/// What the bits of a table's entry stand for.
static constexpr uint8_t kMagnitudes2[] = {8, 25, 43};
static constexpr uint8_t kMagnitudes3xxs[] = {4, 12, 20, 28, 36, 44, 52, 62};
static constexpr uint8_t kMagnitudes3s[] = {1, 3, 5, 7, 9, 11, 13, 15};

/// Eight signs in seven bits: the number of negative ones is even.
static uint8_t evenSigns(uint32_t seven) {
  return static_cast<uint8_t>(seven | (llvm::popcount(seven) & 1) << 7);
}

/// Eight values of IQ2 with their signs, bit k of `signs` set where value k is negative.
static void eightOf2(float step, uint16_t entry, uint8_t signs, float *values) {
  for (int k = 0; k < 8; ++k) {
    float value = step * static_cast<float>(kMagnitudes2[entry >> (2 * k) & 3]);
    values[k] = signs >> k & 1 ? -value : value;
  }
}

/// Eight values of IQ3: two entries of four.
static void eightOf3(float step, const uint8_t (&magnitudes)[8], uint16_t first, uint16_t second,
                     uint8_t signs, float *values) {
  for (int k = 0; k < 8; ++k) {
    uint16_t entry = k < 4 ? first : second;
    float value = step * static_cast<float>(magnitudes[entry >> (4 * (k % 4)) & 7]);
    values[k] = signs >> k & 1 ? -value : value;
  }
}

/// Eight values of IQ1: -1, 0 or 1, all shifted by an eighth.
static void eightOf1(float step, uint16_t entry, bool down, float *values) {
  for (int k = 0; k < 8; ++k)
    values[k] = step * (static_cast<float>((entry >> (2 * k) & 3) - 1) + (down ? -0.125f : 0.125f));
}

/// The scale of a group of IQ2 and IQ3_XXS: scale * (number + 1/2) * factor.
static float stepOf(float scale, uint32_t number, float factor) {
  float sum = 0.5f + static_cast<float>(number);
  float step = scale * sum;
  return step * factor;
}

/// | scale f16 | 8 groups of 32: 4 entries, then 4 signs of 7 bits and a scale of 4 bits |
void decodeIQ2_XXS(const uint8_t *block, float *values) {
  for (int group = 0; group < 8; ++group) {
    const uint8_t *bytes = block + 2 + 8 * group;
    uint32_t word = load32(bytes + 4);
    float step = stepOf(loadHalf(block), word >> 28, 0.25f);
    for (int l = 0; l < 4; ++l)
      eightOf2(step, kGridIQ2_XXS[bytes[l]], evenSigns(word >> (7 * l) & 127),
               values + 32 * group + 8 * l);
  }
}

/// | scale f16 | 32 words: entry of 9 bits, signs of 7 | 16 scales of 4 bits |
void decodeIQ2_XS(const uint8_t *block, float *values) {
  const uint8_t *words = block + 2, *scales = block + 66;
  for (int l = 0; l < 32; ++l) {
    uint16_t word = load16(words + 2 * l);
    float step = stepOf(loadHalf(block), nibble(scales[l / 4], l / 2 % 2), 0.25f);
    eightOf2(step, kGridIQ2_XS[word & 511], evenSigns(word >> 9), values + 8 * l);
  }
}

/// | scale f16 | 32 entries | 32 signs | 32 upper two bits of entries | 16 scales of 4 bits |
void decodeIQ2_S(const uint8_t *block, float *values) {
  const uint8_t *entries = block + 2, *signs = block + 34, *upper = block + 66;
  const uint8_t *scales = block + 74;
  for (int l = 0; l < 32; ++l) {
    int entry = entries[l] | (upper[l / 4] >> (2 * (l % 4)) & 3) << 8;
    float step = stepOf(loadHalf(block), nibble(scales[l / 4], l / 2 % 2), 0.25f);
    eightOf2(step, kGridIQ2_S[entry], signs[l], values + 8 * l);
  }
}

/// | scale f16 | 64 entries | 8 words: 4 signs of 7 bits, a scale of 4 bits |
void decodeIQ3_XXS(const uint8_t *block, float *values) {
  for (int group = 0; group < 8; ++group) {
    const uint8_t *entries = block + 2 + 8 * group;
    uint32_t word = load32(block + 66 + 4 * group);
    float step = stepOf(loadHalf(block), word >> 28, 0.5f);
    for (int l = 0; l < 4; ++l)
      eightOf3(step, kMagnitudes3xxs, kGridIQ3_XXS[entries[2 * l]],
               kGridIQ3_XXS[entries[2 * l + 1]], evenSigns(word >> (7 * l) & 127),
               values + 32 * group + 8 * l);
  }
}

/// | scale f16 | 64 entries | 64 ninth bits of entries | 32 signs | 8 scales of 4 bits |
void decodeIQ3_S(const uint8_t *block, float *values) {
  const uint8_t *ninths = block + 66, *signs = block + 74, *scales = block + 106;
  auto entry = [&](int i) {
    return kGridIQ3_S[block[2 + i] | (ninths[i / 8] >> (i % 8) & 1) << 8];
  };
  for (int l = 0; l < 32; ++l) {
    int number = 1 + 2 * nibble(scales[l / 8], l / 4 % 2);
    eightOf3(loadHalf(block) * static_cast<float>(number), kMagnitudes3s, entry(2 * l),
             entry(2 * l + 1), signs[l], values + 8 * l);
  }
}

/// | scale f16 | 32 entries | 8 words: upper three bits of 4 entries, a scale of 3 bits, a shift |
void decodeIQ1_S(const uint8_t *block, float *values) {
  for (int l = 0; l < 32; ++l) {
    uint16_t word = load16(block + 34 + 2 * (l / 4));
    int entry = block[2 + l] | (word >> (3 * (l % 4)) & 7) << 8;
    float step = loadHalf(block) * static_cast<float>(2 * (word >> 12 & 7) + 1);
    eightOf1(step, kGridIQ1[entry], word >> 15, values + 8 * l);
  }
}

/// | 32 entries | 32 upper three bits of entries and shifts | 4 words: 4 scales of 3 bits each and,
/// in their upper four bits together, the scale f16 |
void decodeIQ1_M(const uint8_t *block, float *values) {
  const uint8_t *upper = block + 32, *words = block + 48;
  uint32_t half = 0;
  for (int i = 0; i < 4; ++i)
    half |= static_cast<uint32_t>(load16(words + 2 * i) >> 12) << (4 * i);
  float scale = halfToFloat(static_cast<uint16_t>(half));
  for (int l = 0; l < 32; ++l) {
    int above = nibble(upper[l / 2], l % 2), group = l / 2;
    int number = load16(words + 2 * (group / 4)) >> (3 * (group % 4)) & 7;
    float step = scale * static_cast<float>(2 * number + 1);
    eightOf1(step, kGridIQ1[block[l] | (above & 7) << 8], above & 8, values + 8 * l);
  }
}

} // namespace osscc::pack::gguf
