#include "compiler/import/families/Published.h"

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
                                     {"DeepSeek R1 Distill Llama", "mit", "<think>"}};
constexpr StringLiteral kShapesOfLlama[] = {
    "tiny-5x1",    "tiny-6x2",    "tiny-attention-bias", "tiny-biases",    "tiny-linear",
    "tiny-llama2", "tiny-llama3", "tiny-llama32",        "tiny-mlp-bias",  "tiny-odd",
    "tiny-untied", "tiny-wide",   "tiny-yarn",           "tiny-yarn-exact"};

constexpr PublishedModel kMistral[] = {{"Mistral 7B", "apache-2.0"}, {"Zephyr 7B", "mit"}};
constexpr StringLiteral kShapesOfMistral[] = {"tiny-mistral", "tiny-windows"};

constexpr PublishedModel kQwen2[] = {{"Qwen 2.5 0.5B, 1.5B, 7B, 14B, 32B", "apache-2.0"},
                                     {"Qwen 2.5 3B", "qwen-research"},
                                     {"Qwen 2.5 72B", "qwen"},
                                     {"QwQ 32B", "apache-2.0", "<think>"},
                                     {"DeepSeek R1 Distill Qwen", "mit", "<think>"}};
constexpr StringLiteral kShapesOfQwen2[] = {"tiny-qwen2", "tiny-some-windows"};

constexpr PublishedFamily kFamilies[] = {{"gpt_oss", kGptOss, kShapesOfGptOss},
                                         {"llama", kLlama, kShapesOfLlama},
                                         {"mistral", kMistral, kShapesOfMistral},
                                         {"qwen2", kQwen2, kShapesOfQwen2}};

} // namespace

ArrayRef<PublishedFamily> publishedFamilies() {
  return kFamilies;
}

} // namespace osscc
