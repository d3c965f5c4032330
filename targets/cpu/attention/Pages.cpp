#include "targets/cpu/attention/Pages.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {

SmallVector<HeadSlice> slicesOf(int64_t size) {
  SmallVector<HeadSlice> slices;
  for (int64_t begin = 0; begin < size;) {
    auto lanes = static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::min(size - begin, tile::kSumLanes))));
    slices.push_back({begin, lanes});
    begin += lanes;
  }
  return slices;
}

SmallVector<Value> PageAccess::loop(Value begin, Value end, ValueRange start, Body body) const {
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(1), start);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = loop.getBody();
  if (start.empty())
    builder.setInsertionPoint(block->getTerminator());
  else
    builder.setInsertionPointToEnd(block);
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!start.empty())
    scf::YieldOp::create(builder, loc, next);
  return SmallVector<Value>(loop.getResults());
}

Page PageAccess::pageOf(Value sequence, Value position) const {
  int64_t heads = cache.heads, size = cache.size, pageRows = cache.pageRows;
  Type type = cache.stored;
  Value number = div(position, pageRows);
  int64_t bytes = heads * size * pageRows * type.getIntOrFloatBitWidth() / 8;
  auto at = [&](MemRefType part, int64_t behind) -> Value {
    return abi::PageOp::create(builder, loc, part, cache.group, sequence, number,
                               add(cache.offset, behind));
  };
  auto keys = MemRefType::get({heads, pageRows / kPageStep, size, kPageStep}, type);
  auto values = MemRefType::get({heads, pageRows, size}, type);
  Page page{at(keys, 0), at(values, bytes), {}, {}};
  if (codes()) {
    auto scales = MemRefType::get({heads, pageRows}, builder.getF32Type());
    page.keyScales = at(scales, 2 * bytes);
    page.valueScales = at(scales, 2 * bytes + heads * pageRows * 4);
  }
  return page;
}

} // namespace osscc::cpu
