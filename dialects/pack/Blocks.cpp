// Decoding and tile order of block formats. Arithmetic is f32 with one rounding a step, so that
// every build gives the same bytes; products of an integer scale and its super-scale are exact.
#include "dialects/pack/Blocks.h"

#include "dialects/pack/Floats.h"
#include "dialects/pack/gguf/Types.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace osscc::pack {

namespace {

constexpr int64_t kQuads = kRecordChannels / 4;
/// Bytes of a quad of codes of 16 rows, where each takes a byte: a register of the widest kind.
constexpr int64_t kRegister = 4 * kTileRows;

struct NumberFacts {
  int64_t bits;
  bool isSigned;
};

NumberFacts factsOf(Number number) {
  switch (number) {
  case Number::I3:
    return {3, true};
  case Number::I4:
    return {4, true};
  case Number::I5:
    return {5, true};
  case Number::I6:
    return {6, true};
  case Number::I8:
    return {8, true};
  case Number::U2:
    return {2, false};
  case Number::U4:
  case Number::E2M1:
    return {4, false};
  case Number::U5:
    return {5, false};
  case Number::U6:
    return {6, false};
  case Number::F16:
    return {16, true};
  case Number::E8M0:
    return {8, false};
  case Number::None:
    break;
  }
  return {0, false};
}

/// 8; or 4 and then what is left, 2 or 1; or 2 and 1.
llvm::SmallVector<int64_t, 2> planesOf(int64_t bits) {
  if (bits == 8)
    return {8};
  llvm::SmallVector<int64_t, 2> planes;
  for (int64_t plane : {4, 2, 1})
    if (bits & plane)
      planes.push_back(plane);
  return planes;
}

int64_t zeroOf(const BlockFormat &row) {
  if (row.code == Number::E2M1)
    return 12;
  if (row.table == Table::Iq4)
    return 128;
  NumberFacts code = factsOf(row.code);
  return code.isSigned ? int64_t(1) << (code.bits - 1) : 0;
}

/// Fills in where the parts of a span lie.
void placeParts(BlockGeometry &geometry) {
  int64_t ofCodes = geometry.span / kRecordChannels * geometry.codeBytes() * kTileRows;
  int64_t ofScales = geometry.groups() * geometry.scaleBytes * kTileRows;
  int64_t ofMinimums = geometry.hasMinimum && !geometry.sharesBytes ? ofScales : 0;
  int64_t ofSuper = geometry.hasSuper ? 2 * kTileRows : 0;
  geometry.superScale = 0;
  geometry.superMinimum = ofSuper;
  int64_t head = ofSuper + (geometry.hasMinimum ? ofSuper : 0);
  // What comes once a span comes first, so that a worker reads a tile from one end to the other;
  // scales of a group that is a span of its own come last, as they always did.
  geometry.codes = geometry.hasSuper ? head + ofScales + ofMinimums : 0;
  geometry.scales = geometry.hasSuper ? head : ofCodes;
  geometry.minimums = geometry.sharesBytes ? geometry.scales : geometry.scales + ofScales;
  geometry.spanBytes = head + ofScales + ofMinimums + ofCodes;
}

} // namespace

int64_t BlockGeometry::codeBytes() const {
  return std::accumulate(planes.begin(), planes.end(), int64_t(0)) * kRecordChannels / 8;
}

llvm::SmallVector<BlockGeometry::Part, 5> BlockGeometry::parts() const {
  Part ofCodes = {codes, span / kRecordChannels * codeBytes() / 4, 4};
  Part ofScales = {scales, groups(), scaleBytes};
  llvm::SmallVector<Part, 5> all = {ofCodes, ofScales};
  if (hasMinimum && !sharesBytes)
    all.push_back({minimums, groups(), scaleBytes});
  if (hasSuper)
    all.push_back({superScale, 1, 2});
  if (hasSuper && hasMinimum)
    all.push_back({superMinimum, 1, 2});
  llvm::sort(all, [](const Part &a, const Part &b) { return a.begin < b.begin; });
  return all;
}

BlockGeometry geometryOf(FormatAttr format) {
  return geometryOf(rowOf(format));
}

BlockGeometry geometryOf(const BlockFormat &row) {
  BlockGeometry geometry;
  geometry.group = row.group;
  geometry.hasSuper = row.super != 0;
  geometry.span = geometry.hasSuper ? row.super : row.group;
  geometry.planes = planesOf(factsOf(row.code).bits);
  geometry.blockBytes = gguf::findType(row.name)->bytes;
  geometry.zero = zeroOf(row);
  geometry.bits = row.table == Table::Iq4    ? 8
                  : row.code == Number::E2M1 ? 5
                                             : factsOf(row.code).bits;
  geometry.hasMinimum = row.minimum != Number::None;
  geometry.sharesBytes =
      geometry.hasMinimum && factsOf(row.scale).bits + factsOf(row.minimum).bits == 8;
  geometry.scaleBytes = row.scale == Number::F16 ? 2 : 1;
  placeParts(geometry);
  return geometry;
}

