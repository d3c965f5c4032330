// Source of keys and their meaning: gguf-py's constants.py, and the reference reader's defaults.
#include "compiler/import/checkpoint/gguf/Config.h"

#include "compiler/import/ModelFiles.h"
#include "compiler/import/checkpoint/gguf/Tensors.h"
#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

using Key = GgufArchitecture::Key;
constexpr Key kKeys[] = {
    {"embedding_length", "hidden_size", true},
    {"feed_forward_length", "intermediate_size", true},
    {"block_count", "num_hidden_layers", true},
    {"context_length", "max_position_embeddings", true},
    {"attention.head_count", "num_attention_heads", true},
    {"attention.head_count_kv", "num_key_value_heads", false},
    {"attention.key_length", "head_dim", false},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps", true},
    {"rope.freq_base", "rope_theta", false},
    {"vocab_size", "vocab_size", false},
};
constexpr Key kSampling[] = {
    {"temp", "temperature", false},
    {"top_k", "top_k", false},
    {"top_p", "top_p", false},
    {"min_p", "min_p", false},
    {"penalty_repeat", "repetition_penalty", false},
};

/// Keys that say nothing of the numbers, or that ConfigReader reads by name.
constexpr StringLiteral kIgnored[] = {"tensor_data_layout",   "attention.value_length",
                                      "rope.dimension_count", "rope.scale_linear",
                                      "attention.causal",     "attention.scale"};

constexpr const char *kHelp = "osscc compiles the plain form of this architecture; see "
                              "docs/how-to/add-a-family.md";

class ConfigReader {
public:
  ConfigReader(const GgufFile &file, const GgufArchitecture &architecture)
      : file(file), architecture(architecture) {}

  Expected<GgufFields> read() {
    for (Error (ConfigReader::*part)() :
         {&ConfigReader::readKeys, &ConfigReader::checkHeads, &ConfigReader::setQueryScalar,
          &ConfigReader::readRope, &ConfigReader::readTokens, &ConfigReader::copyOthers})
      if (Error error = (this->*part)())
        return error;
    out.fields["model_type"] = architecture.modelType;
    out.keys["model_type"] = "general.architecture";
    out.fields["tie_word_embeddings"] = !hasTensor("output.weight");
    if (!architecture.isTrue.empty())
      out.fields[architecture.isTrue] = true;
    if (architecture.saysBiases) {
      out.fields["attention_bias"] = hasTensor("blk.0.attn_q.bias");
      if (!architecture.outputBias.empty())
        out.fields[architecture.outputBias] = hasTensor("blk.0.attn_output.bias");
      out.fields["mlp_bias"] = hasTensor("blk.0.ffn_up.bias");
    }
    if (architecture.complete)
      if (Error error = architecture.complete(file, out))
        return error;
    return std::move(out);
  }

private:
  std::string keyOf(StringRef name) { return (architecture.name + "." + name).str(); }
  bool hasTensor(StringRef name) {
    return any_of(file.tensors(), [&](const GgufTensor &tensor) { return tensor.name == name; });
  }
  void set(StringRef field, json::Value value, std::string key) {
    out.fields[field] = std::move(value);
    out.keys[field] = std::move(key);
  }

  /// One value, or that of every layer if all have the same; null if absent.
  Expected<json::Value> value(const std::string &key) {
    const GgufValue *found = file.find(key);
    if (!found || found->type != GgufType::Array)
      return file.scalar(key);
    Expected<std::vector<double>> layers = file.numbers(key);
    if (!layers)
      return layers.takeError();
    if (layers->empty() || (!all_equal(*layers) && !architecture.complete))
      return file.error(key, "differs from layer to layer, which is not supported", kHelp);
    return json::Value(layers->front());
  }

  Error readKeys() {
    for (Key entry : concat<const Key>(ArrayRef(kKeys), architecture.keys)) {
      if (entry.field == "rms_norm_eps" && !architecture.layerNorm.empty())
        entry = {"attention.layer_norm_epsilon", architecture.layerNorm, true};
      std::string key = keyOf(entry.key);
      Expected<json::Value> found = value(key);
      if (!found)
        return found.takeError();
      if (found->kind() != json::Value::Null)
        set(entry.field, *found, key);
      else if (entry.required)
        return file.error(key, "the key is missing", "fetch the file again, or convert it again");
      else
        out.keys[entry.field] = key;
    }
    return Error::success();
  }

