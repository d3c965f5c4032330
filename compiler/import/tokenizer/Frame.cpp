// The two known frames: byte-level, and SentencePiece's characters. Source of the second's forms:
// what transformers' converters write for Llama 2 and Mistral.
#include "compiler/import/tokenizer/Frame.h"

#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {
namespace {

using bundle::SpacePrefix;

constexpr StringLiteral kSpace = "\xE2\x96\x81"; // U+2581
constexpr const char *kHelp =
    "this version of osscc reads byte-level BPE, with or without NFC, and "
    "SentencePiece's BPE as Llama 2 and Mistral have it";

class FrameReader {
public:
  FrameReader(StringRef file, const json::Object &root) : file(file), root(root) {}

  Expected<TokenizerFrame> read() {
    Expected<SmallVector<Step>> decoders = steps("decoder", "decoders");
    if (!decoders)
      return decoders.takeError();
    bool isByteLevel = decoders->size() == 1 && decoders->front().type == "ByteLevel";
    if (Error error = isByteLevel ? readByteLevel() : readCharacters(*decoders))
      return error;
    return out;
  }

private:
  struct Step {
    StringRef type;
    const json::Object *fields;
  };

  Error fail(StringRef key, const Twine &message) {
    return inputError(file + ": " + key, message, kHelp);
  }

  /// The members of a `Sequence`, or the one step itself; none where the key is absent or null.
  Expected<SmallVector<Step>> steps(StringRef key, StringRef list) {
    SmallVector<Step> found;
    if (!JsonFields(file, root).has(key))
      return found;
    const json::Object *object = root.getObject(key);
    std::optional<StringRef> type = object ? object->getString("type") : std::nullopt;
    if (!type)
      return fail(key, "expected an object with a type");
    if (*type != "Sequence")
      return SmallVector<Step>{{*type, object}};
    const json::Array *members = object->getArray(list);
    if (!members)
      return fail((key + "." + list).str(), "expected a list");
    for (auto [i, member] : enumerate(*members)) {
      const json::Object *fields = member.getAsObject();
      std::optional<StringRef> name = fields ? fields->getString("type") : std::nullopt;
      if (!name)
        return fail((key + "." + list + "[" + Twine(i) + "]").str(),
                    "expected an object with a type");
      found.push_back({*name, fields});
    }
    return found;
  }

  Error readByteLevel() {
    Expected<SmallVector<Step>> normalizers = steps("normalizer", "normalizers");
    if (!normalizers)
      return normalizers.takeError();
    if (normalizers->empty())
      return Error::success();
    if (normalizers->size() != 1 || normalizers->front().type != "NFC")
      return fail("normalizer", "expected null or one of type 'NFC'");
    out.nfc = true;
    return Error::success();
  }

  /// Whether a `Replace` puts `to` for `from`.
  static bool isReplace(const Step &step, StringRef from, StringRef to) {
    const json::Object *pattern = step.fields->getObject("pattern");
    return step.type == "Replace" && pattern && pattern->getString("String") == from &&
           step.fields->getString("content") == to;
  }

  Error readCharacters(ArrayRef<Step> decoders) {
    out.spelling = Spelling::kCharacters;
    bool isKnown = decoders.size() >= 3 && isReplace(decoders[0], kSpace, " ") &&
                   decoders[1].type == "ByteFallback" && decoders[2].type == "Fuse";
    if (isKnown && decoders.size() == 4) {
      const json::Object &strip = *decoders[3].fields;
      isKnown = decoders[3].type == "Strip" && strip.getString("content") == " " &&
                strip.getInteger("start") == 1 && strip.getInteger("stop") == 0;
      out.stripsSpace = true;
    }
    if (!isKnown || decoders.size() > 4)
      return fail("decoder", "expected one of type 'ByteLevel', or Replace, ByteFallback, Fuse and "
                             "Strip of one space");
    return readSpaces();
  }

  /// Who writes U+2581 for spaces: the normalizer, or a `Metaspace`.
  Error readSpaces() {
    Expected<SmallVector<Step>> normalizers = steps("normalizer", "normalizers");
    if (!normalizers)
      return normalizers.takeError();
    bool hasPretokenizer = JsonFields(file, root).has("pre_tokenizer");
    if (hasPretokenizer && normalizers->empty())
      return readMetaspace();
    if (hasPretokenizer && !isSplitOfSpaces(root.getObject("pre_tokenizer")))
      return fail("pre_tokenizer", "expected null beside a normalizer, or a Split at spaces");
    out.normalizesSpaces = true;
    ArrayRef<Step> rest = *normalizers;
    if (rest.size() == 2 && rest[0].type == "Prepend" &&
        rest[0].fields->getString("prepend") == kSpace) {
      out.spacePrefix = SpacePrefix::Each;
      rest = rest.drop_front();
    }
    if (rest.size() != 1 || !isReplace(rest[0], " ", kSpace))
      return fail("normalizer", "expected a Replace of spaces by U+2581, after a Prepend or none");
    return Error::success();
  }

  /// Gemma's `Split`: it finds nothing, for the normalizer has left no spaces.
  static bool isSplitOfSpaces(const json::Object *step) {
    const json::Object *pattern = step ? step->getObject("pattern") : nullptr;
    return pattern && step->getString("type") == "Split" && pattern->getString("String") == " ";
  }

  Error readMetaspace() {
    const json::Object *object = root.getObject("pre_tokenizer");
    if (!object || object->getString("type") != "Metaspace")
      return fail("pre_tokenizer", "expected null or one of type 'Metaspace'");
    JsonFields fields(file, *object, "pre_tokenizer.");
    if (fields.string("replacement", kSpace.str()) != kSpace)
      fields.fail("replacement", "is not U+2581, which is not implemented", kHelp);
    if (fields.boolean("split", true))
      fields.fail("split", "true is not implemented", kHelp);
    std::string scheme = fields.string("prepend_scheme", "always");
    if (scheme == "first")
      out.spacePrefix = SpacePrefix::FirstIfNone;
    else if (scheme == "always")
      out.spacePrefix = SpacePrefix::EachIfNone;
    else if (scheme != "never")
      fields.fail("prepend_scheme", "'" + scheme + "' is not implemented", kHelp);
    return fields.takeError();
  }

  std::string file;
  const json::Object &root;
  TokenizerFrame out;
};

} // namespace

Expected<TokenizerFrame> importTokenizerFrame(StringRef file, const json::Object &root) {
  return FrameReader(file, root).read();
}

} // namespace osscc
