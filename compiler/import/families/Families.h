// The model families that osscc knows: one function each, from config.json to a ModelSpec.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"
#include "llvm/ADT/ArrayRef.h"

namespace osscc {

struct Family {
  llvm::StringLiteral modelType; ///< `model_type` of config.json.
  /// Reads the config. Errors stay in `config`; the spec is then not to be used.
  ModelSpec (*read)(JsonFields &config);
  /// Whether a config without a `model_type` is the family's; null: none is.
  bool (*isUnnamed)(const llvm::json::Object &config) = nullptr;
};

/// All families, by name.
llvm::ArrayRef<Family> families();

/// The spec of the model that a config.json describes.
///
/// \errors  InputError naming the field: an unknown family, a field that is missing, has the wrong
///          type or is out of range, fields that disagree, and any field whose value would change
///          the numbers and is not implemented. A slip that changes none goes to `notes`.
llvm::Expected<ModelSpec> readModelSpec(llvm::StringRef configPath, Notes *notes = nullptr);
/// The same of a config in memory, whose notes go where it collects them.
llvm::Expected<ModelSpec> readModelSpec(JsonFields &config);

ModelSpec readAfmoe(JsonFields &config);
ModelSpec readApertus(JsonFields &config);
ModelSpec readArcee(JsonFields &config);
ModelSpec readCohere(JsonFields &config);
ModelSpec readCohere2(JsonFields &config);
ModelSpec readCwm(JsonFields &config);
ModelSpec readDeepSeekV2(JsonFields &config);
ModelSpec readDeepSeekV3(JsonFields &config);
ModelSpec readDots1(JsonFields &config);
ModelSpec readErnie45(JsonFields &config);
ModelSpec readErnie45Moe(JsonFields &config);
ModelSpec readExaone4(JsonFields &config);
ModelSpec readExaoneMoe(JsonFields &config);
ModelSpec readFlexOlmo(JsonFields &config);
ModelSpec readGemma(JsonFields &config);
ModelSpec readGemma2(JsonFields &config);
ModelSpec readGemma3(JsonFields &config);
ModelSpec readGemma3Text(JsonFields &config);
ModelSpec readGemma3n(JsonFields &config);
ModelSpec readGemma3nText(JsonFields &config);
ModelSpec readGemma4(JsonFields &config);
ModelSpec readGemma4Text(JsonFields &config);
ModelSpec readGemma4Unified(JsonFields &config);
ModelSpec readGemma4UnifiedText(JsonFields &config);
ModelSpec readGlm(JsonFields &config);
ModelSpec readGlm4(JsonFields &config);
ModelSpec readGlm4Moe(JsonFields &config);
ModelSpec readGlm4MoeLite(JsonFields &config);
ModelSpec readGpt2(JsonFields &config);
ModelSpec readGptOss(JsonFields &config);
bool isOriginalGptOss(const llvm::json::Object &config);
ModelSpec readGranite(JsonFields &config);
ModelSpec readGraniteMoe(JsonFields &config);
ModelSpec readGraniteMoeShared(JsonFields &config);
ModelSpec readGraniteMoeSwa(JsonFields &config);
ModelSpec readGraniteSwa(JsonFields &config);
ModelSpec readHelium(JsonFields &config);
ModelSpec readHunYuan(JsonFields &config);
ModelSpec readHunYuanMoe(JsonFields &config);
ModelSpec readHyV3(JsonFields &config);
ModelSpec readHyperClovaX(JsonFields &config);
ModelSpec readIQuestCoder(JsonFields &config);
ModelSpec readInternLm3(JsonFields &config);
ModelSpec readJais2(JsonFields &config);
ModelSpec readLlama(JsonFields &config);
ModelSpec readLlama4(JsonFields &config);
ModelSpec readLlama4Text(JsonFields &config);
ModelSpec readMellum(JsonFields &config);
ModelSpec readMiniCpm3(JsonFields &config);
ModelSpec readMiniMaxM2(JsonFields &config);
ModelSpec readMinistral(JsonFields &config);
ModelSpec readMinistral3(JsonFields &config);
ModelSpec readMistral(JsonFields &config);
ModelSpec readMistral3(JsonFields &config);
ModelSpec readMistral4(JsonFields &config);
ModelSpec readMixtral(JsonFields &config);
ModelSpec readMuseGlimmer(JsonFields &config);
ModelSpec readNemotron(JsonFields &config);
ModelSpec readOlmo(JsonFields &config);
ModelSpec readOlmo2(JsonFields &config);
ModelSpec readOlmo3(JsonFields &config);
ModelSpec readOlmoe(JsonFields &config);
ModelSpec readPhi3(JsonFields &config);
ModelSpec readQwen2(JsonFields &config);
ModelSpec readQwen2Moe(JsonFields &config);
ModelSpec readQwen3(JsonFields &config);
ModelSpec readQwen35(JsonFields &config);
ModelSpec readQwen35Moe(JsonFields &config);
ModelSpec readQwen35MoeText(JsonFields &config);
ModelSpec readQwen35Text(JsonFields &config);
ModelSpec readQwen3Moe(JsonFields &config);
ModelSpec readQwen3Next(JsonFields &config);
ModelSpec readQwen3Vl(JsonFields &config);
ModelSpec readQwen3VlMoe(JsonFields &config);
ModelSpec readSarvamMla(JsonFields &config);
ModelSpec readSarvamMoe(JsonFields &config);
ModelSpec readSeedOss(JsonFields &config);
ModelSpec readSmolLM3(JsonFields &config);
ModelSpec readSolarOpen(JsonFields &config);
ModelSpec readStableLm(JsonFields &config);
ModelSpec readStarcoder2(JsonFields &config);
ModelSpec readVaultGemma(JsonFields &config);
ModelSpec readYoutu(JsonFields &config);

} // namespace osscc
