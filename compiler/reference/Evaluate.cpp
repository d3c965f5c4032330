// Walks the ops of a function in order; a frame holds the tensor of every value.
#include "compiler/reference/Evaluate.h"

#include "compiler/reference/Experts.h"
#include "compiler/reference/Recurrence.h"
#include "compiler/reference/Streams.h"
#include "compiler/reference/Weights.h"
#include "dialects/llm/Llm.h"
#include "dialects/llm/Streams.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "support/Error.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace osscc::reference {
namespace {

using Result = llvm::Expected<Tensor>;

/// One call of one function.
class Frame {
public:
  Frame(func::FuncOp function, const Rows &rows, Cache &cache, StringRef directory)
      : function(function), rows(rows), cache(cache), directory(directory) {}

  llvm::Expected<std::vector<Tensor>> run(ArrayRef<Tensor> inputs);

private:
  llvm::Error bindArguments(ArrayRef<Tensor> inputs);
  llvm::Error step(Operation *op);
  llvm::Error split(llm::SplitOp op);
  llvm::Error route(llm::RouteOp op);

  Result evaluate(arith::ConstantOp op);
  Result evaluate(pack::GetOp op);
  Result evaluate(llm::EmbedOp op) {
    return op.getOfPositions() ? embedPositions(rows, of(op.getTable()))
                               : embed(rows, of(op.getTable()));
  }
  Result evaluate(llm::LinearOp op) {
    if (op.getGroups() != 1)
      return groupedLinear(of(op.getX()), of(op.getWeight()), static_cast<int64_t>(op.getGroups()));
    return linear(of(op.getX()), of(op.getWeight()), op.getBias() ? &of(op.getBias()) : nullptr);
  }
  Result evaluate(llm::LogitsOp op) { return linear(of(op.getX()), of(op.getHead())); }
  Result evaluate(llm::RmsNormOp op) {
    NormScale scale{op.groupChannels(), op.getScale() ? &of(op.getScale()) : nullptr,
                    op.getOffset().convertToFloat()};
    return rmsNorm(of(op.getX()), scale, op.getEps().convertToFloat());
  }
  Result evaluate(llm::LayerNormOp op) {
    NormScale scale{op.groupChannels(), op.getScale() ? &of(op.getScale()) : nullptr,
                    op.getOffset().convertToFloat()};
    return layerNorm(of(op.getX()), scale, op.getBias() ? &of(op.getBias()) : nullptr,
                     op.getEps().convertToFloat());
  }
  Result evaluate(llm::RopeOp op) {
    return rope(rows, of(op.getX()), op.getRope().inverseFrequencies(), op.getRope().turnFactor());
  }
  Result evaluate(llm::AttentionOp op);
  Result evaluate(llm::GluOp op);
  Result evaluate(llm::ActivateOp op) { return activate(op.getActivation(), of(op.getX())); }
  Result evaluate(llm::GateOp op) { return weigh(of(op.getX()), of(op.getGate())); }
  Result evaluate(llm::ScaleOp op) { return scale(of(op.getX()), op.getFactor().convertToFloat()); }
  Result evaluate(llm::MultiplyOp op) { return multiply(of(op.getX()), of(op.getWeight())); }
  Result evaluate(llm::SoftcapOp op) {
    return softcap(of(op.getX()), op.getCap().convertToFloat());
  }
  Result evaluate(llm::MixOp op) {
    SmallVector<const Tensor *> parts;
    for (Value part : op.getParts())
      parts.push_back(&of(part));
    return mix(parts, of(op.getWeights()), static_cast<int64_t>(op.getFirst()));
  }
  Result evaluate(llm::MatchOp op) {
    return match(of(op.getX()), of(op.getTarget()), op.getLeast().convertToFloat());
  }
  Result evaluate(llm::XieluOp op) {
    return xielu(of(op.getX()),
                 {of(op.getPositive()), of(op.getNegative()), of(op.getBeta()), of(op.getEps())});
  }
  Result evaluate(llm::CutoffOp op) {
    return cutoff(of(op.getX()), op.getDeviations().convertToFloat());
  }
  Result evaluate(llm::ExpertsOp op);
  Result evaluate(llm::ShortConvOp op) {
    return shortConv(rows, cache, layerOf(op.getState().getType(), op.getLayer()), of(op.getX()),
                     of(op.getWeight()), op.getActivationAttr());
  }
  Result evaluate(llm::DeltaRuleOp op) {
    return deltaRule(rows, cache, layerOf(op.getState().getType(), op.getLayer()),
                     {of(op.getQ()), of(op.getK()), of(op.getV()), of(op.getA()), of(op.getB()),
                      of(op.getRates()), of(op.getShifts()), op.getEps().convertToDouble(),
                      op.getLogRates(), op.getTiled()});
  }
  Result evaluate(llm::AddOp op) { return add(of(op.getA()), of(op.getB())); }
  Result evaluate(llm::ConcatOp op);
  Result evaluate(llm::OutputRowsOp op) { return outputRows(rows, of(op.getX())); }

