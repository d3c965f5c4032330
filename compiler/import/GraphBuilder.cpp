// Each part of a spec has one function that builds it; none asks what family the part is of.
//
// Letters: T rows of a call (dynamic), D hidden, H query heads, K key-value heads, d head size, F
// MLP width, V vocabulary.
#include "compiler/import/GraphBuilder.h"

#include "compiler/import/CachePlaces.h"
#include "compiler/import/DeltaNet.h"
#include "compiler/import/Streams.h"
#include "compiler/import/WeightRecipes.h"
#include "dialects/llm/Llm.h"
#include "dialects/llm/Streams.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace osscc {

namespace {

class GraphBuilder {
  /// Calls `make` with what builds the parts of streams.
  template <typename Make> auto withStreams(Make make) {
    auto linear = [&](Value x, const LinearSpec &weight) { return this->linear(x, weight); };
    auto norm = [&](Value x, const NormSpec &weight) { return this->norm(x, weight); };
    auto add = [&](Value a, Value b) { return this->add(a, b); };
    auto scale = [&](Value x, double factor) { return this->scale(x, factor); };
    StreamBuilders parts{linear, norm, add, scale};
    return make(StreamsBuilder(builder, loc, parts));
  }

public:
  GraphBuilder(MLIRContext &context, const ModelSpec &spec, const Checkpoint &checkpoint)
      : spec(spec), caches(placeCaches(spec)), builder(&context), loc(builder.getUnknownLoc()),
        weights(builder, checkpoint) {}

  OwningOpRef<ModuleOp> build() {
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    auto layers = static_cast<int64_t>(spec.layers.size());
    (*module)->setAttr(
        "llm.config", // no limit on the rows of a call yet: llm-specialize-rows sets one
        llm::ConfigAttr::get(builder.getContext(), builder.getStringAttr(spec.family), layers,
                             spec.hidden, spec.vocabulary, spec.positions, spec.positions,
                             carried()));
    builder.setInsertionPointToEnd(module->getBody());
    spec.forEachWeight([&](const WeightSpec &weight) { weights.declare(weight); });

    buildSegment("embed", "embed", {}, [&](Block &body) -> SmallVector<Value> {
      Value x = embedded(body.getArgument(0));
      if (!spec.streams)
        return {x};
      return withStreams([&](StreamsBuilder streams) { return streams.unfold(*spec.streams, x); });
    });
    for (int64_t index = 0; index < layers; ++index)
      buildLayer(spec.layers[index], index, caches[index]);
    buildSegment("head", "head", streamTypes(), [&](Block &body) -> SmallVector<Value> {
      Value x = body.getArgument(1);
      if (spec.streams)
        x = withStreams([&](StreamsBuilder streams) {
          return streams.fold(*spec.streams, body.getArguments().drop_front());
        });
      x = norm(x, spec.finalNorm);
      Value table = get(spec.head ? *spec.head : spec.embedding);
      Value logits = llm::LogitsOp::create(builder, loc, rowsOf(spec.vocabulary), x, table);
      return {softcap(scale(logits, spec.logitScale), spec.logitSoftcap)};
    });
    return module;
  }

private:
  /// tensor<?x channels x f32>: T rows.
  RankedTensorType rowsOf(int64_t channels) {
    return RankedTensorType::get({ShapedType::kDynamic, channels}, builder.getF32Type());
  }
  /// The rows that segments hand on: the hidden ones, then the other streams.
  SmallVector<Type> streamTypes() {
    return SmallVector<Type>(spec.streams ? spec.streams->count() : 1, rowsOf(spec.hidden));
  }
  DenseI64ArrayAttr carried() {
    if (!spec.streams)
      return nullptr;
    return builder.getDenseI64ArrayAttr(
        SmallVector<int64_t>(spec.streams->unfold.size(), spec.hidden));
  }
  Type cacheType(const LayerSpec &layer, const CachePlace &place) {
    const AttentionSpec &attention = layer.attention;
    if (layer.deltaNet)
      return stateType(builder.getContext(), *layer.deltaNet, place);
    return llm::CacheType::get(builder.getContext(), place.group, attention.kvHeads,
                               attention.headSize, place.window,
                               attention.latent ? attention.latent->rank : 0);
  }

