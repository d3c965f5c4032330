#include "targets/cpu/matmul/BlockReader.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace osscc::cpu {

namespace {

constexpr int64_t kQuads = pack::kRecordChannels / 4;
/// Bytes of a plane's register: 4 codes of 16 rows.
constexpr int64_t kRegister = 4 * pack::kTileRows;

/// Quads in the order of the registers that they share, so that each leaves its register early.
SmallVector<int64_t> quadsByRegister(const pack::BlockGeometry &geometry) {
  SmallVector<int64_t> quads = llvm::to_vector(llvm::seq(kQuads));
  auto place = [&](int64_t quad) {
    return std::pair(placeQuad(geometry, geometry.planes.front(), quad).at, quad);
  };
  llvm::sort(quads, [&](int64_t a, int64_t b) { return place(a) < place(b); });
  return quads;
}

} // namespace

Value BlockReader::byte(int64_t value, VectorType type) {
  auto bytes = DenseElementsAttr::get(type, builder.getI8IntegerAttr(static_cast<int8_t>(value)));
  return arith::ConstantOp::create(builder, loc, bytes);
}

Value BlockReader::loadBytes(int64_t chunk, int64_t ofRow, int64_t base, int64_t unit,
                             int64_t unitBytes) {
  int64_t row = chunk * lanes % pack::kTileRows;
  Value at = mul(div(k, geometry.span), geometry.spanBytes);
  if (unit < geometry.span)
    at = add(at, mul(div(rem(k, geometry.span), unit), unitBytes));
  at = add(at, base + row * ofRow);
  Value which = add(tile, chunk * lanes / pack::kTileRows);
  return load(vectorOf(lanes * ofRow, builder.getI8Type()), w, {which, at});
}

Value BlockReader::field(Value stored, int64_t bits, int64_t shift, int64_t below) {
  auto bytes = cast<VectorType>(stored.getType());
  int64_t right = shift - below, mask = ((1 << bits) - 1) << below;
  if (right == 0)
    return arith::AndIOp::create(builder, loc, stored, byte(mask, bytes));
  if (below == 0 && shift + bits == 8) // nothing lies above
    return arith::ShRUIOp::create(builder, loc, stored, byte(right, bytes));
  // Shifted as words: instruction sets have no shifts of bytes. The mask drops the neighbours.
  VectorType words = vectorOf(bytes.getDimSize(0) / 4, builder.getI32Type());
  Value word = vector::BitCastOp::create(builder, loc, words, stored);
  Value by = constantInteger(builder, loc, std::abs(right), words);
  if (right > 0)
    word = arith::ShRUIOp::create(builder, loc, word, by);
  else
    word = arith::ShLIOp::create(builder, loc, word, by);
  Value shifted = vector::BitCastOp::create(builder, loc, bytes, word);
  return arith::AndIOp::create(builder, loc, shifted, byte(mask, bytes));
}

