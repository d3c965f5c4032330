// Source: llama.cpp's converter and its reader's defaults.
#include "compiler/import/checkpoint/gguf/Complete.h"

#include "compiler/import/checkpoint/gguf/Tensors.h"
#include "compiler/import/json/Json.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

constexpr const char *kAgain = "fetch the file again, or convert it again";

/// Reads keys of one architecture, and sets fields with the keys that they come from.
class Completion {
public:
  Completion(const GgufFile &file, GgufFields &config) : file(file), config(config) {
    // Which was found by this very key.
    architecture = cantFail(file.string("general.architecture"));
  }

  std::string keyOf(const Twine &name) const { return (architecture + "." + name).str(); }
  void set(StringRef field, json::Value value, const Twine &name) {
    config.fields[field] = std::move(value);
    config.keys[field] = keyOf(name);
  }
  void setDefault(StringRef field, json::Value value, const Twine &name) {
    if (!config.fields.get(field))
      set(field, std::move(value), name);
  }
  Error error(const Twine &name, const Twine &message) const {
    return file.error(keyOf(name), message, kAgain);
  }

  /// A whole number of the fields so far; 0 if it makes none, of which the family tells.
  int64_t integer(StringRef field) const {
    const json::Value *value = config.fields.get(field);
    double number = value ? value->getAsNumber().value_or(0) : 0;
    return number >= 1 && number <= 1e9 ? static_cast<int64_t>(number) : 0;
  }
  int64_t layers() const { return integer("num_hidden_layers"); }

  /// What a key says of each layer: one number of all, or a list. Nothing without the key.
  Expected<std::vector<double>> ofLayers(const Twine &name) const {
    std::string key = keyOf(name);
    const GgufValue *value = file.find(key);
    std::vector<double> numbers;
    if (!value)
      return numbers;
    if (value->type == GgufType::Array) {
      Expected<std::vector<double>> listed = file.numbers(key);
      if (listed && static_cast<int64_t>(listed->size()) != layers())
        return error(name, "names " + Twine(listed->size()) + " layers, but there are " +
                               Twine(layers()));
      return listed;
    }
    Expected<json::Value> one = file.scalar(key);
    if (!one)
      return one.takeError();
    std::optional<double> number = one->getAsNumber();
    if (!number)
      return error(name, "expected a number, found " + describe(*one));
    numbers.assign(layers(), *number);
    return numbers;
  }

  /// Which layers have a window: listed, or all but every so many-th.
  Expected<SmallVector<bool>> windowed() const {
    constexpr StringLiteral kPattern = "attention.sliding_window_pattern";
    const GgufValue *value = file.find(keyOf(kPattern));
    Expected<std::vector<double>> numbers = ofLayers(kPattern);
    if (!numbers)
      return numbers.takeError();
    SmallVector<bool> windowed;
    for (auto [index, number] : enumerate(*numbers)) {
      auto every = static_cast<uint64_t>(std::clamp(number, 0.0, 1e9));
      bool isListed = value->type == GgufType::Array;
      windowed.push_back(isListed ? number != 0 : every == 0 || (index + 1) % every != 0);
    }
    return windowed;
  }

  void setLayerTypes(ArrayRef<bool> windowed) {
    json::Array types;
    for (bool isWindowed : windowed)
      types.push_back(isWindowed ? "sliding_attention" : "full_attention");
    set("layer_types", std::move(types), "attention.sliding_window_pattern");
  }

  /// Null if there is none of the name.
  const GgufTensor *tensor(const Twine &name) const {
    std::string wanted = name.str();
    auto found =
        find_if(file.tensors(), [&](const GgufTensor &known) { return known.name == wanted; });
    return found == file.tensors().end() ? nullptr : &*found;
  }
  bool hasTensor(const Twine &name) const { return tensor(name) != nullptr; }

  const GgufFile &file;
  GgufFields &config;

private:
  std::string architecture;
};

/// The number that all layers of one kind share; 0 where there are none of it.
Expected<double> sharedBy(const Completion &of, const Twine &name, ArrayRef<double> numbers,
                          ArrayRef<bool> windowed, bool kind) {
  double shared = 0;
  for (auto [number, isWindowed] : zip(numbers, windowed)) {
    if (isWindowed != kind)
      continue;
    if (shared != 0 && number != shared)
      return of.error(name, "differs between layers of one kind, which is not supported");
    shared = number;
  }
  return shared;
}