  /// func.func @name(%rows, inputs...) -> the types of what `body` returns
  void buildSegment(const std::string &name, StringRef kind, ArrayRef<Type> inputs,
                    llvm::function_ref<SmallVector<Value>(Block &)> body) {
    SmallVector<Type> arguments = {llm::RowsType::get(builder.getContext())};
    llvm::append_range(arguments, inputs);
    auto function =
        func::FuncOp::create(builder, loc, name, builder.getFunctionType(arguments, {}));
    function->setAttr("llm.segment", builder.getStringAttr(kind));
    OpBuilder::InsertionGuard guard(builder);
    Block &block = *function.addEntryBlock();
    builder.setInsertionPointToStart(&block);
    SmallVector<Value> results = body(block);
    func::ReturnOp::create(builder, loc, results);
    function.setFunctionType(builder.getFunctionType(arguments, ValueRange(results).getTypes()));
  }

  Value get(const WeightSpec &weight) { return weights.get(weight); }

  Value norm(Value x, const std::optional<NormSpec> &norm) {
    if (!norm)
      return x;
    if (norm->scale && norm->size != 0 && norm->scale->shape[0] != norm->size) {
      NormSpec unscaled = *norm;
      unscaled.scale = std::nullopt;
      return multiply(this->norm(x, unscaled), *norm->scale);
    }
    bool included = norm->scale && weights.tensorOf(*norm->scale).includesOffset;
    Value scale = norm->scale ? get(*norm->scale) : Value();
    FloatAttr eps = builder.getF32FloatAttr(static_cast<float>(norm->eps));
    IntegerAttr size = builder.getI64IntegerAttr(norm->size);
    FloatAttr offset = builder.getF32FloatAttr(included ? 0 : static_cast<float>(norm->offset));
    if (!norm->centered)
      return llm::RmsNormOp::create(builder, loc, x.getType(), x, scale, eps, size, offset);
    Value bias = norm->bias ? get(*norm->bias) : Value();
    return llm::LayerNormOp::create(builder, loc, x.getType(), x, scale, bias, eps, size, offset);
  }
  /// A scale as the type of the table holds it where it is rounded, by way of f32 as in the
  /// reference.
  double rounded(double scale, const WeightSpec &table) {
    if (!spec.roundsEmbeddingScale)
      return scale;
    auto stored = cast<FloatType>(weights.elementOf(weights.tensorOf(table)));
    APFloat value(static_cast<float>(scale));
    bool loses = false;
    value.convert(stored.getFloatSemantics(), APFloat::rmNearestTiesToEven, &loses);
    return value.convertToDouble();
  }
  /// The scaled rows of the embedding, with those of their positions.
  Value embedded(Value rows) {
    Value x = llm::EmbedOp::create(builder, loc, rowsOf(spec.hidden), rows, get(spec.embedding));
    x = scale(x, rounded(spec.embeddingScale, spec.embedding));
    if (spec.positionTable)
      x = add(x, llm::EmbedOp::create(builder, loc, rowsOf(spec.hidden), rows,
                                      get(*spec.positionTable), /*of_positions=*/true));
    return norm(x, spec.embeddingNorm);
  }
  Value multiply(Value x, const WeightSpec &weight) {
    return llm::MultiplyOp::create(builder, loc, x.getType(), x, get(weight));
  }
  Value softcap(Value x, double cap) {
    if (cap == 0)
      return x;
    return llm::SoftcapOp::create(builder, loc, x.getType(), x,
                                  builder.getF32FloatAttr(static_cast<float>(cap)));
  }
  Value scale(Value x, double factor) {
    if (factor == 1)
      return x;
    return llm::ScaleOp::create(builder, loc, x.getType(), x,
                                builder.getF32FloatAttr(static_cast<float>(factor)));
  }
  Value linear(Value x, const LinearSpec &weight) {
    Value bias = weight.bias ? get(*weight.bias) : Value();
    return llm::LinearOp::create(builder, loc, rowsOf(weight.shape[0]), x, get(weight), bias);
  }
  llm::RopeScalingAttr ropeScaling(const RopeSpec &rope) {
    if (!rope.scaling)
      return {};
    const RopeScalingSpec &scaling = *rope.scaling;
    StringAttr kind = builder.getStringAttr(scaling.kind);
    MLIRContext *context = builder.getContext();
    if (scaling.kind == "divisors")
      return llm::RopeScalingAttr::get(context, kind, nullptr, nullptr, nullptr, nullptr,
                                       builder.getDenseF32ArrayAttr(scaling.divisors));
    bool isProportional = scaling.kind == "proportional";
    bool bounded = scaling.kind == "llama3" || scaling.kind == "yarn";
    auto number = [&](double value) { return builder.getF64FloatAttr(value); };
    return llm::RopeScalingAttr::get(context, kind, number(scaling.factor),
                                     bounded || isProportional ? number(scaling.low) : nullptr,
                                     bounded ? number(scaling.high) : nullptr,
                                     scaling.kind == "llama3" ? number(scaling.original) : nullptr,
                                     nullptr);
  }
  /// The heads of `x`, turned where the layer's positions turn them.
  Value rotate(Value rows, Value x, const std::optional<RopeSpec> &rope) {
    if (!rope)
      return x;
    FloatAttr factor = rope->factor == 1 ? FloatAttr() : builder.getF64FloatAttr(rope->factor);
    auto attr =
        llm::RopeAttr::get(builder.getContext(), rope->dims, builder.getF64FloatAttr(rope->theta),
                           ropeScaling(*rope), factor, rope->turned);
    return llm::RopeOp::create(builder, loc, x.getType(), rows, x, attr);
  }
  Value add(Value a, Value b) { return llm::AddOp::create(builder, loc, a.getType(), a, b); }

