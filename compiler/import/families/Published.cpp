#include "compiler/import/families/Published.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr PublishedModel kGptOss[] = {{"gpt-oss 20b, 120b", "apache-2.0", "harmony's channels"}};
constexpr StringLiteral kShapesOfGptOss[] = {"tiny-gpt-oss", "tiny-gpt-oss-5x1",
                                             "tiny-gpt-oss-float"};

constexpr PublishedModel kLlama[] = {{"Llama 2", "llama2"},
                                     {"Llama 3", "llama3"},
                                     {"Llama 3.1", "llama3.1"},
                                     {"Llama 3.2 1B, 3B", "llama3.2"},
                                     {"Llama 3.3", "llama3.3"},
                                     {"SmolLM2", "apache-2.0"},
                                     {"Reka Flash 3, 3.1", "apache-2.0", "<reasoning>"},
                                     {"DeepSeek LLM, Coder, Math", "deepseek"},
                                     {"DeepSeek R1 Distill Llama", "mit", "<think>"}};
constexpr StringLiteral kShapesOfLlama[] = {
    "tiny-5x1",    "tiny-6x2",    "tiny-attention-bias", "tiny-biases",    "tiny-linear",
    "tiny-llama2", "tiny-llama3", "tiny-llama32",        "tiny-mlp-bias",  "tiny-odd",
    "tiny-untied", "tiny-wide",   "tiny-yarn",           "tiny-yarn-exact"};

constexpr PublishedModel kMistral[] = {{"Mistral 7B", "apache-2.0"}, {"Zephyr 7B", "mit"}};
constexpr StringLiteral kShapesOfMistral[] = {"tiny-mistral", "tiny-mistral-fp8", "tiny-windows"};

constexpr PublishedModel kQwen2[] = {{"Qwen 2.5 0.5B, 1.5B, 7B, 14B, 32B", "apache-2.0"},
                                     {"Qwen 2.5 3B", "qwen-research"},
                                     {"Qwen 2.5 72B", "qwen"},
                                     {"QwQ 32B", "apache-2.0", "<think>"},
                                     {"DeepSeek R1 Distill Qwen", "mit", "<think>"}};
constexpr StringLiteral kShapesOfQwen2[] = {"tiny-qwen2", "tiny-some-windows"};

constexpr PublishedModel kArcee[] = {{"AFM 4.5B", "apache-2.0"}};
constexpr StringLiteral kShapesOfArcee[] = {"tiny-arcee", "tiny-arcee-odd"};

constexpr PublishedModel kCohere[] = {{"Command R, R+", "cc-by-nc-4.0"},
                                      {"Aya 23", "cc-by-nc-4.0"}};
constexpr StringLiteral kShapesOfCohere[] = {"tiny-cohere", "tiny-cohere-odd", "tiny-cohere-plus",
                                             "tiny-cohere-plus-odd"};

constexpr PublishedModel kCohere2[] = {{"Command R7B, Command A", "cc-by-nc-4.0"}};
constexpr StringLiteral kShapesOfCohere2[] = {"tiny-cohere2", "tiny-cohere2-odd"};

constexpr PublishedModel kCwm[] = {{"CWM 32B", "fair-noncommercial-research-license"}};
constexpr StringLiteral kShapesOfCwm[] = {"tiny-cwm", "tiny-cwm-odd"};

constexpr PublishedModel kDeepSeekV2[] = {{"DeepSeek V2, V2 Lite, V2.5", "deepseek"}};
constexpr StringLiteral kShapesOfDeepSeekV2[] = {"tiny-deepseek-v2", "tiny-deepseek-v2-groups"};

constexpr PublishedModel kDeepSeekV3[] = {{"DeepSeek V3", "deepseek"},
                                          {"DeepSeek V3 0324", "mit"},
                                          {"DeepSeek V3.1", "mit", "<think>"},
                                          {"DeepSeek R1", "mit", "<think>"}};
constexpr StringLiteral kShapesOfDeepSeekV3[] = {"tiny-deepseek-v3", "tiny-deepseek-v3-fp8",
                                                 "tiny-deepseek-v3-plain"};

constexpr PublishedModel kErnie[] = {{"ERNIE 4.5 0.3B", "apache-2.0"}};
constexpr StringLiteral kShapesOfErnie[] = {"tiny-ernie", "tiny-ernie-odd"};

constexpr PublishedModel kExaone[] = {{"EXAONE 4.0 1.2B, 32B", "exaone", "<think>"}};
constexpr StringLiteral kShapesOfExaone[] = {"tiny-exaone4", "tiny-exaone4-odd"};

constexpr PublishedModel kGemma[] = {{"Gemma 2B, 7B", "gemma"}};
constexpr StringLiteral kShapesOfGemma[] = {"tiny-gemma", "tiny-gemma-7b"};

