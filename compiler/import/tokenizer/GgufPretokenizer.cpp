// Patterns are spelt as the models' own tokenizer.json files spell them, which PretokenizerImport
// knows.
#include "compiler/import/tokenizer/GgufPretokenizer.h"

#include "compiler/import/json/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr StringLiteral kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr StringLiteral kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr StringLiteral kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr StringLiteral kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr GgufPretokenizer kKnown[] = {
    {.name = "smollm", .pattern = "", .digits = true},
    {.name = "starcoder", .pattern = "", .digits = true},
    {.name = "refact", .pattern = "", .digits = true},
    {.name = "command-r", .pattern = "", .digits = true},
    {.name = "gpt-2", .pattern = ""},
    {.name = "llama-bpe", .pattern = kLlama3, .wholePieces = true, .begins = true},
    {.name = "gpt-4o", .pattern = kO200k, .wholePieces = true},
    {.name = "qwen2", .pattern = kQwen2, .composes = true},
    {.name = "deepseek-r1-qwen", .pattern = kQwen2, .composes = true},
    // Further names of the same ways, by the model that each was made for.
    {.name = "phi-2", .pattern = ""},
    {.name = "olmo", .pattern = "", .composes = true},
    {.name = "llama3", .pattern = kLlama3, .wholePieces = true, .begins = true},
    {.name = "llama-v3", .pattern = kLlama3, .wholePieces = true, .begins = true},
    {.name = "lfm2", .pattern = kLlama3, .wholePieces = true, .begins = true},
    {.name = "dbrx", .pattern = kLlama3},
    {.name = "chatglm-bpe", .pattern = kLlama3},
    {.name = "glm4", .pattern = kLlama3, .wholePieces = true},
    {.name = "llama4", .pattern = kO200k},
    {.name = "qwen35", .pattern = kQwen35, .composes = true},
    {.name = "tekken", .pattern = kTekken, .wholePieces = true, .begins = true},
};

} // namespace

Expected<GgufPretokenizer> readGgufPretokenizer(const GgufFile &file) {
  constexpr StringLiteral kKey = "tokenizer.ggml.pre";
  Expected<std::string> name = file.string(kKey);
  if (!name)
    return name.takeError();
  const auto *found = find_if(kKnown, [&](const auto &known) { return known.name == *name; });
  if (found != std::end(kKnown))
    return *found;
  std::string names = join(map_range(kKnown, [](const auto &known) { return known.name; }), ", ");
  return file.error(kKey,
                    (name->empty() ? "the key is missing" : describe(*name) + " is not known") +
                        ", osscc knows " + names,
                    "without it the ids of a text cannot be known; convert the model again with a "
                    "current llama.cpp, or take another file of it");
}

} // namespace osscc