  /// What attention or feed-forward add to x: their outputs, normed together, scaled.
  Value addTo(Value x, ArrayRef<Value> outputs, const std::optional<NormSpec> &after,
              double factor) {
    if (!after) {
      for (Value output : outputs)
        x = add(x, scale(output, factor));
      return x;
    }
    Value sum = outputs.front();
    for (Value output : outputs.drop_front())
      sum = add(sum, output);
    return add(x, scale(norm(sum, after), factor));
  }

  /// x + attention(norm x), then that + feedForward(norm of it); or x + both of one norm.
  Value addParts(const LayerSpec &layer, const CachePlace &place, Value rows, Value cache,
                 Value x) {
    Value normed = norm(x, layer.beforeAttention);
    Value y = buildMixer(layer, place, rows, cache, normed);
    if (!layer.parallel) {
      x = addTo(x, y, layer.afterAttention, layer.residualScale);
      if (layer.branch)
        x = scale(add(x, build(*layer.branch, normed)), layer.branchScale);
      normed = norm(x, layer.beforeFeedForward);
    }
    SmallVector<Value, 2> outputs =
        std::visit([&](const auto &part) { return outputsOf(part, x, normed); }, layer.feedForward);
    if (layer.parallel)
      outputs.insert(outputs.begin(), y);
    return addTo(x, outputs, layer.afterFeedForward, layer.residualScale);
  }

  void buildLayer(const LayerSpec &layer, int64_t index, const CachePlace &place) {
    SmallVector<Type> inputs = {cacheType(layer, place)};
    llvm::append_range(inputs, streamTypes());
    buildSegment("layer_" + std::to_string(index), "layer", inputs,
                 [&](Block &body) -> SmallVector<Value> {
                   Value rows = body.getArgument(0), cache = body.getArgument(1);
                   if (layer.streams)
                     return updated(layer, place, rows, cache, body.getArguments().drop_front(2));
                   Value x = addParts(layer, place, rows, cache, body.getArgument(2));
                   if (layer.tokenInput)
                     x = addTo(x, build(*layer.tokenInput, rows, x), layer.tokenInput->after, 1);
                   return {layer.scalar ? multiply(x, *layer.scalar) : x};
                 });
  }