constexpr PublishedModel kGemma2[] = {{"Gemma 2 2B, 9B, 27B", "gemma"}};
constexpr StringLiteral kShapesOfGemma2[] = {"tiny-gemma2", "tiny-gemma2-27b"};

constexpr PublishedModel kGemma3[] = {{"Gemma 3 4B, 12B, 27B", "gemma"}};
constexpr StringLiteral kShapesOfGemma3[] = {"tiny-gemma3-nested"};

constexpr PublishedModel kGemma3Text[] = {{"Gemma 3 270M, 1B", "gemma"}};
constexpr StringLiteral kShapesOfGemma3Text[] = {"tiny-gemma3", "tiny-gemma3-27b"};

constexpr PublishedModel kGemma3n[] = {{"Gemma 3n E2B, E4B", "gemma"}};
constexpr StringLiteral kShapesOfGemma3nText[] = {"tiny-gemma3n", "tiny-gemma3n-odd"};

constexpr PublishedModel kGlm[] = {{"GLM-4 9B", "glm-4"}};
constexpr StringLiteral kShapesOfGlm[] = {"tiny-glm", "tiny-glm-odd"};

constexpr PublishedModel kGlm4[] = {{"GLM-4 0414 9B, 32B", "mit"}};
constexpr StringLiteral kShapesOfGlm4[] = {"tiny-glm4", "tiny-glm4-odd"};

constexpr PublishedModel kGpt2[] = {{"GPT-2, its medium, large and XL", "mit"}};
constexpr StringLiteral kShapesOfGpt2[] = {"tiny-gpt2", "tiny-gpt2-odd"};

constexpr PublishedModel kGranite[] = {{"Granite 3.0 to 3.3 2B, 8B", "apache-2.0"}};
constexpr StringLiteral kShapesOfGranite[] = {"tiny-granite", "tiny-granite-odd"};

constexpr PublishedModel kGraniteMoe[] = {{"Granite 3.0, 3.1 1B-A400M, 3B-A800M", "apache-2.0"}};
constexpr StringLiteral kShapesOfGraniteMoe[] = {"tiny-granitemoe", "tiny-granitemoe-odd"};

constexpr PublishedModel kHelium[] = {{"Helium 1 2B", "cc-by-sa-4.0"}};
constexpr StringLiteral kShapesOfHelium[] = {"tiny-helium", "tiny-helium-odd"};

constexpr PublishedModel kHunYuan[] = {
    {"Hunyuan 0.5B, 1.8B, 4B, 7B", "tencent-hunyuan-community", "<think>"}};
constexpr StringLiteral kShapesOfHunYuan[] = {"tiny-hunyuan", "tiny-hunyuan-odd"};

constexpr PublishedModel kMinistral[] = {{"Ministral 8B", "mrl"}};
constexpr StringLiteral kShapesOfMinistral[] = {"tiny-ministral", "tiny-ministral-odd"};

constexpr PublishedModel kMixtral[] = {{"Mixtral 8x7B, 8x22B", "apache-2.0"}};
constexpr StringLiteral kShapesOfMixtral[] = {"tiny-mixtral", "tiny-mixtral-odd"};

constexpr PublishedModel kNemotron[] = {{"Nemotron 4 340B, Minitron 4B, 8B", "nvidia-open-model"}};
constexpr StringLiteral kShapesOfNemotron[] = {"tiny-nemotron", "tiny-nemotron-odd"};

constexpr PublishedModel kOlmo2[] = {{"OLMo 2 1B, 7B, 13B, 32B", "apache-2.0"}};
constexpr StringLiteral kShapesOfOlmo2[] = {"tiny-olmo2", "tiny-olmo2-odd"};

constexpr PublishedModel kOlmo3[] = {{"OLMo 3 7B, 32B", "apache-2.0"}};
constexpr StringLiteral kShapesOfOlmo3[] = {"tiny-olmo3", "tiny-olmo3-odd"};

constexpr PublishedModel kPhi3[] = {{"Phi-3 mini, medium, Phi-3.5 mini", "mit"},
                                    {"Phi-4, Phi-4 mini", "mit"}};
constexpr StringLiteral kShapesOfPhi3[] = {"tiny-phi3", "tiny-phi3-long", "tiny-phi3-odd",
                                           "tiny-phi4-mini", "tiny-phi4-mini-odd"};

constexpr PublishedModel kQwen2Moe[] = {{"Qwen 1.5 MoE A2.7B", "tongyi-qianwen"},
                                        {"Qwen 2 57B-A14B", "apache-2.0"}};
