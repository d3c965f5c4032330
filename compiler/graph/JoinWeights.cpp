// Matrices and rows of one value a channel join alike: along their first axis.
#include "compiler/graph/JoinWeights.h"

#include "dialects/llm/Llm.h"

using namespace mlir;

namespace osscc {

/// The weight's type with `rows` rows.
static Type withRows(Type weight, int64_t rows) {
  SmallVector<int64_t> shape(llm::shapeOf(weight));
  shape[0] = rows;
  if (auto block = dyn_cast<pack::BlockType>(weight))
    return pack::BlockType::get(weight.getContext(), shape, block.getFormat(), block.getLayout());
  return RankedTensorType::get(shape, cast<RankedTensorType>(weight).getElementType());
}

bool canJoin(ArrayRef<Value> weights) {
  Value first = weights.front();
  return llvm::all_of(weights, [&](Value weight) {
    if (!first || !weight)
      return !first && !weight;
    return withRows(weight.getType(), 1) == withRows(first.getType(), 1);
  });
}

Value joinWeights(OpBuilder &builder, Location loc, ArrayRef<Value> weights) {
  if (!weights.front())
    return {};
  int64_t rows = 0;
  for (Value weight : weights)
    rows += llm::shapeOf(weight.getType())[0];
  Type whole = withRows(weights.front().getType(), rows);
  return llm::ConcatOp::create(builder, loc, whole, weights);
}

} // namespace osscc