  /// The streams behind a layer, whose input of its token goes to all but the first.
  SmallVector<Value> updated(const LayerSpec &layer, const CachePlace &place, Value rows,
                             Value cache, ValueRange streams) {
    return withStreams([&](StreamsBuilder update) {
      SmallVector<Value> predicted = update.predict(*layer.streams, streams);
      Value y = addParts(layer, place, rows, cache, predicted.front());
      SmallVector<Value> corrected = update.correct(*layer.streams, predicted, y);
      if (!layer.tokenInput)
        return corrected;
      Value first = corrected.front();
      if (layer.streams->scale)
        first = multiply(first, *layer.streams->scale);
      Value own = norm(build(*layer.tokenInput, rows, first), layer.tokenInput->after);
      for (Value &stream : llvm::drop_begin(corrected))
        stream = add(stream, own);
      return corrected;
    });
  }

  /// x + norm(up(down x))
  Value build(const LowRankSpec &spec, Value x) {
    return add(x, norm(linear(linear(x, spec.down), spec.up), spec.after));
  }

  llm::TemperatureAttr temperature(const AttentionSpec &spec) {
    if (!spec.temperature)
      return {};
    return llm::TemperatureAttr::get(builder.getContext(), spec.temperature->step,
                                     builder.getF64FloatAttr(spec.temperature->scale),
                                     spec.temperature->offset);
  }

  /// Each group of `x`, a head, by its own matrix of a stack [G, N, K].
  Value groupedLinear(Value x, const LinearSpec &weight) {
    return llm::LinearOp::create(builder, loc, rowsOf(weight.shape[0] * weight.shape[1]), x,
                                 get(weight), Value(), weight.shape[0]);
  }

  /// valueUp(attention(keyUp(queryNope c), queryRope c, latent, keyRope x))
  Value build(const LatentSpec &latent, const AttentionSpec &spec, const CachePlace &place,
              Value rows, Value cache, Value x) {
    Value compressed = x;
    if (latent.queryDown)
      compressed = linear(x, *latent.queryDown);
    if (latent.queryNorm)
      compressed = norm(compressed, *latent.queryNorm);
    Value rest = rotate(rows, linear(compressed, latent.queryRope), spec.rope);  // [T, H * rope]
    Value v = norm(linear(x, latent.latentDown), latent.latentNorm);             // [T, rank]
    Value k = rotate(rows, linear(x, latent.keyRope), spec.rope);                // [T, rope]
    Value q = groupedLinear(linear(compressed, latent.queryNope), latent.keyUp); // [T, H * rank]
    llm::KvAppendOp::create(builder, loc, rows, cache, k, v, place.layer);
    Value y = llm::AttentionOp::create(builder, loc, q.getType(), rows, cache, q, rest, Value(),
                                       builder.getI64IntegerAttr(place.layer),
                                       builder.getF32FloatAttr(spec.scale), llm::MaskAttr(),
                                       /*softcap=*/FloatAttr(), temperature(spec));
    return linear(groupedLinear(y, latent.valueUp), spec.output);
  }

  Value build(const DeltaNetSpec &net, const CachePlace &place, Value rows, Value state, Value x) {
    return buildDeltaNet(builder, loc, net, place, {rows, state, x},
                         {[&](Value x, const LinearSpec &weight) { return linear(x, weight); },
                          [&](Value x, const NormSpec &weight) { return norm(x, weight); },
                          [&](const WeightSpec &weight) { return get(weight); }});
  }

  /// What stands in a layer between the norm before its attention and the one behind.
  Value buildMixer(const LayerSpec &layer, const CachePlace &place, Value rows, Value cache,
                   Value x) {
    if (layer.deltaNet)
      return build(*layer.deltaNet, place, rows, cache, x);
    return build(layer.attention, place, rows, cache, x);
  }