  bool knows(StringRef name) const {
    return any_of(architecture.keys, [&](const Key &known) { return known.key == name; });
  }

  /// Rope turns all channels of a head, or what the architecture's may, and values are as wide as
  /// keys.
  Error checkHeads() {
    for (const char *name : {"rope.dimension_count", "attention.value_length"}) {
      if (architecture.completesHeads)
        continue;
      Expected<json::Value> width = file.scalar(keyOf(name));
      if (!width)
        return width.takeError();
      if (width->kind() == json::Value::Null)
        continue;
      std::optional<int64_t> head = headSize();
      std::optional<double> number = width->getAsNumber();
      if (head && number && architecture.turnsPart && StringRef(name).starts_with("rope.")) {
        set("partial_rotary_factor", *number / static_cast<double>(*head), keyOf(name));
        continue;
      }
      if (head && width->getAsNumber() != static_cast<double>(*head))
        return file.error(keyOf(name),
                          describe(*width) + " is not supported, expected " + Twine(*head) +
                              ", the width of a head",
                          kHelp);
    }
    if (Error error = checkScale())
      return error;
    Expected<bool> causal = file.boolean(keyOf("attention.causal"), true);
    if (!causal)
      return causal.takeError();
    if (!*causal)
      return file.error(keyOf("attention.causal"), "false is not supported", kHelp);
    return Error::success();
  }

  /// Scores are scaled by 1 over the root of a head's width, where the family reads no other.
  Error checkScale() {
    if (knows("attention.scale"))
      return Error::success();
    Expected<json::Value> scale = file.scalar(keyOf("attention.scale"));
    if (!scale)
      return scale.takeError();
    double usual = 1 / std::sqrt(static_cast<double>(headSize().value_or(1)));
    std::optional<double> number = scale->getAsNumber();
    if (scale->kind() != json::Value::Null && number != 0.0 &&
        !(number && std::fabs(*number / usual - 1) < 1e-6))
      return file.error(keyOf("attention.scale"),
                        describe(*scale) + " is not supported, expected " + describe(usual) +
                            ", 1 over the root of a head's width",
                        kHelp);
    return Error::success();
  }

  /// A whole number of the fields so far, nothing if it makes no sense.
  std::optional<int64_t> numberOf(StringRef field) {
    const json::Value *value = out.fields.get(field);
    std::optional<double> number = value ? value->getAsNumber() : std::nullopt;
    if (!number || !(*number >= 1 && *number <= 1e9))
      return std::nullopt;
    return static_cast<int64_t>(*number);
  }

  /// d, nothing while the fields that it follows from make no sense.
  std::optional<int64_t> headSize() {
    if (auto head = numberOf("head_dim"))
      return head;
    auto hidden = numberOf("hidden_size"), heads = numberOf("num_attention_heads");
    return hidden && heads ? std::optional(*hidden / *heads) : std::nullopt;
  }

  /// The reference reader's rule: by the number of layers.
  Error setQueryScalar() {
    if (std::optional<int64_t> head = headSize();
        architecture.ownsHeadSize && head && !numberOf("head_dim"))
      set("head_dim", *head, keyOf("attention.key_length"));
    if (!architecture.scalesQueries)
      return Error::success();
    auto number = [&](StringRef field) { return numberOf(field).value_or(0); };
    bool widest = number("num_hidden_layers") == architecture.widestLayers;
    int64_t heads = number("num_attention_heads");
    int64_t scalar = widest && heads > 0 ? number("hidden_size") / heads : headSize().value_or(0);
    if (scalar > 0)
      set("query_pre_attn_scalar", scalar, keyOf("attention.key_length"));
    return Error::success();
  }

  /// Copies a number by which positions are scaled; whether the file has it.
  Expected<bool> copyScaling(StringRef key, StringRef field, json::Object &scaling) {
    Expected<json::Value> value = file.scalar(keyOf(key));
    if (!value)
      return value.takeError();
    out.keys[("rope_scaling." + field).str()] = keyOf(key);
    if (value->kind() == json::Value::Null)
      return false;
    scaling[field] = *value;
    return true;
  }

