#include "compiler/import/Streams.h"

#include "dialects/llm/Streams.h"

using namespace mlir;

namespace osscc {

Value StreamsBuilder::match(Value x, Value target, double least) {
  return llm::MatchOp::create(builder, loc, x.getType(), x, target,
                              builder.getF32FloatAttr(static_cast<float>(least)));
}

Value StreamsBuilder::mix(ValueRange rows, Value weights, int64_t first) {
  return llm::MixOp::create(builder, loc, rows.front().getType(), rows, weights,
                            builder.getI64IntegerAttr(first));
}

SmallVector<Value> StreamsBuilder::unfold(const StreamsSpec &spec, Value embedded) {
  SmallVector<Value> streams = {embedded};
  for (const LinearSpec &weight : spec.unfold)
    streams.push_back(match(parts.linear(embedded, weight), embedded, spec.least));
  return streams;
}

Value StreamsBuilder::fold(const StreamsSpec &spec, ValueRange streams) {
  Value sum = streams.front();
  for (auto [stream, weight] : llvm::zip_equal(streams.drop_front(), spec.fold))
    sum = parts.add(sum, match(parts.linear(stream, weight), streams.front(), spec.least));
  return parts.scale(sum, 1 / static_cast<double>(spec.count()));
}

Value StreamsBuilder::route(const StreamUpdateSpec &spec, Value x) {
  Value scaled = parts.scale(parts.norm(x, spec.routerNorm), spec.routerScale);
  Value routed = parts.linear(scaled, spec.router);
  return llm::SoftcapOp::create(builder, loc, routed.getType(), routed, // tanh
                                builder.getF32FloatAttr(1));
}

SmallVector<Value> StreamsBuilder::predict(const StreamUpdateSpec &spec, ValueRange streams) {
  Value weights = parts.linear(route(spec, streams.front()), spec.predict); // [T, S * S]
  SmallVector<Value> predicted;
  for (auto [number, stream] : llvm::enumerate(streams))
    predicted.push_back(
        parts.add(stream, mix(streams, weights, static_cast<int64_t>(number * streams.size()))));
  return predicted;
}

SmallVector<Value> StreamsBuilder::correct(const StreamUpdateSpec &spec, ValueRange predicted,
                                           Value y) {
  Value weights = parts.linear(route(spec, y), spec.correct); // [T, S]
  Value change = parts.add(y, parts.scale(predicted.front(), -1));
  SmallVector<Value> corrected;
  for (auto [number, stream] : llvm::enumerate(predicted))
    corrected.push_back(
        parts.add(parts.add(stream, change), mix(change, weights, static_cast<int64_t>(number))));
  return corrected;
}

} // namespace osscc
