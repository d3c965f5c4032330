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

// DeepSeek V3, which first takes digits and words of Chinese and Japanese apart.
constexpr StringLiteral kDeepSeekV3 =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|)"
    R"( ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr StringLiteral kHanAndKana = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

// DeepSeek LLM and V2, by steps: ends of lines, words of letters that have a case, punctuation,
// spaces at the end, words of Chinese and Korean.
constexpr StringLiteral kCasedWords =
    "\\s?[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-"
    "\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1"
    "\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD"
    "\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D"
    "\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-"
    "\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4"
    "\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D"
    "\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4"
    "\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E"
    "\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F"
    "\U000104B0-\U000104D3\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2"
    "\U000118A0-\U000118DF\U0001E900-\U0001E943]+";
constexpr StringLiteral kLineEnd = R"([\r\n])";
constexpr StringLiteral kPunctuation =
    "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
constexpr StringLiteral kSpacesAtEnd = R"(\s+$)";
constexpr StringLiteral kHanAndHangul = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";

/// What a `Split` may name. Each takes time linear in the text, which a test holds it to.
constexpr StringLiteral kKnownPatterns[] = {
    kGpt2,    kLlama3,      kQwen2,          kO200k,       R"(\p{N})",  R"(\p{N}+)",
    kQwen35,  kTekken,      R"(\p{N}{1,3})", kDeepSeekV3,  kHanAndKana, kCasedWords,
    kLineEnd, kPunctuation, kSpacesAtEnd,    kHanAndHangul};

/// Those by which every letter of a text is in a match.
constexpr StringLiteral kWholePatterns[] = {kGpt2, kLlama3, kQwen2, kO200k, kQwen35, kTekken};

constexpr const char *kHelp =
    "this version of osscc knows Digits, ByteLevel and Split with the patterns of GPT-2, Llama 3, "
    "Qwen 2 and 3.5, Tekken, o200k and DeepSeek; other tokenizers need a newer one";

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

  /// A pattern as this file spells it: ends of lines may stand there themselves.
  static std::string spelled(StringRef regex) {
    std::string text;
    for (char c : regex)
      text += c == '\r' ? "\\r" : c == '\n' ? "\\n" : std::string(1, c);
    return text;
  }

  void readSplit(JsonFields &fields, const json::Object &object) {
    std::string behaviour = fields.string("behavior");
    bool inverts = fields.boolean("invert", false);
    const json::Object *pattern = object.getObject("pattern");
    std::optional<StringRef> regex = pattern ? pattern->getString("Regex") : std::nullopt;
    const auto *known = find(kKnownPatterns, regex ? spelled(*regex) : "");
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
