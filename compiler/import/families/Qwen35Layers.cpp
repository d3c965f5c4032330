#include "compiler/import/families/Qwen35Layers.h"

#include "compiler/import/families/Common.h"

using namespace llvm;

namespace osscc {

namespace {

/// Of the lengths of q and k, whatever the config says.
constexpr double kLengthEps = 1e-6;

constexpr const char *kKeys = "linear_num_key_heads * linear_key_head_dim";
constexpr const char *kValues = "linear_num_value_heads * linear_value_head_dim";

/// The names of one layer's delta net.
class NetNames {
public:
  NetNames(const DeltaNetSizes &sizes, int64_t index)
      : sizes(sizes), prefix(layerPrefix(index) + "linear_attn.") {}

  DeltaNetSpec net() const {
    DeltaNetSpec net;
    net.keyHeads = sizes.keyHeads;
    net.valueHeads = sizes.valueHeads;
    net.keySize = sizes.keySize;
    net.valueSize = sizes.valueSize;
    net.taps = sizes.taps;
    net.eps = kLengthEps;
    net.logRates = sizes.logRates;
    net.tiled = sizes.tiled;
    std::string channels = std::string("2 * ") + kKeys + " + " + kValues;
    net.mixed = matrix("in_proj_qkv", net.channels(), sizes.hidden, channels + ", hidden_size");
    net.gate =
        matrix("in_proj_z", net.values(), sizes.hidden, std::string(kValues) + ", hidden_size");
    net.decay =
        matrix("in_proj_a", net.valueHeads, sizes.hidden, "linear_num_value_heads, hidden_size");
    net.beta =
        matrix("in_proj_b", net.valueHeads, sizes.hidden, "linear_num_value_heads, hidden_size");
    if (sizes.joins)
      join(net);
    net.convolution = {prefix + "conv1d.weight",
                       {net.taps, net.channels()},
                       channels + ", linear_conv_kernel_dim"};
    net.convolution.role = WeightRole::Vectors;
    StoredForm columns{{net.convolution.name}};
    columns.transposed = true;
    columns.isConvolution = true;
    net.convolution.forms = {columns};
    net.rates = {prefix + "A_log", {net.valueHeads}, "linear_num_value_heads"};
    net.shifts = {prefix + "dt_bias", {net.valueHeads}, "linear_num_value_heads"};
    net.shifts.forms = {{{net.shifts.name}}, {{prefix + "dt_proj.bias"}}}; // the latter in GGUF
    net.norm = {WeightSpec{prefix + "norm.weight", {net.valueSize}, "linear_value_head_dim"},
                sizes.eps, net.valueSize};
    net.output =
        matrix("out_proj", sizes.hidden, net.values(), std::string("hidden_size, ") + kValues);
    return net;
  }

private:
  LinearSpec matrix(const std::string &name, int64_t out, int64_t in,
                    const std::string &fields) const {
    return {{prefix + name + ".weight", {out, in}, fields}, std::nullopt};
  }

  /// Lets the linears be parts of the rows that `tensor` has of each key head, `all` of them.
  void cut(LinearSpec &linear, const char *tensor, int64_t all,
           std::vector<StoredForm::HeadPart> parts) const {
    StoredForm form{{prefix + tensor + ".weight"}};
    form.allRows = all;
    form.headParts = std::move(parts);
    linear.forms = {std::move(form), {{linear.name}}}; // the latter in GGUF
  }

  void join(DeltaNetSpec &net) const {
    int64_t keys = net.keySize, heads = net.valueHeads / net.keyHeads;
    int64_t values = heads * net.valueSize, all = 2 * keys + 2 * values;
    cut(net.mixed, "in_proj_qkvz", all, {{0, keys}, {keys, keys}, {2 * keys, values}});
    cut(net.gate, "in_proj_qkvz", all, {{2 * keys + values, values}});
    cut(net.beta, "in_proj_ba", 2 * heads, {{0, heads}});
    cut(net.decay, "in_proj_ba", 2 * heads, {{heads, heads}});
  }

  const DeltaNetSizes &sizes;
  std::string prefix;
};

/// Lets a linear be `some` rows of each `all` of a tensor, from `first` on.
void cutHeads(LinearSpec &linear, const std::string &tensor, int64_t first, int64_t some) {
  StoredForm form{{tensor}};
  form.firstRow = first;
  form.someRows = some;
  form.allRows = 2 * some;
  linear.forms = {std::move(form)};
}

} // namespace

DeltaNetSizes readDeltaNet(JsonFields &config) {
  DeltaNetSizes sizes;
  sizes.hidden = config.integer("hidden_size", 1, kMostChannels);
  sizes.taps = config.integer("linear_conv_kernel_dim", 2, 64, 4);
  sizes.keySize = config.integer("linear_key_head_dim", 1, 4096, 128);
  sizes.valueSize = config.integer("linear_value_head_dim", 1, 4096, 128);
  sizes.keyHeads = config.integer("linear_num_key_heads", 1, 4096, 16);
  sizes.valueHeads = config.integer("linear_num_value_heads", 1, 4096, 32);
  sizes.eps = config.number("rms_norm_eps", 1e-30, 1, 1e-6);
  // What a file in GGUF has otherwise than a folder: no folder says so.
  sizes.logRates = !config.boolean("linear_rates_are_plain", false);
  sizes.tiled = config.boolean("linear_value_heads_are_tiled", false);
  if (sizes.keyHeads == 0 || sizes.valueHeads % sizes.keyHeads != 0)
    config.fail("linear_num_value_heads", Twine(sizes.valueHeads) +
                                              " is no whole multiple of linear_num_key_heads " +
                                              Twine(sizes.keyHeads));
  int64_t widest = 2 * sizes.keyHeads * sizes.keySize + sizes.valueHeads * sizes.valueSize;
  if (widest > kMostChannels)
    config.fail("linear_num_value_heads",
                Twine(widest) + " channels of q, k and v are above " + Twine(kMostChannels));
  return sizes;
}

DeltaNetSpec nameDeltaNet(const DeltaNetSizes &sizes, int64_t index) {
  return NetNames(sizes, index).net();
}

void gateAttention(AttentionSpec &attention, int64_t hidden, int64_t index) {
  std::string prefix = layerPrefix(index) + "self_attn.q_proj.", tensor = prefix + "weight";
  const char *fields = "2 * num_attention_heads * head_dim, hidden_size";
  attention.query.name = prefix + "query.weight";
  attention.query.fields = fields;
  attention.gate =
      LinearSpec{{prefix + "gate.weight", {attention.heads * attention.headSize, hidden}, fields},
                 std::nullopt};
  cutHeads(attention.query, tensor, 0, attention.headSize);
  cutHeads(*attention.gate, tensor, attention.headSize, attention.headSize);
}

} // namespace osscc
