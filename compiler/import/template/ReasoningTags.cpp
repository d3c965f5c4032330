#include "compiler/import/template/ReasoningTags.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

struct Pair {
  StringLiteral begin, end;
  StringLiteral behind = "\n\n"; ///< What is written between the end and an answer.
};

/// Pairs that are not a word in angle brackets and the same with a slash, or that templates only
/// cut off: Reka Flash 3, Mistral's Magistral, Cohere's Command A, Apertus, Gemma 4.
constexpr Pair kPairs[] = {
    {"<think>", "</think>"},
    {"<reasoning>", "</reasoning>"},
    {"[THINK]", "[/THINK]"},
    {"<|START_THINKING|>", "<|END_THINKING|>"},
    {"<|inner_prefix|>", "<|inner_suffix|>"},
    {"<|channel>thought", "<channel|>", ""},
};

constexpr StringLiteral kThought = "osscc-thought", kAnswer = "osscc-answer";

/// The last word in brackets, at the end of a text.
StringRef tagAtEnd(StringRef text) {
  text = text.rtrim();
  if (!text.ends_with(">") && !text.ends_with("]"))
    return {};
  size_t begin = text.rfind(text.back() == '>' ? '<' : '[');
  return begin == StringRef::npos ? StringRef() : text.substr(begin);
}

/// The word in brackets that a text begins with.
StringRef tagAtBegin(StringRef text) {
  text = text.ltrim();
  if (!text.starts_with("<") && !text.starts_with("["))
    return {};
  size_t end = text.find(text.front() == '<' ? '>' : ']');
  return end == StringRef::npos ? StringRef() : text.substr(0, end + 1);
}

/// Whether two tags are the begin and the end of the same thing.
bool isPair(StringRef begin, StringRef end) {
  auto known = [&](const Pair &pair) { return pair.begin == begin && pair.end == end; };
  return any_of(kPairs, known) ||
         (begin.size() > 2 && end.size() == begin.size() + 1 && end.front() == begin.front() &&
          end[1] == '/' && end.substr(2) == begin.substr(1));
}

/// What is written around the thoughts of an answer that is the last message.
std::optional<ReasoningTags> tryAnswer(const TemplateProbe &probe) {
  std::string request = R"({"messages":[{"role":"user","content":"osscc-question"},)"
                        R"({"role":"assistant","reasoning_content":"osscc-thought",)"
                        R"("content":"osscc-answer"}]})";
  std::optional<std::string> text = probe.render(request);
  if (!text)
    return std::nullopt;
  auto [before, behind] = StringRef(*text).split(kThought);
  auto [close, rest] = behind.split(kAnswer);
  StringRef begin = tagAtEnd(before), end = tagAtBegin(close);
  if (!behind.contains(kAnswer) || !isPair(begin, end))
    return std::nullopt;
  return ReasoningTags{begin.str(), end.str(), close.str()};
}

} // namespace

std::optional<ReasoningTags> findReasoningTags(const TemplateProbe &probe,
                                               ArrayRef<std::string> strings) {
  if (std::optional<ReasoningTags> tags = tryAnswer(probe))
    return tags;
  for (const Pair &pair : kPairs)
    if (any_of(strings, [&](StringRef text) {
          return text.contains(pair.begin) || text.contains(pair.end);
        }))
      return ReasoningTags{pair.begin.str(), pair.end.str(), ("\n" + pair.end + pair.behind).str()};
  return std::nullopt;
}

bool opensReasoning(StringRef prompt, const ReasoningTags &tags) {
  return prompt.rtrim().ends_with(tags.begin);
}

} // namespace osscc
