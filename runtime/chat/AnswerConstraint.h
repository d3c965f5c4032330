// Holds an answer to a JSON Schema. What the model thinks before it is free; but the answer must
// come, so nothing may end before.
#pragma once

#include "runtime/chat/AnswerParser.h"
#include "runtime/schema/Constraint.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace osscc::rt {

class AnswerConstraint {
public:
  /// \param tokenizer  must outlive the object.
  /// \param ends  ids that end an answer.
  AnswerConstraint(Schema schema, std::shared_ptr<const TokenTrie> vocabulary,
                   const Tokenizer &tokenizer, std::vector<int32_t> ends);

  /// Begins an answer, which `parser` reads from its beginning.
  void begin(const AnswerParser &parser);

  /// The tokens that may come next, as Constraint::allowed() gives them.
  std::span<const uint64_t> allowed(const AnswerParser &parser);

  /// Goes on behind a token that `parser` has read.
  void take(int32_t token, const AnswerParser &parser);

  /// Whether the answer so far is a whole value.
  bool isWhole() const { return isArmed && constraint.mayEnd(); }

private:
  std::span<const uint64_t> allowBeside(std::string_view lead);
  void allowLead(std::string_view lead);
  bool mayFollow(std::string_view tail);
  void set(int32_t token, bool isAllowed);

  const bool holdsAll; ///< Also what comes before the answer.
  Constraint constraint;
  std::shared_ptr<const TokenTrie> vocabulary;
  const Tokenizer &tokenizer;
  std::vector<int32_t> ends;
  bool isArmed = false; ///< The answer has begun.
  std::vector<uint64_t> mask;
  std::map<std::string, std::vector<uint64_t>, std::less<>> beside; ///< Masks, by what leads on.
};

} // namespace osscc::rt
