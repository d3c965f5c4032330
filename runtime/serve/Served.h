// The model as requests see it: what is loaded once and only read from then on.
#pragma once

#include "runtime/bundle/Bundle.h"
#include "runtime/chat/Reasoning.h"
#include "runtime/model/Generate.h"
#include "runtime/schema/TokenTrie.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace osscc::rt::serve {

struct Served {
  const Bundle &bundle;
  const Tokenizer &tokenizer;
  cli::Reasoning reasoning;            ///< The mode of requests that ask for none.
  std::optional<int64_t> budget = {};  ///< Tokens of thoughts, where a request says nothing.
  GenerateOptions defaults = {};       ///< Sampling, and the ids that end an answer.
  std::optional<int64_t> clock = {};   ///< That the template takes for now.
  std::string system = {};             ///< Message of requests that have none; empty: none.
  std::vector<int32_t> closing = {};   ///< Tokens that end thoughts.
  std::vector<int32_t> turnEnds = {};  ///< Ids that end a turn and are for the parser to read.
  std::vector<IdRange> forbidden = {}; ///< Ids that no answer may have.
  int64_t context = 0, vocabulary = 0;
  /// For requests with a schema.
  std::shared_ptr<LazyTokenTrie> trie = std::make_shared<LazyTokenTrie>();
  std::string name = {}; ///< Of the model, for clients.
  int64_t started = 0;   ///< Seconds since 1970.

  /// Completes `served`: its ids are those of the bundle and its tokenizer.
  /// \errors  those of Tokenizer::encode().
  static Status loadFormat(Served &served);

  bool hasTemplate() const;
  /// Ids that end an answer, whoever reads them.
  std::vector<int32_t> ends() const;
};

} // namespace osscc::rt::serve
