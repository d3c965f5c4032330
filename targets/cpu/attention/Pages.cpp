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
  tile::PageLayout layout(cache.layout);
  Value number = div(position, cache.layout.getRows());
  if (int64_t ring = cache.layout.getRing())
    number = rem(number, ring);
  auto at = [&](MemRefType part, int64_t behind) -> Value {
    return abi::PageOp::create(builder, loc, part, cache.layout.getGroup(), sequence, number,
                               add(cache.offset, behind));
  };
  Page page{};
  if (!cache.layout.isLatent())
    page.keys = at(layout.keysType, 0);
  page.values = at(layout.valuesType, layout.values);
  if (codes()) {
    page.keyScales = at(layout.scalesType, layout.keyScales);
    page.valueScales = at(layout.scalesType, layout.valueScales);
  }
  return page;
}

} // namespace osscc::cpu
