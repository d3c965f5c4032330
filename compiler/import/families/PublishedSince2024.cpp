// Models of the families that took over DeepSeek's experts or attention, and of others as new.
#include "compiler/import/families/Published.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr PublishedModel kDots1[] = {{"dots.llm1 142B-A14B", "mit"}};
constexpr StringLiteral kShapesOfDots1[] = {"tiny-dots1", "tiny-dots1-odd"};

constexpr PublishedModel kExaoneMoe[] = {{"K-EXAONE 236B-A23B", "k-exaone", "<think>"}};
constexpr StringLiteral kShapesOfExaoneMoe[] = {"tiny-exaone-moe", "tiny-exaone-moe-odd"};

constexpr PublishedModel kFlexOlmo[] = {{"FlexOlmo 7x7B", "apache-2.0"}};
constexpr StringLiteral kShapesOfFlexOlmo[] = {"tiny-flex-olmo", "tiny-flex-olmo-odd"};

constexpr PublishedModel kGlm4Moe[] = {{"GLM-4.5, 4.5 Air, 4.6, 4.7", "mit", "<think>"}};
constexpr StringLiteral kShapesOfGlm4Moe[] = {"tiny-glm4-moe", "tiny-glm4-moe-odd"};

constexpr PublishedModel kGlm4MoeLite[] = {{"GLM-4.7 Flash", "mit", "<think>"}};
constexpr StringLiteral kShapesOfGlm4MoeLite[] = {"tiny-glm4-moe-lite", "tiny-glm4-moe-lite-odd"};

constexpr PublishedModel kGraniteSwa[] = {{"Granite Swash 2B", "apache-2.0"}};
constexpr StringLiteral kShapesOfGraniteSwa[] = {"tiny-granite-swa", "tiny-granite-swa-odd"};

constexpr PublishedModel kHyV3[] = {{"Hunyuan 3", "tencent-hunyuan-community", "<think>"}};
constexpr StringLiteral kShapesOfHyV3[] = {"tiny-hy-v3", "tiny-hy-v3-odd"};

constexpr PublishedModel kHyperClovaX[] = {{"HyperCLOVA X SEED Think 14B", "hyperclovax-seed"}};
constexpr StringLiteral kShapesOfHyperClovaX[] = {"tiny-hyperclovax", "tiny-hyperclovax-odd"};

constexpr PublishedModel kKimiK2[] = {{"Kimi K2", "modified-mit"}};

constexpr PublishedModel kMellum[] = {{"Mellum 2 12B-A2.5B", "apache-2.0"}};
constexpr StringLiteral kShapesOfMellum[] = {"tiny-mellum", "tiny-mellum-odd"};

constexpr PublishedModel kMiniCpm3[] = {{"MiniCPM3 4B", "apache-2.0"}};
constexpr StringLiteral kShapesOfMiniCpm3[] = {"tiny-minicpm3", "tiny-minicpm3-odd"};

constexpr PublishedModel kMiniMaxM2[] = {{"MiniMax M2", "modified-mit", "<think>"}};
constexpr StringLiteral kShapesOfMiniMaxM2[] = {"tiny-minimax-m2", "tiny-minimax-m2-odd"};

constexpr PublishedModel kOlmoe[] = {{"OLMoE 1B-7B", "apache-2.0"}};
constexpr StringLiteral kShapesOfOlmoe[] = {"tiny-olmoe", "tiny-olmoe-odd"};

constexpr PublishedModel kSarvamMla[] = {{"Sarvam 105B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfSarvamMla[] = {"tiny-sarvam-mla", "tiny-sarvam-mla-odd"};

constexpr PublishedModel kSolarOpen[] = {{"Solar Open 100B", "solar-apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfSolarOpen[] = {"tiny-solar-open", "tiny-solar-open-odd"};

constexpr PublishedModel kYoutu[] = {{"Youtu LLM 2B", "youtu-llm", "<think>"}};
constexpr StringLiteral kShapesOfYoutu[] = {"tiny-youtu", "tiny-youtu-odd"};

constexpr PublishedModel kLlama4[] = {{"Llama 4 Scout, Maverick", "llama4"}};
constexpr StringLiteral kShapesOfLlama4[] = {"tiny-llama4-odd"};
constexpr StringLiteral kShapesOfLlama4Text[] = {"tiny-llama4"};

constexpr PublishedModel kQwen35[] = {{"Qwen 3.5 0.8B, 9B, 27B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen35[] = {"tiny-qwen35-odd"};
constexpr StringLiteral kShapesOfQwen35Text[] = {"tiny-qwen35"};

constexpr PublishedModel kQwen35Moe[] = {{"Qwen 3.5 35B-A3B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen35Moe[] = {"tiny-qwen35-moe-odd"};
constexpr StringLiteral kShapesOfQwen35MoeText[] = {"tiny-qwen35-moe"};

constexpr PublishedModel kQwen3Next[] = {{"Qwen 3 Next 80B-A3B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen3Next[] = {"tiny-qwen3-next", "tiny-qwen3-next-odd"};

constexpr PublishedFamily kFamilies[] = {{"llama4", kLlama4, kShapesOfLlama4},
                                         {"llama4_text", kLlama4, kShapesOfLlama4Text},
                                         {"qwen3_5", kQwen35, kShapesOfQwen35},
                                         {"qwen3_5_text", kQwen35, kShapesOfQwen35Text},
                                         {"qwen3_5_moe", kQwen35Moe, kShapesOfQwen35Moe},
                                         {"qwen3_5_moe_text", kQwen35Moe, kShapesOfQwen35MoeText},
                                         {"qwen3_next", kQwen3Next, kShapesOfQwen3Next},
                                         {"dots1", kDots1, kShapesOfDots1},
                                         {"exaone_moe", kExaoneMoe, kShapesOfExaoneMoe},
                                         {"flex_olmo", kFlexOlmo, kShapesOfFlexOlmo},
                                         {"glm4_moe", kGlm4Moe, kShapesOfGlm4Moe},
                                         {"glm4_moe_lite", kGlm4MoeLite, kShapesOfGlm4MoeLite},
                                         {"granite_swa", kGraniteSwa, kShapesOfGraniteSwa},
                                         {"hy_v3", kHyV3, kShapesOfHyV3},
                                         {"hyperclovax", kHyperClovaX, kShapesOfHyperClovaX},
                                         {"kimi_k2", kKimiK2, {}},
                                         {"mellum", kMellum, kShapesOfMellum},
                                         {"minicpm3", kMiniCpm3, kShapesOfMiniCpm3},
                                         {"minimax_m2", kMiniMaxM2, kShapesOfMiniMaxM2},
                                         {"olmoe", kOlmoe, kShapesOfOlmoe},
                                         {"sarvam_mla", kSarvamMla, kShapesOfSarvamMla},
                                         {"solar_open", kSolarOpen, kShapesOfSolarOpen},
                                         {"youtu", kYoutu, kShapesOfYoutu}};

} // namespace

ArrayRef<PublishedFamily> publishedSince2024() {
  return kFamilies;
}

} // namespace osscc
