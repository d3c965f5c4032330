// Source of the roles, their precedence and their defaults: the reference's PreTrainedTokenizerBase
// and its tokenizer classes.
#include "compiler/import/tokenizer/SpecialNames.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {
namespace {

using Role = std::optional<std::string> SpecialNames::*;

struct NamedRole {
  StringLiteral name;
  Role role;
  StringLiteral ggufKey;
};
constexpr NamedRole kRoles[] = {{"bos_token", &SpecialNames::bos, "bos"},
                                {"eos_token", &SpecialNames::eos, "eos"},
                                {"unk_token", &SpecialNames::unk, "unknown"},
                                {"sep_token", &SpecialNames::sep, "seperator"}, // spelt so by GGUF
                                {"pad_token", &SpecialNames::pad, "padding"},
                                {"cls_token", &SpecialNames::cls, "cls"},
                                {"mask_token", &SpecialNames::mask, "mask"}};

const NamedRole *findRole(StringRef name) {
  const auto *found = find_if(kRoles, [&](const NamedRole &role) { return role.name == name; });
  return found == std::end(kRoles) ? nullptr : found;
}

/// The roles that a class of tokenizers fills by itself.
SpecialNames defaultsOf(StringRef tokenizerClass) {
  SpecialNames out;
  tokenizerClass.consume_back("Fast");
  if (tokenizerClass == "LlamaTokenizer") {
    out.bos = "<s>";
    out.eos = "</s>";
    out.unk = "<unk>";
  } else if (tokenizerClass == "Qwen2Tokenizer") {
    out.unk = out.eos = out.pad = "<|endoftext|>";
  } else if (tokenizerClass == "GPT2Tokenizer") {
    out.unk = out.bos = out.eos = "<|endoftext|>";
  }
  return out;
}

/// A text, or the `content` of an AddedToken object.
std::optional<StringRef> textOf(const json::Value &value) {
  if (std::optional<StringRef> text = value.getAsString())
    return text;
  const json::Object *token = value.getAsObject();
  return token ? token->getString("content") : std::nullopt;
}

/// Takes the roles of one file, over those that `out` has.
void readRoles(JsonFields &fields, SpecialNames &out) {
  for (const auto &[key, value] : fields.fields()) {
    std::optional<StringRef> text = textOf(value);
    if (const NamedRole *known = findRole(StringRef(key))) {
      bool isNull = value.kind() == json::Value::Null;
      if (!text && !isNull)
        fields.fail(StringRef(key),
                    "expected a text or an object with 'content', found " + describe(value));
      out.*known->role = text ? std::optional(text->str()) : std::nullopt;
    } else if (StringRef(key).ends_with("_token") && text) {
      out.extra[StringRef(key).str()] = text->str();
    }
  }
  for (StringRef group : {"extra_special_tokens", "model_specific_special_tokens"})
    if (const json::Object *named = fields.fields().getObject(group))
      for (const auto &[key, value] : *named)
        if (std::optional<StringRef> text = textOf(value))
          out.extra[StringRef(key).str()] = text->str();
}

} // namespace

void SpecialNames::forEach(function_ref<void(StringRef name, StringRef text)> visit) const {
  for (const NamedRole &role : kRoles)
    if (const std::optional<std::string> &text = this->*role.role)
      visit(role.name, *text);
  for (const auto &[name, text] : extra)
    visit(name, text);
}

Expected<SpecialNames> readSpecialNames(FolderJson &folder) {
  SpecialNames out;
  bool isWhole = false; // whether the newer file says all that the older one could
  for (StringRef name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    if (isWhole)
      break;
    Expected<const json::Value *> value = folder.find(name);
    if (!value)
      return value.takeError();
    const json::Object *object = *value ? (*value)->getAsObject() : nullptr;
    if (!object)
      continue;
    JsonFields fields(folder.path(name), *object);
    if (name == "tokenizer_config.json") {
      out = defaultsOf(object->getString("tokenizer_class").value_or(""));
      isWhole = object->get("added_tokens_decoder");
    }
    readRoles(fields, out);
    if (Error error = fields.takeError())
      return error;
  }
  return out;
}

Expected<SpecialNames> readGgufSpecialNames(const GgufFile &file) {
  SpecialNames out;
  if (!file.find("tokenizer.ggml.tokens"))
    return out;
  Expected<std::vector<StringRef>> tokens = file.strings("tokenizer.ggml.tokens");
  if (!tokens)
    return tokens.takeError();
  for (const NamedRole &role : kRoles) {
    Expected<std::optional<int64_t>> id =
        readGgufTokenId(file, role.ggufKey, tokens->size(), false);
    if (!id)
      return id.takeError();
    if (*id && !(*tokens)[**id].empty())
      out.*role.role = (*tokens)[**id].str();
  }
  return out;
}

} // namespace osscc