  /// Positions that are scaled by two lists of divisors, which are tensors; whether they are.
  Expected<bool> readLongRope() {
    json::Object scaling{{"rope_type", "longrope"}};
    for (auto [name, field] : {std::pair("rope_factors_short.weight", "short_factor"),
                               {"rope_factors_long.weight", "long_factor"}}) {
      Expected<std::vector<float>> factors = readGgufRopeFactors(file, name);
      if (!factors)
        return factors.takeError();
      if (factors->empty())
        return false;
      json::Array listed;
      for (float factor : *factors)
        listed.push_back(static_cast<double>(factor));
      scaling[field] = std::move(listed);
    }
    for (auto [key, field] :
         {std::pair("rope.scaling.original_context_length", "original_max_position_embeddings"),
          {"rope.scaling.attn_factor", "attention_factor"}}) {
      Expected<bool> isThere = copyScaling(key, field, scaling);
      if (!isThere)
        return isThere.takeError();
    }
    set("rope_scaling", std::move(scaling), keyOf("rope.scaling.type"));
    return true;
  }

  /// A factor without a kind scales linearly, as in the reference; so did the older key.
  Error readRope() {
    Expected<bool> isLong = readLongRope();
    if (!isLong || *isLong)
      return isLong.takeError();
    Expected<std::string> kind = file.string(keyOf("rope.scaling.type"), "linear");
    if (!kind)
      return kind.takeError();
    if (*kind != "none" && *kind != "linear" && *kind != "yarn")
      return file.error(keyOf("rope.scaling.type"),
                        "\"" + *kind +
                            "\" is not supported, expected \"none\", \"linear\" or \"yarn\"",
                        "a checkpoint with another scaling of positions cannot be compiled yet");
    Expected<json::Value> attention = file.scalar(keyOf("rope.scaling.attn_factor"));
    if (!attention)
      return attention.takeError();
    if (attention->kind() != json::Value::Null && attention->getAsNumber() != 1.0)
      return file.error(keyOf("rope.scaling.attn_factor"),
                        describe(*attention) + " is not supported, expected 1", kHelp);
    if (*kind == "yarn")
      return readYarn();
    for (const char *name : {"rope.scaling.factor", "rope.scale_linear"}) {
      Expected<json::Value> factor = file.scalar(keyOf(name));
      if (!factor)
        return factor.takeError();
      std::optional<double> number = factor->getAsNumber();
      if (*kind == "none" || factor->kind() == json::Value::Null || number == 1.0 || number == 0.0)
        continue;
      set("rope_scaling", json::Object{{"rope_type", "linear"}, {"factor", *factor}}, keyOf(name));
      out.keys["rope_scaling.factor"] = keyOf(name);
      break;
    }
    return Error::success();
  }

  Error readYarn() {
    json::Object scaling{{"rope_type", "yarn"}, {"truncate", architecture.roundsYarn}};
    for (auto [key, field] :
         {std::pair("rope.scaling.factor", "factor"),
          {"rope.scaling.original_context_length", "original_max_position_embeddings"},
          {"rope.scaling.yarn_beta_fast", "beta_fast"},
          {"rope.scaling.yarn_beta_slow", "beta_slow"}}) {
      Expected<bool> isThere = copyScaling(key, field, scaling);
      if (!isThere)
        return isThere.takeError();
      if (!*isThere && StringRef(field) == "factor")
        return file.error(keyOf(key), "the key is missing, but positions are scaled by YaRN",
                          "fetch the file again, or convert it again");
    }
    set("rope_scaling", std::move(scaling), keyOf("rope.scaling.type"));
    return Error::success();
  }

