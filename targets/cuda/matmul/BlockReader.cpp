#include "targets/cuda/matmul/BlockReader.h"

using namespace mlir;

namespace osscc::cuda {

namespace {

constexpr int64_t kQuads = pack::kRecordChannels / 4;
/// Bytes of a plane's register: 4 codes of 16 rows.
constexpr int64_t kRegister = 4 * pack::kTileRows;

int64_t recordsOfSpan(const pack::BlockGeometry &geometry) {
  return geometry.span / pack::kRecordChannels;
}

/// Four entries of a table of 16 bytes, by the four codes in the bytes of `word`.
Number lookUp(const Emitter &emit, ArrayRef<uint8_t> table, Number word) {
  auto wordOf = [&](int64_t from) {
    uint32_t bytes = 0;
    for (int64_t i = 3; i >= 0; --i)
      bytes = bytes << 8 | table[from + i];
    return emit.integer(static_cast<int32_t>(bytes));
  };
  // prmt picks from 8 bytes by 3 bits of each of four nibbles: the codes move together first.
  Number near = word | (word >> 4);
  Number selector = (near & 0xFF) | ((near >> 8) & 0xFF00);
  Number low3 = selector & 0x7777;
  auto permute = [&](Number a, Number b, Number by) {
    return emit.intrinsic("llvm.nvvm.prmt", emit.i32(), {a, b, by});
  };
  Number low = permute(wordOf(0), wordOf(4), low3), high = permute(wordOf(8), wordOf(12), low3);
  // Of byte i take that of `high` where bit 3 of its code is set.
  Number which = (selector & 0x8888) >> 1 | 0x3210;
  return permute(low, high, which);
}

/// Half of 2^(code - 127) by its bits: a denormal below code 2.
Number halvedPower(const Emitter &emit, Number code) {
  Number normal = (code - 1) << 23, denormal = emit.integer(0x00200000) << code;
  return emit.bitcast(emit.select(code < 2, denormal, normal), emit.f32());
}

} // namespace

Number BlockReader::spanOf(Number record) const {
  Number span = emit.extend(record / recordsOfSpan(geometry), emit.i64());
  int64_t bytes = geometry.spanBytes * tileRows / pack::kTileRows;
  return emit.advance(base, emit.builder.getI8Type(), span * bytes);
}

Number BlockReader::recordInSpan(Number record) const {
  int64_t records = recordsOfSpan(geometry);
  return records == 1 ? emit.integer(0) : record % records;
}

Number BlockReader::loadPart(Type type, Number span, Number at, int64_t width) const {
  if (tileRows == 1)
    at = at / pack::kTileRows;
  else
    at = at + row * width;
  return emit.load(type, emit.advance(span, emit.builder.getI8Type(), at),
                   tileRows == 1 ? 1 : width, /*constant=*/true);
}

Emitter::Numbers BlockReader::codes(Number record) const {
  Number span = spanOf(record);
  int64_t ofRecord = geometry.codeBytes() * pack::kTileRows;
  Number begin = recordInSpan(record) * ofRecord + geometry.codes;
  llvm::SmallDenseMap<int64_t, Number> loaded; // by byte
  auto loadRegister = [&](int64_t at) {
    Number &word = loaded[at];
    if (!word)
      word = loadPart(emit.i32(), span, begin + at, 4);
    return word;
  };
  // All loads first: they are on their way together.
  int64_t plane = 0;
  for (int64_t bits : geometry.planes) {
    for (int64_t at = 0; at < bits; ++at)
      loadRegister(plane + at * kRegister);
    plane += bits * kRegister;
  }
  ArrayRef<uint8_t> table = pack::tableOf(pack::rowOf(format));
  Emitter::Numbers quads;
  for (int64_t quad = 0; quad < kQuads; ++quad) {
    Number word;
    int64_t below = 0;
    plane = 0;
    for (int64_t bits : geometry.planes) {
      pack::PlacedQuad place = pack::placeQuad(geometry, bits, quad);
      Number part = loadRegister(plane + place.at * kRegister);
      if (bits < 8) {
        int64_t mask = 0x01010101LL * ((1 << bits) - 1);
        part = (place.shift == 0 ? part : part >> place.shift) & mask;
        part = below == 0 ? part : part << below;
      }
      word = word ? word | part : part;
      plane += bits * kRegister;
      below += bits;
    }
    quads.push_back(table.empty() ? word : lookUp(emit, table, word));
  }
  return quads;
}

Number BlockReader::quad(Number record, Number quad) const {
  Number span = spanOf(record);
  int64_t ofRecord = geometry.codeBytes() * pack::kTileRows, plane = 0, below = 0;
  Number begin = recordInSpan(record) * ofRecord + geometry.codes, word;
  for (int64_t bits : geometry.planes) { // as pack::placeQuad has it
    int64_t fields = kQuads / bits;
    bool isHalf = geometry.group < pack::kRecordChannels;
    Number at = isHalf ? quad / fields : quad % bits;
    Number shift = (isHalf ? quad % fields : quad / bits) * bits;
    Number part = loadPart(emit.i32(), span, begin + plane + at * kRegister, 4);
    if (bits < 8)
      part = ((part >> shift) & 0x01010101LL * ((1 << bits) - 1)) << below;
    word = word ? word | part : part;
    plane += bits * kRegister;
    below += bits;
  }
  ArrayRef<uint8_t> table = pack::tableOf(pack::rowOf(format));
  return table.empty() ? word : lookUp(emit, table, word);
}

Number BlockReader::scale(Number record, int64_t group, bool minimum) const {
  Number span = spanOf(record);
  Number number = recordInSpan(record) * groups() + group;
  int64_t part = minimum ? geometry.minimums : geometry.scales;
  auto loadFloat = [&](int64_t at) {
    Number half = loadPart(emit.builder.getF16Type(), span, emit.integer(at), 2);
    return emit.widen(half, emit.f32());
  };
  auto loadByte = [&](Number at) { return loadPart(emit.builder.getI8Type(), span, at, 1); };
  if (!geometry.hasSuper) {
    if (geometry.scaleBytes == 2)
      return loadFloat(part);
    return halvedPower(emit, emit.extend(loadByte(emit.integer(part)), emit.i32()));
  }
  Number byte = loadByte(number * (geometry.scaleBytes * pack::kTileRows) + part);
  Number whole =
      geometry.sharesBytes ? emit.extend(byte, emit.i32()) : emit.extendSigned(byte, emit.i32());
  if (geometry.sharesBytes)
    whole = minimum ? whole >> 4 : whole & 15;
  return loadFloat(minimum ? geometry.superMinimum : geometry.superScale) * emit.toFloat(whole);
}

} // namespace osscc::cuda
