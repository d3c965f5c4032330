// Two readers, one layout.
#include "compiler/import/tokenizer/Tokenizer.h"

#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "compiler/import/tokenizer/HuggingFace.h"
#include "compiler/import/tokenizer/Tables.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

/// The id that a text stands for; an added token before one of the vocabulary.
static std::optional<int64_t> idOf(const TokenizerSpec &spec, StringRef text) {
  for (const AddedTokenSpec &token : spec.added)
    if (token.text == text)
      return token.id;
  for (const auto &[spelling, id] : spec.vocabulary)
    if (spelling == text)
      return id;
  return std::nullopt;
}

static Expected<ImportedTokenizer> lay(TokenizerSpec spec, uint64_t rows, Notes *notes) {
  ImportedTokenizer out;
  if (Error error = layTokenizer(spec, rows, notes).moveInto(out.tables))
    return error;
  if (spec.names.eos)
    out.end = idOf(spec, *spec.names.eos);
  if (out.end && static_cast<uint64_t>(*out.end) >= rows)
    out.end = std::nullopt;
  out.names = std::move(spec.names);
  return std::move(out);
}

/// Settings of batches for training: a text of any length is one of its own here.
static void noteBatches(StringRef file, const json::Object &root, Notes *notes) {
  for (StringRef key : {"truncation", "padding"})
    if (const json::Value *value = root.get(key);
        notes && value && value->kind() != json::Value::Null)
      notes->add(file + ": " + key, "is of batches; texts are read whole here");
}

Expected<ImportedTokenizer> importTokenizer(FolderJson &folder, uint64_t rows) {
  Notes *notes = folder.notes();
  std::string path = folder.path("tokenizer.json"); // large, and read here alone
  Expected<json::Value> value = readJsonFile(path, uint64_t(64) << 20, notes);
  if (!value)
    return value.takeError();
  const json::Object *root = value->getAsObject();
  if (!root)
    return inputError(path, "expected an object, found " + describe(*value));
  noteBatches(path, *root, notes);
  Expected<TokenizerSpec> spec = readTokenizerJson(path, *root);
  if (!spec)
    return spec.takeError();
  if (Error error = readSpecialNames(folder).moveInto(spec->names))
    return error;
  return lay(std::move(*spec), rows, notes);
}

Expected<ImportedTokenizer> importGgufTokenizer(const GgufFile &file, uint64_t rows, Notes *notes) {
  Expected<TokenizerSpec> spec = readGgufTokenizer(file, notes);
  return spec ? lay(std::move(*spec), rows, notes) : spec.takeError();
}

} // namespace osscc