/// The layers' MLPs: all alike, or those of the layers behind `own` twice as wide.
Error completeMlps(Completion &of, int64_t own) {
  constexpr StringLiteral kKey = "feed_forward_length";
  Expected<std::vector<double>> widths = of.ofLayers(kKey);
  if (!widths)
    return widths.takeError();
  if (widths->empty())
    return Error::success();
  double first = widths->front(), last = widths->back();
  for (auto [index, width] : enumerate(*widths))
    if (width != (static_cast<int64_t>(index) < own ? first : last))
      return of.error(kKey, "differs between layers of one kind, which is not supported");
  if (last != first && last != 2 * first)
    return of.error(kKey, "is neither the same in all layers nor twice as wide in those that read "
                          "keys and values of others");
  of.set("intermediate_size", first, kKey);
  of.set("use_double_wide_mlp", last != first, kKey);
  return Error::success();
}

/// Key-value heads of both kinds of layers, and whether full ones have values of their own.
Error completeKeyHeads(Completion &of, ArrayRef<bool> windowed, int64_t own) {
  constexpr StringLiteral kKey = "attention.head_count_kv";
  Expected<std::vector<double>> heads = of.ofLayers(kKey);
  if (!heads)
    return heads.takeError();
  if (!heads->empty()) {
    Expected<double> sliding = sharedBy(of, kKey, *heads, windowed, true);
    if (!sliding)
      return sliding.takeError();
    Expected<double> full = sharedBy(of, kKey, *heads, windowed, false);
    if (!full)
      return full.takeError();
    of.set("num_key_value_heads", *sliding != 0 ? *sliding : *full, kKey);
    if (*full != 0)
      of.set("num_global_key_value_heads", *full, kKey);
  }
  const bool *found = find(windowed.take_front(own), false);
  auto index = static_cast<int64_t>(found - windowed.begin());
  if (index < own)
    of.set("attention_k_eq_v", !of.hasTensor("blk." + Twine(index) + ".attn_v.weight"),
           "attention.head_count_kv");
  return Error::success();
}

/// The widths of heads are those of keys, values are as wide, and rope goes through all of them.
Error checkWidths(Completion &of, const char *field, const Twine &ending) {
  for (const char *name : {"attention.value_length", "rope.dimension_count"}) {
    Expected<json::Value> width = of.file.scalar(of.keyOf(name + ending));
    if (!width)
      return width.takeError();
    double head = static_cast<double>(of.integer(field));
    if (width->kind() != json::Value::Null && width->getAsNumber() != head)
      return of.error(name + ending, describe(*width) + " is not supported, expected " +
                                         Twine(of.integer(field)) + ", the width of a head");
  }
  return Error::success();
}

/// The pairs of full layers' heads that turn: those whose frequency is divided by 1, before those
/// that are divided by so much that they stay.
Error completeRopes(Completion &of) {
  constexpr double kStays = 1e20;
  Expected<std::vector<float>> divisors =
      readGgufRopeDivisors(of.file, of.integer("global_head_dim"));
  if (!divisors)
    return divisors.takeError();
  auto turned = find_if(*divisors, [](float divisor) { return divisor != 1; });
  if (any_of(make_range(turned, divisors->end()), [](float d) { return d < kStays; }) ||
      (!divisors->empty() && turned == divisors->begin()))
    return of.file.error("tensor \"rope_freqs.weight\"",
                         "expected ones, then numbers of 1e20 and more",
                         "a checkpoint with another scaling of positions cannot be compiled yet");
  json::Object full{{"rope_type", "default"}};
  if (turned != divisors->end()) {
    full["rope_type"] = "proportional";
    full["partial_rotary_factor"] =
        static_cast<double>(turned - divisors->begin()) / static_cast<double>(divisors->size());
  }
  Expected<json::Value> theta = of.file.scalar(of.keyOf("rope.freq_base"));
  Expected<json::Value> sliding = of.file.scalar(of.keyOf("rope.freq_base_swa"));
  if (!theta || !sliding)
    return joinErrors(theta.takeError(), sliding.takeError());
  full["rope_theta"] = theta->kind() == json::Value::Null ? json::Value(10000.0) : *theta;
  json::Object other{{"rope_type", "default"}};
  other["rope_theta"] = sliding->kind() == json::Value::Null ? json::Value(10000.0) : *sliding;
  for (StringRef told : {"rope_theta", "rope.freq_base_swa", "rope.dimension_count_swa",
                         "attention.value_length_swa"})
    of.config.fields.erase(told);
  of.set("rope_parameters",
         json::Object{{"full_attention", std::move(full)}, {"sliding_attention", std::move(other)}},
         "rope.freq_base");
  of.config.keys["rope_parameters.full_attention.rope_theta"] = of.keyOf("rope.freq_base");
  of.config.keys["rope_parameters.sliding_attention.rope_theta"] = of.keyOf("rope.freq_base_swa");
  return Error::success();
}

