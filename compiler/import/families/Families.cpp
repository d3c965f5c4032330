// The table of families.
#include "compiler/import/families/Families.h"

#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

static constexpr Family kFamilies[] = {{"afmoe", readAfmoe},
                                       {"apertus", readApertus},
                                       {"arcee", readArcee},
                                       {"cohere", readCohere},
                                       {"cohere2", readCohere2},
                                       {"cwm", readCwm},
                                       {"deepseek_v2", readDeepSeekV2},
                                       {"deepseek_v3", readDeepSeekV3},
                                       {"dots1", readDots1},
                                       {"ernie4_5", readErnie45},
                                       {"ernie4_5_moe", readErnie45Moe},
                                       {"exaone4", readExaone4},
                                       {"exaone_moe", readExaoneMoe},
                                       {"flex_olmo", readFlexOlmo},
                                       {"gemma", readGemma},
                                       {"gemma2", readGemma2},
                                       {"gemma3", readGemma3},
                                       {"gemma3_text", readGemma3Text},
                                       {"gemma3n", readGemma3n},
                                       {"gemma3n_text", readGemma3nText},
                                       {"gemma4", readGemma4},
                                       {"gemma4_text", readGemma4Text},
                                       {"gemma4_unified", readGemma4Unified},
                                       {"gemma4_unified_text", readGemma4UnifiedText},
                                       {"glm", readGlm},
                                       {"glm4", readGlm4},
                                       {"glm4_moe", readGlm4Moe},
                                       {"glm4_moe_lite", readGlm4MoeLite},
                                       {"gpt2", readGpt2},
                                       {"gpt_oss", readGptOss, isOriginalGptOss},
                                       {"granite", readGranite},
                                       {"granite_swa", readGraniteSwa},
                                       {"granitemoe", readGraniteMoe},
                                       {"granitemoe_swa", readGraniteMoeSwa},
                                       {"granitemoeshared", readGraniteMoeShared},
                                       {"helium", readHelium},
                                       {"hunyuan_v1_dense", readHunYuan},
                                       {"hunyuan_v1_moe", readHunYuanMoe},
                                       {"hy_v3", readHyV3},
                                       {"hyperclovax", readHyperClovaX},
                                       {"internlm3", readInternLm3},
                                       {"iquestcoder", readIQuestCoder},
                                       {"jais2", readJais2},
                                       {"kimi_k2", readDeepSeekV3},
                                       {"llama", readLlama},
                                       {"llama4", readLlama4},
                                       {"llama4_text", readLlama4Text},
                                       {"mellum", readMellum},
                                       {"minicpm3", readMiniCpm3},
                                       {"minimax_m2", readMiniMaxM2},
                                       {"ministral", readMinistral},
                                       {"ministral3", readMinistral3},
                                       {"mistral", readMistral},
                                       {"mistral3", readMistral3},
                                       {"mistral4", readMistral4},
                                       {"mixtral", readMixtral},
                                       {"muse_glimmer", readMuseGlimmer},
                                       {"nemotron", readNemotron},
                                       {"olmo", readOlmo},
                                       {"olmo2", readOlmo2},
                                       {"olmo3", readOlmo3},
                                       {"olmoe", readOlmoe},
                                       {"phi3", readPhi3},
                                       {"qwen2", readQwen2},
                                       {"qwen2_moe", readQwen2Moe},
                                       {"qwen3", readQwen3},
                                       {"qwen3_5", readQwen35},
                                       {"qwen3_5_moe", readQwen35Moe},
                                       {"qwen3_5_moe_text", readQwen35MoeText},
                                       {"qwen3_5_text", readQwen35Text},
                                       {"qwen3_moe", readQwen3Moe},
                                       {"qwen3_next", readQwen3Next},
                                       {"qwen3_vl", readQwen3Vl},
                                       {"qwen3_vl_moe", readQwen3VlMoe},
                                       {"sarvam_mla", readSarvamMla},
                                       {"sarvam_moe", readSarvamMoe},
                                       {"seed_oss", readSeedOss},
                                       {"smollm3", readSmolLM3},
                                       {"solar_open", readSolarOpen},
                                       {"stablelm", readStableLm},
                                       {"starcoder2", readStarcoder2},
                                       {"vaultgemma", readVaultGemma},
                                       {"youtu", readYoutu}};

ArrayRef<Family> families() {
  return kFamilies;
}

Expected<ModelSpec> readModelSpec(StringRef configPath, Notes *notes) {
  Expected<json::Value> value = readJsonFile(configPath, kLargestConfig, notes);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object)
    return inputError(configPath, "expected an object, found " + describe(*value));
  JsonFields config(configPath, *object);
  config.collect(notes);
  return readModelSpec(config);
}

Expected<ModelSpec> readModelSpec(JsonFields &config) {
  const Family *family = find_if(kFamilies, [&](const Family &f) {
    return f.isUnnamed && !config.has("model_type") && f.isUnnamed(config.fields());
  });
  std::string modelType = config.string(
      "model_type",
      family == std::end(kFamilies) ? std::nullopt : std::optional<StringRef>(family->modelType));
  if (Error error = config.takeError())
    return error;
  family = find_if(kFamilies, [&](const Family &f) { return f.modelType == modelType; });
  if (family == std::end(kFamilies))
    return inputError(
        config.file() + ": model_type",
        "unknown family " + describe(modelType) + ", osscc knows " +
            join(map_range(kFamilies, [](const Family &f) { return f.modelType.str(); }), ", "),
        "docs/how-to/add-a-family.md tells how to add one");
  ModelSpec spec = family->read(config);
  if (Error error = config.takeError())
    return error;
  return spec;
}

} // namespace osscc
