// A tokenizer as plain data: what a reader takes from a checkpoint's files, and all that Tables.h
// needs to lay it out for the runtime.
#pragma once

#include "compiler/import/tokenizer/Frame.h"
#include "compiler/import/tokenizer/SpecialNames.h"
#include <string>
#include <utility>
#include <vector>

namespace osscc {

/// A token that is found in a text before anything else is split, whole.
struct AddedTokenSpec {
  std::string text;
  int64_t id = 0;
  std::string place;       ///< In the file, for messages: "added_tokens[3]".
  bool special = false;    ///< A marker: not shown in answers, not found in a user's words.
  bool normalized = false; ///< Looked for in the normalized text, in its own normalized form.
  bool stripsLeft = false, stripsRight = false; ///< Takes the white space beside it away.
  bool singleWord = false;                      ///< Never found inside a word.
};

struct TokenizerSpec {
  std::string file; ///< Names the file in errors.
  /// Where the parts are in the file, for errors.
  std::string vocabularyPlace = "model.vocab", mergesPlace = "model.merges";

  TokenizerFrame frame;
  std::vector<std::pair<std::string, int64_t>> vocabulary; ///< Spellings and ids, ids rising.
  std::vector<std::pair<std::string, std::string>> merges; ///< Spellings; the first binds first.
  std::vector<AddedTokenSpec> added;
  /// Spellings that stand in the file but become no token, and whose merges are left out.
  std::vector<std::string> unreachable;
  std::vector<int64_t> hidden; ///< Special tokens of the vocabulary that no text reaches.

  std::vector<std::string> splits; ///< Patterns, each of which splits the pieces of the one before.
  std::string unknown;             ///< Spelling of the token for bytes that have none; or empty.
  bool fusesUnknown = false;       ///< Bytes without a token that follow each other give one.
  bool wholePieces = false;        ///< A piece that the vocabulary has is not merged.
  /// Added tokens are sought by length, the longest of the text first, and special ones hide no
  /// others, as llama.cpp does it; else from left to right.
  bool longestFirst = false;
  /// An added token is shown through the decoder, as `tokenizers` does it; else as it is spelt.
  bool decodesAdded = true;

  std::vector<int64_t> prefix, suffix; ///< Ids around a text that is no conversation.
  SpecialNames names;
};

} // namespace osscc