  /// output(attention(query x, key x, value x) * sigmoid(gate x))
  Value build(const AttentionSpec &spec, const CachePlace &place, Value rows, Value cache,
              Value x) {
    if (spec.latent)
      return build(*spec.latent, spec, place, rows, cache, x);
    auto turned = [&](Value heads, const std::optional<NormSpec> &own) {
      if (spec.normsTurned)
        return norm(rotate(rows, heads, spec.rope), own);
      return rotate(rows, norm(heads, own), spec.rope);
    };
    Value q = turned(linear(x, spec.query), spec.queryNorm); // [T, H * d]
    if (!spec.source) {
      Value product = linear(x, spec.key);
      Value k = turned(product, spec.keyNorm); // [T, K * d]
      Value v = norm(spec.valueIsKey ? product : linear(x, spec.value), spec.valueNorm);
      llm::KvAppendOp::create(builder, loc, rows, cache, k, v, place.layer);
    }
    llm::MaskAttr mask;
    if (place.window)
      mask = llm::MaskAttr::get(builder.getContext(), place.window, spec.window->chunked);
    Value y = llm::AttentionOp::create(
        builder, loc, q.getType(), rows, cache, q, /*rest=*/Value(),
        spec.sinks ? get(*spec.sinks) : Value(), builder.getI64IntegerAttr(place.layer),
        builder.getF32FloatAttr(spec.scale), mask,
        spec.softcap == 0 ? FloatAttr() : builder.getF32FloatAttr(spec.softcap), temperature(spec));
    if (spec.gate)
      y = llm::GateOp::create(builder, loc, y.getType(), y, linear(x, *spec.gate));
    return linear(y, spec.output);
  }

  /// down(act(gate x) * up x)
  Value build(const MlpSpec &spec, Value x) {
    llm::ActivationAttr kind = activation(spec.activation);
    if (!spec.gate) {
      Value up = linear(x, spec.up);
      if (spec.learned) {
        const XieluSpec &own = *spec.learned;
        return linear(llm::XieluOp::create(builder, loc, up.getType(), up, get(own.positive),
                                           get(own.negative), get(own.beta), get(own.eps)),
                      spec.down);
      }
      return linear(llm::ActivateOp::create(builder, loc, up.getType(), kind, up), spec.down);
    }
    Value gate = linear(x, *spec.gate), up = linear(x, spec.up); // [T, F]
    if (spec.cutoff)
      gate = llm::CutoffOp::create(builder, loc, gate.getType(), gate,
                                   builder.getF32FloatAttr(static_cast<float>(*spec.cutoff)));
    return linear(llm::GluOp::create(builder, loc, gate.getType(), kind, gate, up), spec.down);
  }

  /// output(act(gate x) * input): the input follows from the token alone, so that each layer makes
  /// its own.
  Value build(const TokenInputSpec &spec, Value rows, Value x) {
    const PerLayerInputsSpec &all = *this->spec.perLayerInputs;
    Value projected =
        norm(scale(linear(embedded(rows), spec.projection), all.projectionScale), all.norm);
    int64_t width = all.table.shape[1], rest = width - spec.first - all.channels;
    Value row = llm::EmbedOp::create(builder, loc, rowsOf(width), rows, get(all.table));
    SmallVector<Type> parts;
    for (int64_t channels : {spec.first, all.channels, rest})
      if (channels != 0)
        parts.push_back(rowsOf(channels));
    Value own = row;
    if (parts.size() > 1)
      own = llm::SplitOp::create(builder, loc, parts, row).getParts()[spec.first == 0 ? 0 : 1];
    Value input =
        scale(add(projected, scale(own, rounded(all.tableScale, all.table))), all.sumScale);
    Value gate = linear(x, spec.gate);
    Value gated =
        llm::GluOp::create(builder, loc, gate.getType(), activation(spec.activation), gate, input);
    return linear(gated, spec.output);
  }

  SmallVector<Value, 2> outputsOf(const MlpSpec &spec, Value /*x*/, Value normed) {
    return {build(spec, normed)};
  }

