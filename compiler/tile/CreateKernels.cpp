#include "compiler/tile/CreateKernels.h"

#include "dialects/llm/Llm.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace osscc {

Value emptyLike(OpBuilder &builder, Location loc, Value rows, RankedTensorType type) {
  Value count = tensor::DimOp::create(builder, loc, rows, 0);
  return tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType(),
                                 ValueRange{count});
}

void fillRegion(OpBuilder &builder, Location loc, Region &region, size_t arguments, Body body) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(arguments, builder.getF32Type());
  Block *block = builder.createBlock(&region, {}, types, SmallVector<Location>(arguments, loc));
  Value result = body(builder, loc, block->getArguments());
  tile::YieldOp::create(builder, loc, result);
}

tile::MapOp createMap(OpBuilder &builder, Location loc, ValueRange inputs, Value out, Body body) {
  auto map = tile::MapOp::create(builder, loc, TypeRange{out.getType()}, inputs, out);
  fillRegion(builder, loc, map.getBody(), inputs.size() + 1, body);
  return map;
}

Value sliceChannels(OpBuilder &builder, Location loc, Value rows, int64_t from, int64_t count) {
  auto type = cast<RankedTensorType>(rows.getType());
  Value height = tensor::DimOp::create(builder, loc, rows, 0);
  SmallVector<OpFoldResult> offsets = {builder.getIndexAttr(0), builder.getIndexAttr(from)};
  SmallVector<OpFoldResult> sizes = {height, builder.getIndexAttr(count)};
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  auto slice = RankedTensorType::get({type.getDimSize(0), count}, type.getElementType());
  return tensor::ExtractSliceOp::create(builder, loc, slice, rows, offsets, sizes, strides);
}

bool isInBlocks(Value weight) {
  auto block = dyn_cast<pack::BlockType>(weight.getType());
  return block && block.getFormat().isBlock();
}

bool readsHalves(Value weight) {
  return isInBlocks(weight) &&
         cast<pack::BlockType>(weight.getType()).getFormat().getGroup() < pack::kRecordChannels;
}

/// Whether a weight in groups of 16 channels reads `x`.
static bool areReadInHalves(Value x) {
  return llvm::any_of(x.getUsers(), [&](Operation *user) {
    if (auto linear = dyn_cast<llm::LinearOp>(user))
      return readsHalves(linear.getWeight());
    if (auto experts = dyn_cast<llm::ExpertsOp>(user))
      return readsHalves(experts.getGateUp());
    auto logits = dyn_cast<llm::LogitsOp>(user);
    return logits && readsHalves(logits.getHead());
  });
}

Value quantizeRows(OpBuilder &builder, Value x, int64_t planes) {
  for (Operation *user : x.getUsers())
    if (auto known = dyn_cast<tile::QuantizeRowsOp>(user))
      if (static_cast<int64_t>(known.getPlanes()) == planes)
        return known.getResult()[0];
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(x); // so that it is there for all of them
  auto rows = cast<RankedTensorType>(x.getType());
  auto type = RankedTensorType::get(
      {rows.getDimSize(0), tile::wordsOfRow(rows.getDimSize(1), planes, areReadInHalves(x))},
      builder.getI32Type());
  Value out = emptyLike(builder, x.getLoc(), x, type);
  return tile::QuantizeRowsOp::create(builder, x.getLoc(), TypeRange{type}, x, out,
                                      builder.getI64IntegerAttr(planes))
      .getResult()[0];
}

} // namespace osscc