  static CacheLayer layerOf(llm::CacheType type, int64_t layer) {
    return {type.getGroup(), layer, type.getHeads(), type.getSize(), type.getValues()};
  }
  static StateLayer layerOf(llm::StateType type, uint64_t layer) {
    return {type, static_cast<int64_t>(layer)};
  }
  const Tensor &of(Value value) const { return values.find(value)->second; }
  llvm::Error fail(Operation *op, const Twine &message) {
    return inputError("function @" + function.getSymName(),
                      op->getName().getStringRef() + ": " + message);
  }

  func::FuncOp function;
  const Rows &rows;
  Cache &cache;
  StringRef directory;
  llvm::DenseMap<Value, Tensor> values;
};

Result Frame::evaluate(arith::ConstantOp op) {
  auto elements = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!elements || !isa<FloatType>(elements.getElementType()) || elements.getType().getRank() < 1 ||
      elements.getType().getRank() > 3)
    return fail(op, "only dense vectors, matrices and stacks of floats are evaluated");
  return fromElements(elements);
}

Result Frame::evaluate(pack::GetOp op) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<pack::WeightOp>(op, op.getWeightAttr());
  return readWeight(weight, directory);
}

Result Frame::evaluate(llm::AttentionOp op) {
  Look look{op.getScale().convertToFloat()};
  if (op.getMask()) {
    look.window = op.getMask()->getWindow();
    look.chunked = op.getMask()->getChunked();
  }
  if (op.getTemperature())
    look.temperature = *op.getTemperature();
  if (op.getSinks())
    look.sinks = &of(op.getSinks());
  if (op.getSoftcap())
    look.softcap = op.getSoftcap()->convertToDouble();
  if (op.getRest())
    look.rest = &of(op.getRest());
  return attention(rows, cache, layerOf(op.getCache().getType(), op.getLayer()), of(op.getQ()),
                   look);
}

Result Frame::evaluate(llm::GluOp op) {
  const Tensor &gate = of(op.getGate());
  if (op.getUp())
    return glu(op.getActivation(), gate, of(op.getUp()));
  int64_t half = gate.columns / 2;
  return glu(op.getActivation(), sliceChannels(gate, 0, half), sliceChannels(gate, half, half));
}

Result Frame::evaluate(llm::ExpertsOp op) {
  auto stack = [&](Value weight, Value bias) {
    return Stack{of(weight), bias ? &of(bias) : nullptr};
  };
  return experts(of(op.getX()), of(op.getIds()), of(op.getWeights()),
                 stack(op.getGateUp(), op.getGateUpBias()), stack(op.getDown(), op.getDownBias()),
                 op.getActivation(), op.getWeighsInput());
}

