// The tokenizer that the metadata of a .gguf file describes.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"
#include "compiler/import/tokenizer/Spec.h"
#include "support/Notes.h"

namespace osscc {

/// Reads the keys `tokenizer.ggml.*`. `pre` decides how a text is split, `token_type` what a token
/// is: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Control and unknown tokens
/// are special, user-defined ones are words; of another type a token is left out, and of two of one
/// text the first is.
///
/// \errors  InputError naming the key: a model other than byte-level BPE ("gpt2"), BPE over scores
///          ("llama") and BPE over letters ("gemma4"), an unknown `pre`, texts that are not UTF-8,
///          lists of different lengths.
/// \param notes  takes the tokens that are left out, if it is not null.
llvm::Expected<TokenizerSpec> readGgufTokenizer(const GgufFile &file, Notes *notes = nullptr);

/// The tokens that end an answer: those of the keys eos, eot, eom, fim_pad, fim_rep and fim_sep,
/// and those whose texts chat models end a turn with.
llvm::Expected<llvm::SmallVector<int64_t>> readGgufEndTokens(const GgufFile &file);

/// The id in `tokenizer.ggml.ROLE_token_id`; 4294967295 and -1 name no token.
///
/// \param isNeeded  whether an id that is not below `tokens` is an error; else it names no token.
/// \errors  no integer.
llvm::Expected<std::optional<int64_t>> readGgufTokenId(const GgufFile &file, llvm::StringRef role,
                                                       size_t tokens, bool isNeeded);

} // namespace osscc