  Error readTokens() {
    if (!out.fields.get("vocab_size")) {
      Expected<std::vector<StringRef>> tokens = file.strings("tokenizer.ggml.tokens");
      if (!tokens)
        return tokens.takeError();
      set("vocab_size", static_cast<int64_t>(tokens->size()), "tokenizer.ggml.tokens");
    }
    Expected<SmallVector<int64_t>> ends = readGgufEndTokens(file);
    if (!ends)
      return ends.takeError();
    set("eos_token_id", json::Array(*ends), "tokenizer.ggml.eos_token_id");
    for (auto [name, field] : {std::pair("bos", "bos_token_id"), {"padding", "pad_token_id"}}) {
      std::string key = (Twine("tokenizer.ggml.") + name + "_token_id").str();
      Expected<json::Value> id = file.scalar(key);
      if (!id)
        return id.takeError();
      set(field, *id, key);
    }
    return Error::success();
  }

  Error copyOthers() {
    std::string prefix = keyOf("");
    for (StringRef key : file.keys()) {
      StringRef name = key;
      if (!name.consume_front(prefix) || name.starts_with("rope.scaling.") ||
          is_contained(kIgnored, name) ||
          any_of(concat<const Key>(ArrayRef(kKeys), architecture.keys),
                 [&](const Key &known) { return known.key == name; }))
        continue;
      Expected<json::Value> found =
          file.find(key)->type == GgufType::Array
              ? json::Value("an array") // never neutral where its name speaks of the numbers
              : file.scalar(key);
      if (!found)
        return found.takeError();
      set(name, *found, key.str());
    }
    return Error::success();
  }

  const GgufFile &file;
  const GgufArchitecture &architecture;
  GgufFields out;
};

} // namespace

/// Each once.
static SmallVector<StringRef> namesOfArchitectures() {
  SmallVector<StringRef> names;
  for (const GgufArchitecture &known : ggufArchitectures())
    if (!is_contained(names, known.name))
      names.push_back(known.name);
  return names;
}

/// Whether a key is there and says this number; 0: any other than 0, which is what plain models say
/// of experts.
static bool says(const GgufFile &file, const std::string &key, double number) {
  if (!file.find(key))
    return false;
  Expected<json::Value> value = file.scalar(key);
  if (value)
    return number == 0 ? value->getAsNumber() != 0.0 : value->getAsNumber() == number;
  consumeError(value.takeError()); // which its reader tells of
  return true;
}

Expected<const GgufArchitecture *> findGgufArchitecture(const GgufFile &file) {
  Expected<std::string> type = file.string("general.type", "model");
  if (!type)
    return type.takeError();
  if (*type != "model")
    return file.error("general.type", describe(*type) + " is not supported, expected \"model\"",
                      "name the .gguf file of the model itself");
  Expected<std::string> name = file.string("general.architecture");
  if (!name)
    return name.takeError();
  const auto *found = find_if(ggufArchitectures(), [&](const GgufArchitecture &known) {
    return known.name == *name &&
           (known.when.empty() || says(file, (known.name + "." + known.when).str(), known.whenIs));
  });
  if (found != ggufArchitectures().end())
    return found;
  return file.error(
      "general.architecture",
      (name->empty() ? "the key is missing" : "unknown architecture " + describe(*name)) +
          ", osscc knows " + join(namesOfArchitectures(), ", "),
      "docs/how-to/add-a-family.md tells how to add one");
}

Expected<GgufFields> readGgufConfig(const GgufFile &file, const GgufArchitecture &architecture) {
  return ConfigReader(file, architecture).read();
}

Expected<GgufFields> readGgufGeneration(const GgufFile &file) {
  GgufFields out;
  for (const Key &entry : kSampling) {
    std::string key = ("general.sampling." + entry.key).str();
    Expected<json::Value> value = file.scalar(key);
    if (!value)
      return value.takeError();
    if (value->kind() == json::Value::Null)
      continue;
    out.fields[entry.field] = *value;
    out.keys[entry.field] = key;
    // Without a temperature of zero, whoever gives such a key would have answers sampled.
    if (!out.fields.get("do_sample"))
      out.fields["do_sample"] = entry.field != "temperature" || value->getAsNumber() != 0.0;
  }
  return std::move(out);
}

Expected<std::string> readGgufLicence(const GgufFile &file) {
  Expected<std::string> licence = file.string("general.license");
  if (licence && *licence == "other")
    licence = file.string("general.license.name");
  if (!licence)
    return licence.takeError();
  return plainLicence(*licence);
}

} // namespace osscc
