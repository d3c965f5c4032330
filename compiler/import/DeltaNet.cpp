#include "compiler/import/DeltaNet.h"

#include "dialects/llm/Recurrence.h"

using namespace mlir;

namespace osscc {

Type stateType(MLIRContext *context, const DeltaNetSpec &net, const CachePlace &place) {
  return llm::StateType::get(context, place.group, net.valueHeads, net.keySize, net.valueSize,
                             net.channels(), net.taps - 1);
}

Value buildDeltaNet(OpBuilder &builder, Location loc, const DeltaNetSpec &net,
                    const CachePlace &place, const MixerInputs &inputs, const PartBuilders &parts) {
  auto rowsOf = [&](int64_t channels) -> Type {
    return RankedTensorType::get({ShapedType::kDynamic, channels}, builder.getF32Type());
  };
  auto silu =
      llm::ActivationAttr::get(builder.getContext(), llm::ActivationKind::Silu, nullptr, nullptr);
  Value mixed = parts.linear(inputs.x, net.mixed); // [T, 2 H * keys + G * values]
  Value convolved = llm::ShortConvOp::create(builder, loc, mixed.getType(), inputs.rows,
                                             inputs.state, mixed, parts.get(net.convolution),
                                             builder.getI64IntegerAttr(place.layer), silu);
  SmallVector<Type> types = {rowsOf(net.keys()), rowsOf(net.keys()), rowsOf(net.values())};
  auto split = llm::SplitOp::create(builder, loc, types, convolved);
  Value a = parts.linear(inputs.x, net.decay), b = parts.linear(inputs.x, net.beta); // [T, G]
  Value q = split.getParts()[0], k = split.getParts()[1], v = split.getParts()[2];
  Value y = llm::DeltaRuleOp::create(builder, loc, v.getType(), inputs.rows, inputs.state, q, k, v,
                                     a, b, parts.get(net.rates), parts.get(net.shifts),
                                     builder.getI64IntegerAttr(place.layer),
                                     builder.getF32FloatAttr(static_cast<float>(net.eps)),
                                     net.logRates ? builder.getUnitAttr() : UnitAttr(),
                                     net.tiled ? builder.getUnitAttr() : UnitAttr());
  Value gate = parts.linear(inputs.x, net.gate), normed = parts.norm(y, net.norm);
  Value gated = llm::GluOp::create(builder, loc, normed.getType(), silu, gate, normed);
  return parts.linear(gated, net.output);
}

} // namespace osscc