void BlockReader::forEachQuad(int64_t chunks, function_ref<void(Value, int64_t, int64_t)> body) {
  int64_t ofRecord = geometry.codeBytes() * pack::kTileRows;
  llvm::DenseMap<std::pair<int64_t, int64_t>, Value> loaded; // by byte and chunk
  auto loadRegister = [&](int64_t at, int64_t chunk) {
    Value &stored = loaded[{at, chunk}];
    if (!stored)
      stored = loadBytes(chunk, 4, geometry.codes + at, pack::kRecordChannels, ofRecord);
    return stored;
  };
  auto codesOf = [&](int64_t quad, int64_t chunk) {
    Value codes;
    int64_t plane = 0, below = 0; // bytes and bits of the planes before
    for (int64_t bits : geometry.planes) {
      pack::PlacedQuad place = placeQuad(geometry, bits, quad);
      Value stored = loadRegister(plane + place.at * kRegister, chunk);
      Value part = bits == 8 ? stored : field(stored, bits, place.shift, below);
      codes = codes ? Value(arith::OrIOp::create(builder, loc, codes, part)) : part;
      plane += bits * kRegister;
      below += bits;
    }
    return codes;
  };
  ArrayRef<uint8_t> entries = pack::tableOf(pack::rowOf(format));
  ArrayRef<int8_t> table(reinterpret_cast<const int8_t *>(entries.data()), entries.size());
  auto order = quadsByRegister(geometry);
  auto isShared = [&](int64_t quad) { // quads of one register are emitted together, chunk by chunk
    return placeQuad(geometry, geometry.planes.front(), quad).at;
  };
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin; end < order.size() && isShared(order[end]) == isShared(order[begin]);)
      ++end;
    for (int64_t chunk = 0; chunk < chunks; ++chunk)
      for (int64_t quad : ArrayRef(order).slice(begin, end - begin)) {
        Value codes = codesOf(quad, chunk);
        if (!table.empty())
          codes = tile::LookupOp::create(builder, loc, codes, table);
        body(codes, quad, chunk);
      }
  }
}

/// Half of 2^(code - 127) by its bits: (code - 1) << 23, a denormal below code 2. Code 255, which
/// is no number, does not get this far: dialects/pack refuses it.
static Value halvedPowers(const Emitter &emitter, Value bytes, int64_t lanes) {
  OpBuilder &builder = emitter.builder;
  Location loc = emitter.loc;
  VectorType words = emitter.vectorOf(lanes, builder.getI32Type());
  auto constant = [&](int64_t value) { return constantInteger(builder, loc, value, words); };
  Value code = arith::ExtUIOp::create(builder, loc, words, bytes);
  Value normal = arith::ShLIOp::create(builder, loc, emitter.sub(code, constant(1)), constant(23));
  Value small = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, code, constant(2));
  Value shift = arith::SelectOp::create(builder, loc, small, code, constant(0));
  Value denormal = arith::ShLIOp::create(builder, loc, constant(0x00200000), shift);
  Value bits = arith::SelectOp::create(builder, loc, small, denormal, normal);
  return arith::BitcastOp::create(builder, loc, emitter.floats(lanes), bits);
}

Value BlockReader::widen(Value bytes) {
  if (cast<VectorType>(bytes.getType()).getDimSize(0) == lanes)
    return halvedPowers(*this, bytes, lanes);
  VectorType half = vectorOf(lanes, builder.getF16Type());
  Value narrow = vector::BitCastOp::create(builder, loc, half, bytes);
  return arith::ExtFOp::create(builder, loc, floats(lanes), narrow);
}

Value BlockReader::integers(int64_t chunk, bool minimum) {
  int64_t ofGroup = geometry.scaleBytes * pack::kTileRows;
  Value stored =
      loadBytes(chunk, 1, minimum ? geometry.minimums : geometry.scales, geometry.group, ofGroup);
  auto bytes = cast<VectorType>(stored.getType());
  if (geometry.sharesBytes)
    stored = minimum ? Value(arith::ShRUIOp::create(builder, loc, stored, byte(4, bytes)))
                     : Value(arith::AndIOp::create(builder, loc, stored, byte(15, bytes)));
  VectorType words = vectorOf(lanes, builder.getI32Type());
  Value wide = arith::ExtSIOp::create(builder, loc, words, stored);
  return arith::SIToFPOp::create(builder, loc, floats(lanes), wide);
}

Value BlockReader::loadScales(int64_t chunk, bool minimum) {
  auto load = [&](int64_t bytes, int64_t at) {
    return widen(loadBytes(chunk, bytes, at, geometry.span, 0));
  };
  if (!geometry.hasSuper)
    return load(geometry.scaleBytes, minimum ? geometry.minimums : geometry.scales);
  return mul(load(2, minimum ? geometry.superMinimum : geometry.superScale),
             integers(chunk, minimum));
}

} // namespace osscc::cpu
