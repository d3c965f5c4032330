#include "compiler/import/families/Gemma3nLayers.h"

#include "compiler/import/families/Common.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// What a layer has beside one of Gemma 4.
class LayerParts {
public:
  LayerParts(const Gemma3nSizes &sizes, int64_t index)
      : sizes(sizes), hidden(sizes.base.hidden), prefix(layerPrefix(index)) {}

  StreamUpdateSpec streams() const {
    int64_t count = sizes.streams;
    const char *fields = "altup_num_inputs";
    StreamUpdateSpec spec;
    spec.routerNorm = norm("altup.router_norm");
    spec.routerScale = 1 / static_cast<double>(hidden);
    spec.router = linear("altup.modality_router", count, hidden, "altup_num_inputs, hidden_size");
    spec.predict = linear("altup.prediction_coefs", count * count, count, fields);
    spec.correct = linear("altup.correction_coefs", count, count, fields);
    if (sizes.scalesFirst) {
      std::string name = prefix + "altup.correct_output_scale";
      spec.scale = WeightSpec{name, {hidden}, "hidden_size"};
      spec.scale->forms = {{{name}}, {{name + ".weight"}}}; // the latter in GGUF
    }
    return spec;
  }

  LowRankSpec branch() const {
    return {linear("laurel.linear_left", sizes.rank, hidden, "laurel_rank, hidden_size"),
            linear("laurel.linear_right", hidden, sizes.rank, "hidden_size, laurel_rank"),
            norm("laurel.post_laurel_norm")};
  }

private:
  NormSpec norm(const char *name) const {
    return {WeightSpec{prefix + name + ".weight", {hidden}, "hidden_size"}, sizes.base.eps};
  }
  LinearSpec linear(const char *name, int64_t out, int64_t in, const char *fields) const {
    return {{prefix + name + ".weight", {out, in}, fields}, std::nullopt};
  }

  const Gemma3nSizes &sizes;
  int64_t hidden;
  std::string prefix;
};

} // namespace

void addGemma3nParts(const Gemma3nSizes &sizes, ModelSpec &spec) {
  int64_t hidden = spec.hidden;
  StreamsSpec streams;
  for (int64_t stream = 0; stream + 1 < sizes.streams; ++stream)
    for (auto [name, into] : {std::pair("model.altup_projections.", &streams.unfold),
                              std::pair("model.altup_unembed_projections.", &streams.fold)}) {
      LinearSpec weight{
          {name + std::to_string(stream) + ".weight", {hidden, hidden}, "hidden_size, hidden_size"},
          std::nullopt};
      weight.forms = {{{weight.name}}, // or in GGUF one of a stack
                      {.tensors = {std::string(name) + "weight"},
                       .firstRow = stream * hidden,
                       .allRows = (sizes.streams - 1) * hidden,
                       .isFlat = true}};
      into->push_back(std::move(weight));
    }
  spec.streams = std::move(streams);
  for (auto [index, layer] : enumerate(spec.layers)) {
    LayerParts parts(sizes, static_cast<int64_t>(index));
    layer.streams = parts.streams();
    layer.branch = parts.branch();
    layer.branchScale = std::sqrt(0.5);
    std::get<MlpSpec>(layer.feedForward).cutoff = sizes.cutoffs[index];
  }
}

} // namespace osscc