/// What turns and what does not of a head whose query is `key` wide, or was before both went to the
/// latent's width.
Error completeParts(Completion &of) {
  bool isSplit = of.file.find(of.keyOf("attention.key_length_mla")) != nullptr;
  const char *keyName = isSplit ? "attention.key_length_mla" : "attention.key_length";
  const char *valueName = isSplit ? "attention.value_length_mla" : "attention.value_length";
  Expected<std::optional<int64_t>> key = of.file.integer(of.keyOf(keyName), 1 << 20);
  if (!key)
    return key.takeError();
  Expected<std::optional<int64_t>> value = of.file.integer(of.keyOf(valueName), 1 << 20);
  if (!value)
    return value.takeError();
  int64_t nope = key->value_or(0) - of.integer("qk_rope_head_dim");
  if (nope < 1)
    return of.error(keyName, "leaves no channels of a head beside the " +
                                 Twine(of.integer("qk_rope_head_dim")) + " that positions turn");
  of.set("qk_nope_head_dim", nope, keyName);
  if (*value)
    of.set("v_head_dim", **value, valueName);
  of.config.fields.erase("head_dim");
  of.set("num_key_value_heads", of.integer("num_attention_heads"), "attention.head_count");
  return Error::success();
}

} // namespace

Error completeWindows(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  of.setDefault("sliding_window", nullptr, "attention.sliding_window");
  Expected<SmallVector<bool>> windowed = of.windowed();
  if (!windowed)
    return windowed.takeError();
  if (!windowed->empty())
    of.setLayerTypes(*windowed);
  return Error::success();
}

Error completeGrouped(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  of.setDefault("norm_topk_prob", false, "expert_weights_norm");
  of.setDefault("routed_scaling_factor", 1.0, "expert_weights_scale");
  of.setDefault("n_shared_experts", 0, "expert_shared_count");
  of.setDefault("first_k_dense_replace", 0, "leading_dense_block_count");
  of.setDefault("n_group", 1, "expert_group_count");
  of.setDefault("topk_group", 1, "expert_group_used_count");
  if (int64_t guessing = of.integer("num_nextn_predict_layers"); guessing < of.layers())
    of.set("num_hidden_layers", of.layers() - guessing, "block_count");
  const json::Value *gating = config.fields.get("scoring_func");
  double kind = gating ? gating->getAsNumber().value_or(-1) : 1;
  if (kind != 0 && kind != 1 && kind != kSigmoidGating)
    return of.error("expert_gating_func",
                    describe(*gating) + " is not supported, expected 1, softmax, or 2, sigmoid");
  bool isSigmoid = kind == kSigmoidGating;
  of.set("scoring_func", isSigmoid ? "sigmoid" : "softmax", "expert_gating_func");
  if (!isSigmoid)
    of.set("topk_method", of.integer("n_group") > 1 ? "group_limited_greedy" : "greedy",
           "expert_group_count");
  return Error::success();
}

Error completeGlm4Moe(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  of.set("use_qk_norm", of.hasTensor("blk.0.attn_q_norm.weight"), "attention.key_length");
  return completeGrouped(file, config);
}

Error completeHeadNorms(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  of.set("use_qk_norm", of.hasTensor("blk.0.attn_q_norm.weight"), "attention.key_length");
  return Error::success();
}

Error completeSharedWidth(const GgufFile &file, GgufFields &config) {
  config.fields.erase("expert_shared_feed_forward_length");
  return Error::success();
}

Error completeErnieExperts(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  of.setDefault("moe_num_shared_experts", 0, "expert_shared_count");
  of.setDefault("moe_layer_start_index", 0, "leading_dense_block_count");
  return completeSharedWidth(file, config);
}

Error completeLlama4(const GgufFile &file, GgufFields &config) {
  constexpr int64_t kExpertsOfMaverick = 128;
  Completion of(file, config);
  of.set("use_qk_norm", of.integer("num_local_experts") != kExpertsOfMaverick, "expert_count");
  return Error::success();
}

Error completeMiniMax(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  const json::Value *gating = config.fields.get("expert_gating_func");
  if (gating && gating->getAsNumber() != kSigmoidGating)
    return of.error("expert_gating_func",
                    describe(*gating) + " is not supported, expected 2, sigmoid");
  config.fields.erase("expert_gating_func");
  return Error::success();
}