PlacedQuad placeQuad(const BlockGeometry &geometry, int64_t bits, int64_t quad) {
  int64_t registers = bits, fields = kQuads / registers;
  // Groups of 16 are multiplied one after the other, groups of 32 as one: there the fields of a
  // register are half a group, or a quarter, apart.
  if (geometry.group < kRecordChannels)
    return {quad / fields, quad % fields * bits};
  return {quad % registers, quad / registers * bits};
}

llvm::ArrayRef<uint8_t> tableOf(const BlockFormat &format) {
  if (format.table == Table::Iq4)
    return kIq4;
  if (format.code == Number::E2M1)
    return kDoubledE2M1;
  return {};
}

namespace {

/// 2^(code - 127), halved since the table's values are doubled.
float halfOfE8m0(uint16_t code) {
  return code >= 2 ? llvm::bit_cast<float>(uint32_t(code - 1) << 23)
                   : llvm::bit_cast<float>(uint32_t(0x00200000) << code);
}

/// What the parts of a block stand for.
struct Decoder {
  const BlockFormat &format;
  BlockGeometry geometry = geometryOf(format);
  llvm::ArrayRef<uint8_t> table = tableOf(format);
  bool hasPowers = format.scale == Number::E8M0;

  /// The scale, or the minimum, of a group.
  float times(uint16_t bits, int8_t integer) const {
    float number = hasPowers ? halfOfE8m0(bits) : halfToFloat(bits);
    return geometry.hasSuper ? number * static_cast<float>(integer) : number;
  }

  void decode(const BlockParts &parts, float *values) const {
    for (int64_t group = 0; group < geometry.groups(); ++group) {
      float scale = times(parts.scale, parts.scales[group]);
      float minimum = geometry.hasMinimum ? times(parts.minimum, parts.minimums[group]) : 0;
      for (int64_t k = group * geometry.group; k < (group + 1) * geometry.group; ++k) {
        int number = table.empty() ? parts.codes[k] : table[parts.codes[k]];
        float value = scale * static_cast<float>(number - static_cast<int>(geometry.zero));
        values[k] = geometry.hasMinimum ? value + minimum : value;
      }
    }
  }

  bool isFinite(const BlockParts &parts) const {
    return (hasPowers ? parts.scale != 255 : std::isfinite(halfToFloat(parts.scale))) && // NaN
           (!geometry.hasMinimum || std::isfinite(halfToFloat(parts.minimum)));
  }
};

} // namespace

void decodeBlocks(const BlockFormat &format, const uint8_t *from, int64_t blocks, float *values) {
  Decoder decoder{format};
  for (int64_t block = 0; block < blocks; ++block) {
    BlockParts parts;
    format.split(from + block * decoder.geometry.blockBytes, parts);
    decoder.decode(parts, values + block * decoder.geometry.span);
  }
}

std::optional<int64_t> firstNotFinite(const BlockFormat &format, const uint8_t *from,
                                      int64_t blocks) {
  Decoder decoder{format};
  for (int64_t block = 0; block < blocks; ++block) {
    BlockParts parts;
    format.split(from + block * decoder.geometry.blockBytes, parts);
    if (!decoder.isFinite(parts))
      return block;
  }
  return std::nullopt;
}

