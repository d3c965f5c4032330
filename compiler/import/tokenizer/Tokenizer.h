// The tokenizer of a checkpoint, of either format, to the tables that the executable runs on.
#pragma once

#include "compiler/import/tokenizer/SpecialNames.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "support/Notes.h"
#include <memory>

namespace osscc {

struct ImportedTokenizer {
  std::unique_ptr<bundle::TokenizerT> tables;
  SpecialNames names;
  std::optional<int64_t> end; ///< The id of the token that `names` calls eos.
};

/// Reads tokenizer.json of a Hugging Face directory, and the named tokens of
/// tokenizer_config.json.
///
/// \param folder  its notes take what changes no id: slips of the JSON, truncation and padding,
///                added tokens that no text reaches.
/// \param rows    of the embedding table; every id is below.
/// \errors  those of readTokenizerJson, readSpecialNames, layTokenizer and readJsonFile.
llvm::Expected<ImportedTokenizer> importTokenizer(FolderJson &folder, uint64_t rows);

/// The same of the metadata of a .gguf file. \errors  those of readGgufTokenizer and layTokenizer.
llvm::Expected<ImportedTokenizer> importGgufTokenizer(const GgufFile &file, uint64_t rows,
                                                      Notes *notes = nullptr);

} // namespace osscc