  llm::RoutingAttr routing(const RoutingSpec &spec) {
    auto kindOf = [](RoutingKind kind) {
      switch (kind) {
      case RoutingKind::SoftmaxOfChosen:
        return llm::RoutingKind::SoftmaxOfChosen;
      case RoutingKind::Softmax:
        return llm::RoutingKind::Softmax;
      case RoutingKind::Sigmoid:
        return llm::RoutingKind::Sigmoid;
      case RoutingKind::SigmoidOfChosen:
        return llm::RoutingKind::SigmoidOfChosen;
      }
      llvm_unreachable("no such routing");
    };
    return llm::RoutingAttr::get(
        builder.getContext(), kindOf(spec.kind), spec.groups, spec.kept, spec.best,
        spec.scale == 1 ? FloatAttr() : builder.getF64FloatAttr(spec.scale));
  }

  /// An MLP, weighed by the sigmoid of a product of its own.
  Value build(const SharedExpertSpec &spec, Value x) {
    Value y = norm(build(spec.mlp, x), spec.after);
    if (!spec.weight)
      return y;
    return llm::GateOp::create(builder, loc, y.getType(), y, linear(x, *spec.weight));
  }

  /// The experts that the router chooses by the rows `x`, and their weights.
  llm::RouteOp route(const ExpertsSpec &spec, Value x) {
    auto chosen = [&](Type element) {
      return RankedTensorType::get({ShapedType::kDynamic, spec.chosen}, element);
    };
    Value scores = linear(x, spec.router); // [T, E]
    Value bias = spec.routing.bias ? get(*spec.routing.bias) : Value();
    Value scales = spec.routing.scales ? get(*spec.routing.scales) : Value();
    return llm::RouteOp::create(builder, loc, chosen(builder.getI32Type()),
                                chosen(builder.getF32Type()), scores, bias, scales,
                                builder.getI64IntegerAttr(spec.chosen), routing(spec.routing));
  }

  /// The sum over the chosen experts of weight * (down(act(gate x) * up x)), and what the shared
  /// expert adds to it. `x` are the rows that are `normed` for the feed-forward.
  SmallVector<Value, 2> outputsOf(const ExpertsSpec &spec, Value x, Value normed) {
    Value seen = spec.routerNorm ? scale(norm(x, spec.routerNorm), spec.routerScale) : normed;
    auto route = this->route(spec, seen);
    Value input = spec.before ? norm(x, spec.before) : normed;
    auto biasOf = [&](const LinearSpec &linear) {
      return linear.bias ? get(*linear.bias) : Value();
    };
    Value sum =
        llm::ExpertsOp::create(builder, loc, x.getType(), input, route.getIds(), route.getWeights(),
                               get(spec.gateUp), biasOf(spec.gateUp), get(spec.down),
                               biasOf(spec.down), activation(spec.activation), spec.weighsInput);
    SmallVector<Value, 2> outputs = {norm(sum, spec.after)};
    if (spec.shared)
      outputs.push_back(build(*spec.shared, normed));
    return outputs;
  }

  llm::ActivationAttr activation(const ActivationSpec &spec) {
    auto number = [&](double value) {
      return spec.kind == ActivationKind::SwigluOai ? builder.getF64FloatAttr(value) : FloatAttr();
    };
    auto kindOf = [](ActivationKind kind) {
      switch (kind) {
      case ActivationKind::Silu:
        return llm::ActivationKind::Silu;
      case ActivationKind::SwigluOai:
        return llm::ActivationKind::SwigluOai;
      case ActivationKind::GeluTanh:
        return llm::ActivationKind::GeluTanh;
      case ActivationKind::Gelu:
        return llm::ActivationKind::Gelu;
      case ActivationKind::Relu2:
        return llm::ActivationKind::Relu2;
      }
      llvm_unreachable("no such activation");
    };
    return llm::ActivationAttr::get(builder.getContext(), kindOf(spec.kind), number(spec.alpha),
                                    number(spec.limit));
  }

  const ModelSpec &spec;
  SmallVector<CachePlace> caches; // a layer
  OpBuilder builder;
  Location loc;
  WeightRecipes weights;
};

} // namespace

OwningOpRef<ModuleOp> buildGraph(MLIRContext &context, const ModelSpec &spec,
                                 const Checkpoint &checkpoint) {
  context.loadDialect<func::FuncDialect, llm::LlmDialect, pack::PackDialect>();
  return GraphBuilder(context, spec, checkpoint).build();
}

} // namespace osscc
