// The history of a chat as it was sampled: a model may spell its answer in other tokens than the
// tokenizer would, and its cache holds those.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/template/ChatTemplate.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

class Replay {
public:
  /// Keeps the tokens of an answer: the last of `drawn`, markers at the end aside, whose texts make
  /// up `content`. Nothing is kept where there are no such, as after a stop string.
  void remember(const Tokenizer &tokenizer, std::string_view content,
                std::span<const int32_t> drawn);

  /// Forgets all answers.
  void clear() { answers.clear(); }

  /// The tokens of a rendered conversation. Where it has the text of an answer that is kept, whole
  /// and followed by a marker, these are the tokens that were drawn; all else is encoded. Text that
  /// a user wrote the same way gets the same tokens, which hold no marker.
  ///
  /// \errors  those of Tokenizer::encode().
  Result<std::vector<int32_t>> encode(const Tokenizer &tokenizer, const Rendered &rendered) const;

private:
  struct Answer {
    std::string text;
    std::vector<int32_t> tokens;
  };
  const Answer *find(std::string_view text, const Answer *from) const;

  std::vector<Answer> answers; ///< In their order.
};

} // namespace osscc::rt
