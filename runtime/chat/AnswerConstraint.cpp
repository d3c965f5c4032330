#include "runtime/chat/AnswerConstraint.h"

#include "runtime/schema/Machine.h"

#include <algorithm>
#include <utility>

namespace osscc::rt {

AnswerConstraint::AnswerConstraint(Schema schema, std::shared_ptr<const TokenTrie> vocabulary,
                                   const Tokenizer &tokenizer, std::vector<int32_t> ends)
    : holdsAll(schema->frame.holdsAll), constraint(std::move(schema), vocabulary, ends),
      vocabulary(std::move(vocabulary)), tokenizer(tokenizer), ends(std::move(ends)),
      mask(size_t(this->vocabulary->vocabulary() + 63) / 64) {}

void AnswerConstraint::begin(const AnswerParser &parser) {
  constraint.restart();
  isArmed = holdsAll || parser.next() == AnswerParser::Next::kAnswer;
}

void AnswerConstraint::set(int32_t token, bool isAllowed) {
  if (token < 0 || size_t(token) >= 64 * mask.size())
    return;
  uint64_t bit = uint64_t(1) << (token % 64);
  uint64_t &word = mask[size_t(token) / 64];
  word = isAllowed ? word | bit : word & ~bit;
}

std::span<const uint64_t> AnswerConstraint::allowed(const AnswerParser &parser) {
  if (isArmed)
    return constraint.allowed();
  AnswerParser::Next next = parser.next();
  // Half of what leads to the reasoning must become the whole: no answer begins so.
  bool isHalf = next == AnswerParser::Next::kBeside && !parser.reasons() && !parser.lead().empty();
  if (next == AnswerParser::Next::kBeside && !isHalf)
    return allowBeside(parser.lead());
  if (next == AnswerParser::Next::kEither)
    std::ranges::copy(constraint.allowed(), mask.begin());
  else
    std::ranges::fill(mask, 0);
  allowLead(parser.lead());
  return mask;
}

/// Adds the tokens that are a part of the text that leads on, or begin with all that is left of it.
void AnswerConstraint::allowLead(std::string_view lead) {
  for (int32_t id = 0; id < vocabulary->vocabulary() && !lead.empty(); ++id) {
    std::string_view piece = tokenizer.piece(id);
    if (!piece.empty() && (lead.starts_with(piece) || piece.starts_with(lead)))
      set(id, true);
  }
}

/// Anything but an end, and but a token with which an answer begins that is none.
std::span<const uint64_t> AnswerConstraint::allowBeside(std::string_view lead) {
  if (auto known = beside.find(lead); known != beside.end())
    return known->second;
  std::ranges::fill(mask, ~uint64_t(0));
  for (int32_t id : ends)
    set(id, false);
  for (int32_t id = 0; id < vocabulary->vocabulary() && !lead.empty(); ++id) {
    std::string_view piece = tokenizer.piece(id);
    if (size_t at = piece.find(lead);
        at != piece.npos && !mayFollow(piece.substr(at + lead.size())))
      set(id, false);
  }
  return beside.emplace(lead, mask).first->second;
}

/// Whether an answer may begin so; line ends before it belong to the reasoning.
bool AnswerConstraint::mayFollow(std::string_view tail) {
  tail.remove_prefix(std::min(tail.find_first_not_of('\n'), tail.size()));
  bool may = constraint.takeText(tail);
  constraint.restart();
  return may;
}

void AnswerConstraint::take(int32_t token, const AnswerParser &parser) {
  if (isArmed) {
    constraint.take(token);
  } else if (parser.next() == AnswerParser::Next::kAnswer) {
    isArmed = true;
    bool isBegun = constraint.take(token); // no text has led to it
    if (!isBegun) {
      constraint.restart();
      constraint.takeText(parser.lastAnswer());
    }
  } else if (parser.next() == AnswerParser::Next::kEither) {
    constraint.take(token); // white space
  }
}

} // namespace osscc::rt
