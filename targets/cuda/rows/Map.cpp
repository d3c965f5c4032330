// map: a thread is one channel of one row.
#include "targets/cuda/Populate.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace osscc::cuda {

constexpr int64_t kThreads = 128;

Number inlineRegion(const Emitter &emitter, Region &region, ArrayRef<Number> arguments) {
  IRMapping mapping;
  for (auto [argument, number] : llvm::zip_equal(region.getArguments(), arguments))
    mapping.map(argument, number.value);
  for (Operation &op : region.front().without_terminator())
    emitter.builder.clone(op, mapping);
  Value yielded = region.front().getTerminator()->getOperand(0);
  return emitter.number(mapping.lookupOrDefault(yielded));
}

/// An input's element: a value a channel serves every row; one channel serves every channel.
static Number loadInput(const Kernel &k, const Rows &input, Number row, Number channel) {
  bool isOne = input.width == 1;
  return isOne ? k.load(input, row, 0) : k.load(input, row, channel);
}

LogicalResult expand(Expansion &expansion, tile::MapOp op) {
  Kernel k(expansion, "", kThreads);
  Rows out = k.rows(op.getOut());
  SmallVector<Rows> inputs;
  for (Value input : op.getInputs())
    inputs.push_back(k.rows(input));
  Number channel = k.blockId(0) * kThreads + k.threadId(), row = k.blockId(1);
  k.when(channel < out.width, [&] {
    SmallVector<Number> values;
    for (const Rows &input : inputs)
      values.push_back(loadInput(k, input, row, channel));
    values.push_back(k.load(out, row, channel));
    k.store(inlineRegion(k, op.getBody(), values), out, row, channel);
  });
  k.launch(expansion.index((out.width + kThreads - 1) / kThreads), expansion.rowsOf(op.getOut()));
  return success();
}

} // namespace osscc::cuda
