#include "runtime/chat/HarmonyHeader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace osscc::rt {
namespace {

constexpr std::string_view kRole = "assistant", kTo = "to=";

using Words = std::vector<std::string_view>;

Words wordsOf(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\f\r";
  Words words;
  while (true) {
    size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos)
      return words;
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find_first_of(kSpaces)));
    text.remove_prefix(words.back().size());
  }
}

std::unexpected<AnswerError> wrong(AnswerFault fault, std::string text) {
  return std::unexpected(AnswerError{fault, std::move(text)});
}

/// A role, or a role with a name: "assistant:planner".
bool isRole(std::string_view word) {
  return word.starts_with(kRole) && (word.size() == kRole.size() || word[kRole.size()] == ':');
}

/// Takes the first word away; empty if there is none.
std::string_view takeFirst(Words &words) {
  if (words.empty())
    return {};
  std::string_view word = words.front();
  words.erase(words.begin());
  return word;
}

} // namespace

std::expected<HarmonyHeader, AnswerError> readHarmonyHeader(const HarmonyHeaderText &text,
                                                            bool mayLackRole) {
  HarmonyHeader header;
  Words words = wordsOf(text.role);
  bool hasRole = !words.empty() && isRole(words.front());
  if (hasRole)
    takeFirst(words);
  else if (!mayLackRole)
    return wrong(AnswerFault::kWrongRole,
                 fmt::format("the model speaks as '{}'", words.empty() ? "" : words.front()));
  if (text.channel) {
    Words behind = wordsOf(*text.channel);
    header.channel = takeFirst(behind);
    if (header.channel.empty())
      return wrong(AnswerFault::kBadHeader, "a header names no channel");
    words.insert(words.end(), behind.begin(), behind.end());
  }
  if (text.type) {
    Words behind = wordsOf(*text.type);
    header.contentType = takeFirst(behind);
    words.insert(words.end(), behind.begin(), behind.end());
  }

  Words bare;
  for (std::string_view word : words) {
    if (!word.starts_with(kTo)) {
      bare.push_back(word);
      continue;
    }
    if (!header.recipient.empty())
      return wrong(
          AnswerFault::kRepeatedHeader,
          fmt::format("a header calls '{}' and '{}'", header.recipient, word.substr(kTo.size())));
    header.recipient = word.substr(kTo.size());
    if (header.recipient.empty())
      return wrong(AnswerFault::kBadHeader, "a header calls nobody: 'to='");
  }
  if (header.recipient.empty())
    header.recipient = takeFirst(bare);
  if (!text.type)
    header.contentType = takeFirst(bare);
  if (!bare.empty())
    return wrong(AnswerFault::kBadHeader,
                 fmt::format("a header says '{}', which it cannot say", bare.front()));
  return header;
}

} // namespace osscc::rt