namespace {

/// Moves one span of one row between its parts and a tile, byte by byte in one order.
template <bool pack, class Tile> struct SpanMover {
  const BlockGeometry &geometry;
  Tile *span; ///< Its begin in the tile.
  int64_t row;

  template <class T> void move(T &part, int64_t at) {
    if constexpr (pack)
      std::memcpy(span + at, &part, sizeof part);
    else
      std::memcpy(&part, span + at, sizeof part);
  }

  /// A quad of codes, in the planes of its 32 channels, which begin at `at`.
  void moveQuad(uint32_t &codes, int64_t at, int64_t quad) {
    int64_t below = 0; // bits of the planes that lie below
    for (int64_t bits : geometry.planes) {
      PlacedQuad place = placeQuad(geometry, bits, quad);
      int64_t byte = at + place.at * kRegister + row * 4;
      uint32_t ones = 0x01010101u * ((1u << bits) - 1), word;
      std::memcpy(&word, span + byte, 4);
      if constexpr (pack) {
        word |= (codes >> below & ones) << place.shift;
        std::memcpy(span + byte, &word, 4);
      } else {
        codes |= (word >> place.shift & ones) << below;
      }
      at += bits * kRegister;
      below += bits;
    }
  }

  void moveScales(BlockParts &parts) {
    for (int64_t group = 0; group < geometry.groups(); ++group) {
      int64_t at = (group * kTileRows + row) * geometry.scaleBytes;
      if (geometry.sharesBytes) {
        uint8_t both = 0;
        if constexpr (pack)
          both = static_cast<uint8_t>(parts.scales[group] | parts.minimums[group] << 4);
        move(both, geometry.scales + at);
        parts.scales[group] = both & 15;
        parts.minimums[group] = static_cast<int8_t>(both >> 4);
        continue;
      }
      move(parts.scales[group], geometry.scales + at);
      if (geometry.hasMinimum)
        move(parts.minimums[group], geometry.minimums + at);
    }
  }

  void moveSpan(BlockParts &parts) {
    bool isByte = !geometry.hasSuper && geometry.scaleBytes == 1; // e8m0
    int64_t scale = geometry.hasSuper ? geometry.superScale : geometry.scales;
    int64_t minimum = geometry.hasSuper ? geometry.superMinimum : geometry.minimums;
    if (geometry.hasSuper)
      moveScales(parts);
    if (isByte) {
      uint8_t byte = 0;
      if constexpr (pack)
        byte = static_cast<uint8_t>(parts.scale);
      move(byte, scale + row);
      parts.scale = byte;
    } else {
      move(parts.scale, scale + 2 * row);
    }
    if (geometry.hasMinimum)
      move(parts.minimum, minimum + 2 * row);
    for (int64_t k = 0; k < geometry.span; k += 4) {
      uint32_t codes = 0;
      if constexpr (pack)
        std::memcpy(&codes, parts.codes + k, 4);
      int64_t at = geometry.codes + k / kRecordChannels * geometry.codeBytes() * kTileRows;
      moveQuad(codes, at, k % kRecordChannels / 4);
      if constexpr (!pack)
        std::memcpy(parts.codes + k, &codes, 4);
    }
  }
};

} // namespace

void packBlocks(FormatAttr format, int64_t rows, int64_t channels, const char *from, char *tile) {
  const BlockFormat &of = rowOf(format);
  BlockGeometry geometry = geometryOf(format);
  auto spans = static_cast<int64_t>(llvm::divideCeil(channels, geometry.span));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t span = 0; span < spans; ++span, from += geometry.blockBytes) {
      BlockParts parts;
      of.split(reinterpret_cast<const uint8_t *>(from), parts);
      SpanMover<true, char>{geometry, tile + span * geometry.spanBytes, row}.moveSpan(parts);
    }
}

/// Calls `each(in the tile, in the row, bytes)` for what follows each other in both.
template <class Each>
static void forPartsOfFirstRow(const BlockGeometry &geometry, int64_t channels, Each each) {
  auto spans = static_cast<int64_t>(llvm::divideCeil(channels, geometry.span));
  for (int64_t span = 0; span < spans; ++span)
    for (const BlockGeometry::Part &part : geometry.parts())
      for (int64_t i = 0; i < part.count; ++i)
        each(span * geometry.spanBytes + part.begin + i * part.width * kTileRows,
             span * geometry.rowOfSpan() + part.begin / kTileRows + i * part.width, part.width);
}

void takeFirstRow(FormatAttr format, int64_t channels, const char *tile, char *row) {
  forPartsOfFirstRow(geometryOf(format), channels, [&](int64_t at, int64_t to, int64_t bytes) {
    std::memcpy(row + to, tile + at, bytes);
  });
}

void putFirstRow(FormatAttr format, int64_t channels, const char *row, char *tile) {
  forPartsOfFirstRow(geometryOf(format), channels, [&](int64_t at, int64_t from, int64_t bytes) {
    std::memcpy(tile + at, row + from, bytes);
  });
}

void decodeTile(FormatAttr format, int64_t rows, int64_t channels, const char *tile,
                float *values) {
  Decoder decoder{rowOf(format)};
  const BlockGeometry &geometry = decoder.geometry;
  for (int64_t row = 0; row < rows; ++row, values += channels)
    for (int64_t k = 0; k < channels; k += geometry.span) {
      BlockParts parts;
      const char *span = tile + k / geometry.span * geometry.spanBytes;
      SpanMover<false, const char>{geometry, span, row}.moveSpan(parts);
      float all[kMostChannels];
      decoder.decode(parts, all);
      std::copy_n(all, std::min(geometry.span, channels - k), values + k);
    }
}

} // namespace osscc::pack