Result Frame::evaluate(llm::ConcatOp op) {
  std::vector<Tensor> parts;
  for (Value part : op.getParts())
    parts.push_back(of(part));
  return llm::shapeOf(op.getWhole().getType()).size() == 1 ? concatValues(parts)
                                                           : concatRows(parts);
}

llvm::Error Frame::split(llm::SplitOp op) {
  int64_t first = 0;
  for (Value part : op.getParts()) {
    int64_t count = cast<RankedTensorType>(part.getType()).getDimSize(1);
    values[part] = sliceChannels(of(op.getX()), first, count);
    first += count;
  }
  return llvm::Error::success();
}

llvm::Error Frame::route(llm::RouteOp op) {
  Routed routed = reference::route(of(op.getLogits()), static_cast<int64_t>(op.getTop()),
                                   op.getRouting(), op.getBias() ? &of(op.getBias()) : nullptr,
                                   op.getScales() ? &of(op.getScales()) : nullptr);
  values[op.getIds()] = std::move(routed.ids);
  values[op.getWeights()] = std::move(routed.weights);
  return llvm::Error::success();
}

/// Whether an operand has a row for each of the call's: vectors are weights.
bool areRowsOf(Operation *op, Value operand) {
  auto type = dyn_cast<RankedTensorType>(operand.getType());
  auto conv = dyn_cast<llm::ShortConvOp>(op);
  return type && type.getRank() == 2 && !isa<llm::EmbedOp>(op) &&
         !(conv && operand == conv.getWeight());
}

/// Evaluates one op. Verifiers have checked the channels; rows are dynamic, so they are checked
/// here.
llvm::Error Frame::step(Operation *op) {
  if (llvm::any_of(op->getOperandTypes(), llvm::IsaPred<llm::RowsType>))
    for (Value operand : op->getOperands())
      if (areRowsOf(op, operand) && of(operand).rows != rows.count())
        return fail(op, "has " + Twine(of(operand).rows) + " rows, but the call has " +
                            Twine(rows.count()));
  if (auto sum = dyn_cast<llm::AddOp>(op); sum && of(sum.getA()).rows != of(sum.getB()).rows)
    return fail(op, "adds rows of different number");
  if (auto gated = dyn_cast<llm::GateOp>(op);
      gated && of(gated.getX()).rows != of(gated.getGate()).rows)
    return fail(op, "weighs rows by gates of another number");
  if (auto parts = dyn_cast<llm::SplitOp>(op))
    return split(parts);
  if (auto routing = dyn_cast<llm::RouteOp>(op))
    return route(routing);
  if (auto append = dyn_cast<llm::KvAppendOp>(op)) {
    kvAppend(rows, cache, layerOf(append.getCache().getType(), append.getLayer()),
             of(append.getK()), of(append.getV()));
    return llvm::Error::success();
  }
  Result result =
      llvm::TypeSwitch<Operation *, Result>(op)
          .Case<arith::ConstantOp, pack::GetOp, llm::EmbedOp, llm::LinearOp, llm::LogitsOp,
                llm::RmsNormOp, llm::LayerNormOp, llm::RopeOp, llm::AttentionOp, llm::GluOp,
                llm::ActivateOp, llm::GateOp, llm::ScaleOp, llm::MultiplyOp, llm::SoftcapOp,
                llm::MixOp, llm::MatchOp, llm::CutoffOp, llm::XieluOp, llm::ExpertsOp,
                llm::ShortConvOp, llm::DeltaRuleOp, llm::AddOp, llm::ConcatOp, llm::OutputRowsOp>(
              [&](auto known) { return evaluate(known); })
          .Default([&](Operation *other) -> Result { return fail(other, "is not evaluated"); });
  if (!result)
    return result.takeError();
  values[op->getResult(0)] = std::move(*result);
  return llvm::Error::success();
}

