// Source: the block structures of ggml-common.h; values are those of gguf-py's quants.py.
#include "dialects/pack/gguf/Split.h"

#include <cstring>

namespace osscc::pack::gguf {

namespace {

uint16_t load16(const uint8_t *from) {
  uint16_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

uint16_t negated(uint16_t half) {
  return half ^ 0x8000;
}

/// 32 codes of 4 bits: code j in the low half of byte j, code j + 16 in the high half.
void splitHalves(const uint8_t *bytes, uint8_t *codes) {
  for (int j = 0; j < 16; ++j) {
    codes[j] = bytes[j] & 15;
    codes[j + 16] = bytes[j] >> 4;
  }
}

/// 64 codes of 4 bits: code j in the low half of byte j, code j + 32 in the high half.
void splitWideHalves(const uint8_t *bytes, uint8_t *codes) {
  for (int j = 0; j < 32; ++j) {
    codes[j] = bytes[j] & 15;
    codes[j + 32] = bytes[j] >> 4;
  }
}

/// 128 codes of 2 bits: byte j has the codes j, j + 32, j + 64 and j + 96, the lowest bits first.
void splitQuarters(const uint8_t *bytes, uint8_t *codes) {
  for (int part = 0; part < 4; ++part)
    for (int j = 0; j < 32; ++j)
      codes[32 * part + j] = bytes[j] >> (2 * part) & 3;
}

/// Adds bit i of `bits` to code i as its fifth.
void addFifthBits(const uint8_t *bits, uint8_t *codes) {
  for (int i = 0; i < 32; ++i)
    codes[i] |= (bits[i / 8] >> (i % 8) & 1) << 4;
}

/// The 6-bit scales and minimums of 8 groups. Twelve bytes: 4 scales, 4 minimums, then the low
/// halves of the other four of each, whose upper two bits lie above the first four.
void splitScalesAndMinimums(const uint8_t *bytes, BlockParts &parts) {
  for (int group = 0; group < 4; ++group) {
    uint8_t scale = bytes[group], minimum = bytes[group + 4], rest = bytes[group + 8];
    parts.scales[group] = static_cast<int8_t>(scale & 63);
    parts.minimums[group] = static_cast<int8_t>(minimum & 63);
    parts.scales[group + 4] = static_cast<int8_t>((rest & 15) | scale >> 6 << 4);
    parts.minimums[group + 4] = static_cast<int8_t>(rest >> 4 | minimum >> 6 << 4);
  }
}

} // namespace

/// | scale f16 | 32 codes i8 |
void splitQ8_0(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  for (int i = 0; i < 32; ++i)
    parts.codes[i] = block[2 + i] ^ 0x80;
}

/// | scale f16 | 16 bytes of codes |
void splitQ4_0(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  splitHalves(block + 2, parts.codes);
}

/// | scale f16 | minimum f16 | 16 bytes of codes |
void splitQ4_1(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  parts.minimum = load16(block + 2);
  splitHalves(block + 4, parts.codes);
}

/// | scale f16 | 32 fifth bits | 16 bytes of codes |
void splitQ5_0(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  splitHalves(block + 6, parts.codes);
  addFifthBits(block + 2, parts.codes);
}

/// | scale f16 | minimum f16 | 32 fifth bits | 16 bytes of codes |
void splitQ5_1(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  parts.minimum = load16(block + 2);
  splitHalves(block + 8, parts.codes);
  addFifthBits(block + 4, parts.codes);
}

/// | scale f16 | 16 bytes of codes of a table |
void splitIq4Nl(const uint8_t *block, BlockParts &parts) {
  splitQ4_0(block, parts);
}

/// | scale e8m0 | 16 bytes of codes of a table |
void splitMxfp4(const uint8_t *block, BlockParts &parts) {
  parts.scale = block[0];
  splitHalves(block + 1, parts.codes);
}

/// | 16 scales and minimums, 4 bits each | 64 bytes of codes | scale f16 | minimum f16 |
void splitQ2K(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block + 80);
  parts.minimum = negated(load16(block + 82));
  for (int group = 0; group < 16; ++group) {
    parts.scales[group] = static_cast<int8_t>(block[group] & 15);
    parts.minimums[group] = static_cast<int8_t>(block[group] >> 4);
  }
  splitQuarters(block + 16, parts.codes);
  splitQuarters(block + 48, parts.codes + 128);
}

/// | 32 bytes of third bits | 64 bytes of codes | 12 bytes of scales of 6 bits | scale f16 |
void splitQ3K(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block + 108);
  const uint8_t *scales = block + 96;
  for (int group = 0; group < 16; ++group) {
    int low = scales[group % 8] >> (group / 8 * 4) & 15;
    int high = scales[8 + group % 4] >> (group / 4 * 2) & 3;
    parts.scales[group] = static_cast<int8_t>((low | high << 4) - 32);
  }
  splitQuarters(block + 32, parts.codes);
  splitQuarters(block + 64, parts.codes + 128);
  for (int i = 0; i < 256; ++i)
    parts.codes[i] |= (block[i % 32] >> (i / 32) & 1) << 2;
}

/// | scale f16 | minimum f16 | 12 bytes of scales and minimums | 128 bytes of codes |
void splitQ4K(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  parts.minimum = negated(load16(block + 2));
  splitScalesAndMinimums(block + 4, parts);
  for (int i = 0; i < 4; ++i)
    splitWideHalves(block + 16 + 32 * i, parts.codes + 64 * i);
}

/// | scale f16 | minimum f16 | 12 bytes of scales and minimums | 32 fifth bits, a bit a group | 128
/// bytes of codes |
void splitQ5K(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  parts.minimum = negated(load16(block + 2));
  splitScalesAndMinimums(block + 4, parts);
  for (int i = 0; i < 4; ++i)
    splitWideHalves(block + 48 + 32 * i, parts.codes + 64 * i);
  for (int i = 0; i < 256; ++i)
    parts.codes[i] |= (block[16 + i % 32] >> (i / 32) & 1) << 4;
}

/// | 128 bytes of low halves of codes | 64 of upper two bits | 16 scales i8 | scale f16 |
void splitQ6K(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block + 208);
  std::memcpy(parts.scales, block + 192, 16);
  uint8_t upper[256];
  for (int half = 0; half < 2; ++half) {
    const uint8_t *low = block + 64 * half;
    uint8_t *codes = parts.codes + 128 * half;
    for (int j = 0; j < 64; ++j) {
      codes[j] = low[j] & 15;
      codes[j + 64] = low[j] >> 4;
    }
    splitQuarters(block + 128 + 32 * half, upper + 128 * half);
  }
  for (int i = 0; i < 256; ++i)
    parts.codes[i] |= upper[i] << 4;
}

/// | scale f16 | 2 bytes of upper two bits of scales | 4 of their low halves | 128 bytes of codes
/// of a table |
void splitIq4Xs(const uint8_t *block, BlockParts &parts) {
  parts.scale = load16(block);
  uint16_t upper = load16(block + 2);
  for (int group = 0; group < 8; ++group) {
    int low = block[4 + group / 2] >> (group % 2 * 4) & 15;
    parts.scales[group] = static_cast<int8_t>((low | (upper >> (2 * group) & 3) << 4) - 32);
    splitHalves(block + 8 + 16 * group, parts.codes + 32 * group);
  }
}

} // namespace osscc::pack::gguf
