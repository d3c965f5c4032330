// Matrices and rows of one value a channel join alike: along their first axis.
#include "compiler/graph/JoinWeights.h"

#include "dialects/llm/Llm.h"
#include "dialects/pack/gguf/Types.h"

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

/// The blocks that a weight is decoded from: such a weight is stored otherwise than floats.
static const pack::gguf::Type *blocksOf(Value weight) {
  auto get = weight.getDefiningOp<pack::GetOp>();
  auto stored = get ? SymbolTable::lookupNearestSymbolFrom<pack::WeightOp>(get, get.getWeightAttr())
                    : pack::WeightOp();
  return stored ? pack::gguf::blocksOf(stored) : nullptr;
}

bool canJoin(ArrayRef<Value> weights) {
  Value first = weights.front();
  return llvm::all_of(weights, [&](Value weight) {
    if (!first || !weight)
      return !first && !weight;
    return withRows(weight.getType(), 1) == withRows(first.getType(), 1) &&
           blocksOf(weight) == blocksOf(first);
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
