#include "compiler/import/families/Nested.h"

#include "compiler/import/families/Common.h"
#include "compiler/import/json/UnreadFields.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kText = "text_config";

/// Ids, of which the outer object has the whole model's.
constexpr StringLiteral kIds[] = {"bos_token_id", "eos_token_id", "pad_token_id"};

/// Fields that say of each object what it is, and nothing of the model of text.
constexpr StringLiteral kOwn[] = {
    "model_type",           "architectures",     "dtype",
    "torch_dtype",          "initializer_range", "transformers_version",
    "_attn_implementation", "_name_or_path"};

/// The fields of the inner object, and of the outer one those that hold for it.
json::Object mergedFields(JsonFields &config, const json::Object &inner) {
  json::Object merged = inner;
  for (const auto &[key, value] : config.fields()) {
    StringRef name = key;
    if (is_contained(kIds, name) && value.kind() != json::Value::Null) {
      config.has(name);
      merged[name] = value;
    } else if ((name == "tie_word_embeddings" || name == "quantization_config") &&
               !inner.get(name)) {
      config.has(name);
      merged[name] = value;
    } else if (const json::Value *other = inner.get(name);
               other && !is_contained(kOwn, name) && *other != value) {
      config.fail(name, describe(value) + " disagrees with " + describe(*other) + " in " + kText);
    } else if (other) {
      config.has(name);
    }
  }
  return merged;
}

} // namespace

ModelSpec readNested(JsonFields &config, StringRef prefix, StringRef modelType,
                     ModelSpec (*read)(JsonFields &config)) {
  ModelSpec spec;
  checkArchitecture(config, prefix, "ForConditionalGeneration");
  const json::Value *value = config.has(kText) ? config.fields().get(kText) : nullptr;
  const json::Object *inner = value ? value->getAsObject() : nullptr;
  if (!inner) {
    config.fail(kText, value ? "expected an object, found " + describe(*value)
                             : std::string("is missing, expected an object"));
    return spec;
  }
  json::Object merged = mergedFields(config, *inner);
  JsonFields fields(config.file(), merged, (kText + ".").str());
  fields.collect(config.notes());
  if (std::string found = fields.string("model_type", modelType); found != modelType)
    fields.fail("model_type", describe(json::Value(found)) + " is not supported, expected " +
                                  describe(json::Value(modelType)));
  if (!fields.failed())
    spec = read(fields);
  config.adopt(fields);
  checkUnreadFields(config);
  for (StringRef outer : {"", "model."})
    for (StringRef other :
         {"vision_tower.", "vision_model.", "audio_tower.", "embed_vision.", "embed_audio.",
          "multi_modal_projector.", "vision_adapter.", "vision_projection.", "visual."})
      spec.leftOut.push_back({(outer + other).str(), ModelSpec::kNoText});
  return spec;
}

} // namespace osscc