llvm::Error Frame::bindArguments(ArrayRef<Tensor> inputs) {
  for (BlockArgument argument : function.getArguments()) {
    if (isa<llm::RowsType, llm::CacheType, llm::StateType>(argument.getType()))
      continue;
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || inputs.empty() || inputs.front().columns != matrixShape(type.getShape()).second)
      return inputError("function @" + function.getSymName(),
                        "argument " + Twine(argument.getArgNumber()) + " has no value",
                        "write test inputs as arith.constant");
    values[argument] = inputs.front();
    inputs = inputs.drop_front();
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<Tensor>> Frame::run(ArrayRef<Tensor> inputs) {
  if (function.isExternal())
    return inputError("function @" + function.getSymName(), "has no body");
  if (llvm::Error error = bindArguments(inputs))
    return error;
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (llvm::Error error = step(&op))
      return error;
  std::vector<Tensor> results;
  for (Value value : body.getTerminator()->getOperands()) {
    if (!values.contains(value))
      return fail(body.getTerminator(), "returns a handle");
    results.push_back(of(value));
  }
  return results;
}

/// The four lists of rows fit each other.
llvm::Error checkRows(const Rows &rows) {
  int64_t count = rows.count();
  if (static_cast<int64_t>(rows.positions.size()) != count ||
      static_cast<int64_t>(rows.sequences.size()) != count)
    return inputError("rows", Twine(count) + " tokens, " + Twine(rows.positions.size()) +
                                  " positions and " + Twine(rows.sequences.size()) +
                                  " sequences: a row has one of each");
  for (int64_t position : rows.positions)
    if (position < 0)
      return inputError("rows", "position " + Twine(position) + " is negative");
  for (int64_t output : rows.outputs)
    if (output < 0 || output >= count)
      return inputError("rows", "output row " + Twine(output) + " of " + Twine(count));
  return llvm::Error::success();
}

} // namespace

Rows rowsOf(ArrayRef<std::vector<int64_t>> sequences) {
  Rows rows;
  for (auto [number, tokens] : llvm::enumerate(sequences))
    for (auto [position, token] : llvm::enumerate(tokens)) {
      rows.outputs.push_back(rows.count());
      rows.tokens.push_back(token);
      rows.positions.push_back(static_cast<int64_t>(position));
      rows.sequences.push_back(static_cast<int64_t>(number));
    }
  return rows;
}

llvm::Expected<std::vector<Tensor>> evaluateFunction(func::FuncOp function, const Rows &rows,
                                                     Cache &cache, ArrayRef<Tensor> inputs,
                                                     StringRef directory) {
  if (llvm::Error error = checkRows(rows))
    return error;
  return Frame(function, rows, cache, directory).run(inputs);
}

Result evaluateModel(ModuleOp module, StringRef directory, const Rows &rows) {
  auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
  if (!config)
    return inputError("module", "has no llm.config", "give what osscc --emit=graph prints");
  for (int64_t position : rows.positions)
    if (position >= config.getPositions())
      return inputError("rows", "position " + Twine(position) + ", but the model has " +
                                    Twine(config.getPositions()));
  std::vector<std::string> names = {"embed"};
  for (int64_t layer = 0; layer < config.getLayers(); ++layer)
    names.push_back("layer_" + std::to_string(layer));
  names.push_back("head");

  Cache cache;
  std::vector<Tensor> handedOn;
  for (const std::string &name : names) {
    auto segment = module.lookupSymbol<func::FuncOp>(name);
    if (!segment)
      return inputError("module", "has no function @" + name);
    auto results = evaluateFunction(segment, rows, cache, handedOn, directory);
    if (!results)
      return results.takeError();
    size_t expected = name == "head" ? 1 : config.handedOn().size();
    if (results->size() != expected)
      return inputError("function @" + name, "returns " + Twine(results->size()) +
                                                 " values, expected " + Twine(expected));
    handedOn = std::move(*results);
  }
  return std::move(handedOn.front());
}

} // namespace osscc::reference
