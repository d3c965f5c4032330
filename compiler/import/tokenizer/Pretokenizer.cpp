// The known split patterns, and which of them a checkpoint asks for.
#include "compiler/import/tokenizer/Pretokenizer.h"

#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {
namespace {

constexpr StringLiteral kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

constexpr StringLiteral kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr StringLiteral kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

/// As kQwen2, but marks belong to letters.
constexpr StringLiteral kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|)"
    R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// As kO200k, but with single digits and without what English puts behind words.
constexpr StringLiteral kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|)"
    R"(\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr StringLiteral kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// What a `Split` may name. Each takes time linear in the text, which a test holds it to.
constexpr StringLiteral kKnownPatterns[] = {kGpt2,      kLlama3,     kQwen2,  kO200k,
                                            R"(\p{N})", R"(\p{N}+)", kQwen35, kTekken};

/// Those by which every letter of a text is in a match.
constexpr StringLiteral kWholePatterns[] = {kGpt2, kLlama3, kQwen2, kO200k, kQwen35, kTekken};

constexpr const char *kHelp =
    "this version of osscc knows Digits, ByteLevel and Split with the patterns of GPT-2, Llama 3, "
    "Qwen 2 and 3.5, Tekken and o200k; other tokenizers need a newer one";

/// Reads one pre-tokenizer, and the members of a sequence.
class PretokenizerReader {
public:
  explicit PretokenizerReader(StringRef file) : file(file) {}

  Error read(const json::Value *value, const std::string &key) {
    const json::Object *object = value ? value->getAsObject() : nullptr;
    if (!object)
      return inputError(file + ": " + key,
                        "expected an object, found " + (value ? describe(*value) : "none"), kHelp);
    if (byteLevel)
      return inputError(file + ": " + key, "nothing can follow ByteLevel", kHelp);
    JsonFields fields(file, *object, key + ".");
    std::string type = fields.string("type");
    if (type == "Sequence")
      return readSequence(*object, key);
    if (type == "Digits")
      patterns.push_back(fields.boolean("individual_digits", false) ? R"(\p{Digits})"
                                                                    : R"(\p{Digits}+)");
    else if (type == "ByteLevel")
      readByteLevel(fields);
    else if (type == "Split")
      readSplit(fields, *object);
    else
      fields.fail("type", "pre-tokenizer '" + type + "' is not implemented", kHelp);
    return fields.takeError();
  }

  std::vector<std::string> patterns;
  bool byteLevel = false;

private:
  Error readSequence(const json::Object &object, const std::string &key) {
    const json::Array *members = object.getArray("pretokenizers");
    if (!members || members->empty())
      return inputError(file + ": " + key + ".pretokenizers", "expected a list of pre-tokenizers");
    for (auto [i, member] : enumerate(*members))
      if (Error error = read(&member, key + ".pretokenizers[" + std::to_string(i) + "]"))
        return error;
    return Error::success();
  }

  void readByteLevel(JsonFields &fields) {
    if (fields.boolean("add_prefix_space", true))
      fields.fail("add_prefix_space", "true is not implemented", kHelp);
    if (fields.boolean("use_regex", true))
      patterns.push_back(kGpt2.str());
    byteLevel = true;
  }

  void readSplit(JsonFields &fields, const json::Object &object) {
    std::string behaviour = fields.string("behavior");
    bool inverts = fields.boolean("invert", false);
    const json::Object *pattern = object.getObject("pattern");
    std::optional<StringRef> regex = pattern ? pattern->getString("Regex") : std::nullopt;
    const auto *known = regex ? find(kKnownPatterns, *regex) : std::end(kKnownPatterns);
    if (known == std::end(kKnownPatterns))
      return fields.fail("pattern",
                         regex ? "the pattern " + describe(json::Value(*regex)) + " is not known"
                               : std::string("expected an object with 'Regex'"),
                         kHelp);
    // To remove what stands between matches that leave nothing out is to isolate them.
    bool removesNothing = behaviour == "Removed" && inverts && is_contained(kWholePatterns, *regex);
    if (behaviour != "Isolated" && !removesNothing)
      fields.fail("behavior", "'" + behaviour + "' is not implemented", kHelp);
    if (inverts && !removesNothing)
      fields.fail("invert", "true is not implemented", kHelp);
    patterns.push_back(known->str());
  }

  std::string file;
};

} // namespace

StringRef gpt2Pattern() {
  return kGpt2;
}

Expected<std::vector<std::string>> importPretokenizer(StringRef file, const json::Object &fields) {
  PretokenizerReader reader(file);
  if (Error error = reader.read(fields.get("pre_tokenizer"), "pre_tokenizer"))
    return error;
  if (!reader.byteLevel)
    return inputError(file + ": pre_tokenizer", "expected ByteLevel at its end", kHelp);
  return std::move(reader.patterns);
}

} // namespace osscc
