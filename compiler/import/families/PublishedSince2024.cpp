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

constexpr PublishedModel kAfmoe[] = {{"Trinity Nano, Mini, Large", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfAfmoe[] = {"tiny-afmoe", "tiny-afmoe-odd"};

constexpr PublishedModel kApertus[] = {{"Apertus 8B, 70B", "apache-2.0"}};
constexpr StringLiteral kShapesOfApertus[] = {"tiny-apertus", "tiny-apertus-odd"};

constexpr PublishedModel kErnieMoe[] = {{"ERNIE 4.5 21B-A3B, 300B-A47B", "apache-2.0"}};
constexpr StringLiteral kShapesOfErnieMoe[] = {"tiny-ernie-moe", "tiny-ernie-moe-odd"};

constexpr PublishedModel kGraniteMoeShared[] = {{"Granite MoE with shared experts", "apache-2.0"}};
constexpr StringLiteral kShapesOfGraniteMoeShared[] = {"tiny-granitemoeshared",
                                                       "tiny-granitemoeshared-odd"};

constexpr PublishedModel kGraniteMoeSwa[] = {{"Granite Swash 3B-A600M", "apache-2.0"}};
constexpr StringLiteral kShapesOfGraniteMoeSwa[] = {"tiny-granitemoe-swa",
                                                    "tiny-granitemoe-swa-odd"};

constexpr PublishedModel kHunYuanMoe[] = {{"Hunyuan A13B", "tencent-hunyuan-a13b", "<think>"}};
constexpr StringLiteral kShapesOfHunYuanMoe[] = {"tiny-hunyuan-moe", "tiny-hunyuan-moe-odd"};

constexpr PublishedModel kInternLm3[] = {{"InternLM 3 8B", "apache-2.0"}};
constexpr StringLiteral kShapesOfInternLm3[] = {"tiny-internlm3", "tiny-internlm3-odd"};

constexpr PublishedModel kIQuestCoder[] = {{"IQuest Coder V1 40B", "iquestcoder"}};
constexpr StringLiteral kShapesOfIQuestCoder[] = {"tiny-iquestcoder", "tiny-iquestcoder-odd"};

constexpr PublishedModel kJais2[] = {{"Jais 2 8B, 70B", "apache-2.0"}};
constexpr StringLiteral kShapesOfJais2[] = {"tiny-jais2", "tiny-jais2-odd"};

constexpr PublishedModel kMinistral3[] = {{"Ministral 3 3B, 8B, 14B, their text", "apache-2.0"}};
constexpr StringLiteral kShapesOfMinistral3[] = {"tiny-ministral3", "tiny-ministral3-odd"};

constexpr PublishedModel kMistral3[] = {{"Ministral 3 3B, 8B, 14B", "apache-2.0", "[THINK]"},
                                        {"Mistral Small 3.1, 3.2 24B", "apache-2.0"}};
constexpr StringLiteral kShapesOfMistral3[] = {"tiny-mistral3", "tiny-mistral3-odd"};

constexpr PublishedModel kMistral4[] = {{"Mistral Small 4", "apache-2.0", "[THINK]"}};
constexpr StringLiteral kShapesOfMistral4[] = {"tiny-mistral4", "tiny-mistral4-odd"};

constexpr PublishedModel kOlmo[] = {{"OLMo 1B, 7B 0724", "apache-2.0"}};
constexpr StringLiteral kShapesOfOlmo[] = {"tiny-olmo", "tiny-olmo-odd"};

constexpr PublishedModel kQwen3Vl[] = {{"Qwen 3 VL 2B, 4B, 8B, 32B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen3Vl[] = {"tiny-qwen3-vl", "tiny-qwen3-vl-odd"};

constexpr PublishedModel kQwen3VlMoe[] = {
    {"Qwen 3 VL 30B-A3B, 235B-A22B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen3VlMoe[] = {"tiny-qwen3-vl-moe", "tiny-qwen3-vl-moe-odd"};

constexpr PublishedModel kSarvamMoe[] = {{"Sarvam 30B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfSarvamMoe[] = {"tiny-sarvam-moe", "tiny-sarvam-moe-odd"};

constexpr PublishedModel kStableLm[] = {{"StableLM 2 1.6B, Zephyr 3B", "stabilityai"}};
constexpr StringLiteral kShapesOfStableLm[] = {"tiny-stablelm", "tiny-stablelm-odd"};

constexpr PublishedModel kStarcoder2[] = {{"StarCoder 2 3B, 7B, 15B", "bigcode-openrail-m"}};
constexpr StringLiteral kShapesOfStarcoder2[] = {"tiny-starcoder2", "tiny-starcoder2-odd"};

constexpr PublishedFamily kFamilies[] = {
    {"afmoe", kAfmoe, kShapesOfAfmoe},
    {"apertus", kApertus, kShapesOfApertus},
    {"ernie4_5_moe", kErnieMoe, kShapesOfErnieMoe},
    {"granitemoeshared", kGraniteMoeShared, kShapesOfGraniteMoeShared},
    {"granitemoe_swa", kGraniteMoeSwa, kShapesOfGraniteMoeSwa},
    {"hunyuan_v1_moe", kHunYuanMoe, kShapesOfHunYuanMoe},
    {"internlm3", kInternLm3, kShapesOfInternLm3},
    {"iquestcoder", kIQuestCoder, kShapesOfIQuestCoder},
    {"jais2", kJais2, kShapesOfJais2},
    {"ministral3", kMinistral3, kShapesOfMinistral3},
    {"mistral3", kMistral3, kShapesOfMistral3},
    {"mistral4", kMistral4, kShapesOfMistral4},
    {"olmo", kOlmo, kShapesOfOlmo},
    {"qwen3_vl", kQwen3Vl, kShapesOfQwen3Vl},
    {"qwen3_vl_moe", kQwen3VlMoe, kShapesOfQwen3VlMoe},
    {"sarvam_moe", kSarvamMoe, kShapesOfSarvamMoe},
    {"stablelm", kStableLm, kShapesOfStableLm},
    {"starcoder2", kStarcoder2, kShapesOfStarcoder2},
    {"llama4", kLlama4, kShapesOfLlama4},
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
