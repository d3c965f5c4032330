// The tokenizer that a .gguf file carries, as the value that tokenizer.json would hold: one
// importer reads both.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"
#include "runtime/bundle/Tokenizer_generated.h"

namespace osscc {

/// The object of tokenizer.json. `tokenizer.ggml.pre` decides how a text is split.
///
/// \returns texts of the object point into the file's header.
/// \errors  InputError naming the key: a model other than byte-level BPE ("gpt2") and BPE over
///          scores ("llama"), an unknown `pre`, texts that are not UTF-8 or given twice, lists of
///          different lengths, unknown token types, ids beyond the vocabulary.
llvm::Expected<llvm::json::Object> readGgufTokenizer(const GgufFile &file);

/// The same as the tables of importTokenizer.
llvm::Expected<std::unique_ptr<bundle::TokenizerT>> importGgufTokenizer(const GgufFile &file,
                                                                        uint64_t vocabularyRows);

/// The tokens that end an answer: those of the keys eos, eot and eom, and without an eot that token
/// among the control tokens which chat models end a turn with.
llvm::Expected<llvm::SmallVector<int64_t>> readGgufEndTokens(const GgufFile &file);

} // namespace osscc
