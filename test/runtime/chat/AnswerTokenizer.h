// A tokenizer with the markers of answers, for tests of their parsers.
#pragma once

#include "runtime/tokenizer/Tokenizer.h"
#include "test/runtime/tokenizer/TinyTokenizer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace osscc::test {

/// Bytes, with the markers of harmony as special tokens, <think> and </think> as words, and a
/// special pair, <|think|> and <|/think|>.
class AnswerTokenizer {
public:
  /// \param without  a marker to leave out.
  explicit AnswerTokenizer(std::string_view without = {}) {
    std::vector<std::string> texts;
    for (const char *text : {"<think>", "</think>", "<|think|>", "<|/think|>", "<|start|>",
                             "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|call|>",
                             "<|return|>", "<|endoftext|>", "<|reserved_1|>"})
      if (text != without)
        texts.push_back(text);
    std::ranges::sort(texts);
    auto tables = tinyTokenizer({{'q', 'q'}}, texts);
    for (const std::string &text : texts)
      tables.verbatim->flags.push_back(uint8_t(text.find('|') < text.size()));
    builder.Finish(bundle::Tokenizer::Pack(builder, &tables));
    loaded.emplace(
        *rt::Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(builder.GetBufferPointer())));
  }

  const rt::Tokenizer &operator*() const { return *loaded; }
  std::vector<int32_t> ids(std::string_view text) const {
    return *loaded->encode(text, rt::SpecialTokens::kMatch);
  }

private:
  flatbuffers::FlatBufferBuilder builder;
  std::optional<rt::Tokenizer> loaded;
};

inline const AnswerTokenizer &answerTokenizer() {
  static const AnswerTokenizer tokenizer;
  return tokenizer;
}

} // namespace osscc::test