Error completeDeepSeek(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  if (Error error = completeGrouped(file, config))
    return error;
  if (Error error = completeParts(of))
    return error;
  of.setDefault("q_lora_rank", nullptr, "attention.q_lora_rank");

  // The converter writes a tenth of what config.json says; its two factors are one there.
  Expected<json::Value> growth = file.scalar(of.keyOf("rope.scaling.yarn_log_multiplier"));
  if (!growth)
    return growth.takeError();
  if (json::Object *scaling = config.fields.getObject("rope_scaling");
      scaling && growth->getAsNumber()) {
    double scale = static_cast<float>(*growth->getAsNumber()) * 10.0F;
    (*scaling)["mscale"] = (*scaling)["mscale_all_dim"] = scale;
  }
  return Error::success();
}

Error completeDeltaNets(const GgufFile &file, GgufFields &config) {
  constexpr StringLiteral kWidth = "ssm.inner_size";
  Completion of(file, config);
  int64_t width = of.integer(kWidth), heads = of.integer("linear_num_value_heads");
  if (heads == 0 || width % heads != 0)
    return of.error(kWidth,
                    Twine(width) + " channels are not those of " + Twine(heads) + " value heads");
  of.set("linear_value_head_dim", width / heads, kWidth);
  of.set("linear_rates_are_plain", true, "ssm.time_step_rank");
  // Which of the three positions of a picture turns which pair: a token of text has one position.
  for (StringRef told : {StringRef(kWidth), StringRef("rope.dimension_sections")})
    config.fields.erase(told);
  if (int64_t guessing = of.integer("num_nextn_predict_layers"); guessing < of.layers())
    of.set("num_hidden_layers", of.layers() - guessing, "block_count");
  return Error::success();
}

Error completeTiledDeltaNets(const GgufFile &file, GgufFields &config) {
  Completion(file, config).set("linear_value_heads_are_tiled", true, "ssm.group_count");
  return completeDeltaNets(file, config);
}

Error completeGemma3n(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  Expected<SmallVector<bool>> windowed = of.windowed();
  if (!windowed)
    return windowed.takeError();
  config.fields.erase("layer_types");
  if (!windowed->empty())
    of.setLayerTypes(*windowed);
  // Below so many deviations from the mean of a normal distribution lies this share of it.
  Expected<std::vector<double>> deviations = of.ofLayers("activation_sparsity_scale");
  if (!deviations)
    return deviations.takeError();
  json::Array shares;
  for (double deviation : *deviations)
    shares.push_back(
        static_cast<double>(static_cast<float>(std::erfc(-deviation / std::sqrt(2.0)) / 2)));
  if (!shares.empty())
    of.set("activation_sparsity_pattern", std::move(shares), "activation_sparsity_scale");
  Expected<std::vector<double>> widths = of.ofLayers("feed_forward_length");
  if (!widths)
    return widths.takeError();
  of.set("intermediate_size", json::Array(*widths), "feed_forward_length");
  for (auto [tensor, field] : {std::pair("blk.0.laurel_l.weight", "laurel_rank"),
                               {"per_layer_token_embd.weight", "vocab_size_per_layer_input"}}) {
    const GgufTensor *found = of.tensor(tensor);
    if (!found || found->shape.empty())
      return file.error((Twine("tensor \"") + tensor + "\"").str(), "is missing", kAgain);
    of.set(field, found->shape.front(), "embedding_length_per_layer_input");
  }
  of.set("altup_correct_scale", of.hasTensor("blk.0.altup_correct_scale.weight"),
         "altup.num_inputs");
  return Error::success();
}

Error completeGemma4(const GgufFile &file, GgufFields &config) {
  Completion of(file, config);
  Expected<SmallVector<bool>> windowed = of.windowed();
  if (!windowed)
    return windowed.takeError();
  of.setLayerTypes(*windowed);
  of.setDefault("hidden_size_per_layer_input", 0, "embedding_length_per_layer_input");
  of.set("vocab_size_per_layer_input", of.integer("vocab_size"),
         "embedding_length_per_layer_input");
  of.set("enable_moe_block", of.integer("num_experts") != 0, "expert_count");
  int64_t own = std::max<int64_t>(of.layers() - of.integer("num_kv_shared_layers"), 0);
  if (Error error = completeMlps(of, own))
    return error;
  if (Error error = completeKeyHeads(of, *windowed, own))
    return error;
  if (Error error = checkWidths(of, "global_head_dim", ""))
    return error;
  if (Error error = checkWidths(of, "head_dim", "_swa"))
    return error;
  return completeRopes(of);
}

} // namespace osscc