constexpr StringLiteral kShapesOfQwen2Moe[] = {"tiny-qwen2-moe", "tiny-qwen2-moe-odd"};

constexpr PublishedModel kQwen3[] = {{"Qwen 3 0.6B to 32B", "apache-2.0", "<think>"},
                                     {"DeepSeek R1 0528 Qwen 3 8B", "mit", "<think>"}};
constexpr StringLiteral kShapesOfQwen3[] = {"tiny-qwen3", "tiny-qwen3-fp8", "tiny-qwen3-odd"};

constexpr PublishedModel kQwen3Moe[] = {{"Qwen 3 30B-A3B, 235B-A22B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfQwen3Moe[] = {"tiny-qwen3-moe", "tiny-qwen3-moe-odd"};

constexpr PublishedModel kSeedOss[] = {{"Seed-OSS 36B", "apache-2.0", "<seed:think>"}};
constexpr StringLiteral kShapesOfSeedOss[] = {"tiny-seed-oss", "tiny-seed-oss-odd"};

constexpr PublishedModel kSmolLm3[] = {{"SmolLM3 3B", "apache-2.0", "<think>"}};
constexpr StringLiteral kShapesOfSmolLm3[] = {"tiny-smollm3", "tiny-smollm3-odd"};

constexpr PublishedModel kVaultGemma[] = {{"VaultGemma 1B", "gemma"}};
constexpr StringLiteral kShapesOfVaultGemma[] = {"tiny-vaultgemma", "tiny-vaultgemma-odd"};

constexpr PublishedFamily kFamilies[] = {{"arcee", kArcee, kShapesOfArcee},
                                         {"cohere", kCohere, kShapesOfCohere},
                                         {"cohere2", kCohere2, kShapesOfCohere2},
                                         {"cwm", kCwm, kShapesOfCwm},
                                         {"deepseek_v2", kDeepSeekV2, kShapesOfDeepSeekV2},
                                         {"deepseek_v3", kDeepSeekV3, kShapesOfDeepSeekV3},
                                         {"ernie4_5", kErnie, kShapesOfErnie},
                                         {"exaone4", kExaone, kShapesOfExaone},
                                         {"gemma", kGemma, kShapesOfGemma},
                                         {"gemma2", kGemma2, kShapesOfGemma2},
                                         {"gemma3", kGemma3, kShapesOfGemma3},
                                         {"gemma3_text", kGemma3Text, kShapesOfGemma3Text},
                                         {"gemma3n", kGemma3n, {}},
                                         {"gemma3n_text", kGemma3n, kShapesOfGemma3nText},
                                         {"glm", kGlm, kShapesOfGlm},
                                         {"glm4", kGlm4, kShapesOfGlm4},
                                         {"gpt2", kGpt2, kShapesOfGpt2},
                                         {"gpt_oss", kGptOss, kShapesOfGptOss},
                                         {"granite", kGranite, kShapesOfGranite},
                                         {"granitemoe", kGraniteMoe, kShapesOfGraniteMoe},
                                         {"helium", kHelium, kShapesOfHelium},
                                         {"hunyuan_v1_dense", kHunYuan, kShapesOfHunYuan},
                                         {"llama", kLlama, kShapesOfLlama},
                                         {"ministral", kMinistral, kShapesOfMinistral},
                                         {"mistral", kMistral, kShapesOfMistral},
                                         {"mixtral", kMixtral, kShapesOfMixtral},
                                         {"nemotron", kNemotron, kShapesOfNemotron},
                                         {"olmo2", kOlmo2, kShapesOfOlmo2},
                                         {"olmo3", kOlmo3, kShapesOfOlmo3},
                                         {"phi3", kPhi3, kShapesOfPhi3},
                                         {"qwen2", kQwen2, kShapesOfQwen2},
                                         {"qwen2_moe", kQwen2Moe, kShapesOfQwen2Moe},
                                         {"qwen3", kQwen3, kShapesOfQwen3},
                                         {"qwen3_moe", kQwen3Moe, kShapesOfQwen3Moe},
                                         {"seed_oss", kSeedOss, kShapesOfSeedOss},
                                         {"smollm3", kSmolLm3, kShapesOfSmolLm3},
                                         {"vaultgemma", kVaultGemma, kShapesOfVaultGemma}};

} // namespace

ArrayRef<PublishedFamily> publishedFamilies() {
  static const SmallVector<PublishedFamily> kAll = [] {
    SmallVector<PublishedFamily> all(std::begin(kFamilies), std::end(kFamilies));
    append_range(all, publishedSince2024());
    sort(all, [](const PublishedFamily &a, const PublishedFamily &b) {
      return StringRef(a.modelType) < b.modelType;
    });
    return all;
  }();
  return kAll;
}

} // namespace osscc
