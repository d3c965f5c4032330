// A config grows fields with every release of the reference. A name is judged by its parts, so that
// a field that no version knew yet is refused if it speaks of the model's numbers, and passes if it
// does not.
#include "compiler/import/json/UnreadFields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// Parts of names that stay harmless whatever the value: training, and how other programs run the
/// model.
constexpr StringLiteral kHarmless =
    "dropout initializer loss gradient _attn_implementation transformers torch_dtype unsloth "
    "flash_attn neftune";

/// Parts of names of numbers that multiply: 1 is neutral, 0 is not.
constexpr StringLiteral kFactors = "scal multiplier factor ratio rotary_pct";

/// Parts of names that change the numbers unless the value is null, false, 0 or empty.
constexpr StringLiteral kNumeric = "rope rotary alibi position_embedding mscale bias window "
                                   "sliding chunk_size softcap soft_cap logit_ sink clip clamp "
                                   "limit qk_norm qk_layernorm qkv norm_type norm_offset "
                                   "layer_types parallel_residual activation expert moe router "
                                   "quantiz compression pruned cross_attention encoder "
                                   "lora mixture attn_temperature attention_type sparse";

/// Values of strings that say what the plain model does.
constexpr StringLiteral kPlain[] = {"",     "none",   "silu",           "swish",   "default",
                                    "rope", "rotary", "full_attention", "absolute"};

/// Fields that change no number of a family that does not read them, whatever their value, and why.
struct LeftOver {
  StringLiteral name, why;
};
constexpr StringLiteral kByTensors = "is left over: the tensors say which biases there are";
constexpr StringLiteral kNoWindow = "is left over: models of this family have no window";
constexpr LeftOver kLeftOver[] = {
    {"pretraining_tp", "is how the training was split; products are not split here"},
    {"original_max_position_embeddings", "is left over: positions are not scaled by it"},
    {"auto_map", "names code of the checkpoint's own, which is not run: the model is compiled as "
                 "its model_type says"},
    {"attention_bias", kByTensors},
    {"attn_bias", kByTensors},
    {"mlp_bias", kByTensors},
    {"qkv_bias", kByTensors},
    {"use_bias", kByTensors},
    {"sliding_window", kNoWindow},
    {"use_sliding_window", kNoWindow},
    {"max_window_layers", kNoWindow},
};

bool mentions(StringRef name, StringRef parts) {
  return any_of(split(parts, ' '), [&](StringRef part) { return name.contains(part); });
}

/// Whether the value leaves the numbers as they are; `unit` is the number that does.
bool isNeutral(const json::Value &value, double unit) {
  switch (value.kind()) {
  case json::Value::Null:
    return true;
  case json::Value::Boolean:
    return !*value.getAsBoolean();
  case json::Value::Number:
    return *value.getAsNumber() == unit;
  case json::Value::String:
    return is_contained(kPlain, *value.getAsString());
  case json::Value::Array:
    return all_of(*value.getAsArray(),
                  [&](const json::Value &element) { return isNeutral(element, unit); });
  case json::Value::Object:
    return value.getAsObject()->empty();
  }
  return false;
}

/// Whether a field was left over from another model; notes it if it says anything.
bool isLeftOver(JsonFields &fields, StringRef name, const json::Value &value) {
  const auto *known =
      find_if(kLeftOver, [&](const LeftOver &leftOver) { return leftOver.name == name; });
  if (known == std::end(kLeftOver))
    return false;
  if (!isNeutral(value, name == "pretraining_tp" ? 1 : 0))
    fields.note(name, describe(value) + " " + known->why);
  return true;
}

} // namespace

void checkUnreadFields(JsonFields &fields) {
  SmallVector<StringRef> names;
  for (const auto &field : fields.fields())
    names.push_back(field.first);
  llvm::sort(names);
  for (StringRef name : names) {
    std::string lower = name.lower();
    if (fields.wasRead(name) || mentions(lower, kHarmless))
      continue;
    const json::Value &value = *fields.fields().get(name);
    if (isLeftOver(fields, name, value))
      continue;
    bool isFactor = mentions(lower, kFactors);
    if (!isFactor && !mentions(lower, kNumeric))
      continue;
    if (!isNeutral(value, isFactor ? 1 : 0))
      fields.fail(name, describe(value) + " would change the model's numbers and is not supported",
                  "osscc compiles the plain form of this family; see docs/how-to/add-a-family.md");
  }
}

} // namespace osscc
