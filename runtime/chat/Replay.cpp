#include "runtime/chat/Replay.h"

#include <algorithm>

namespace osscc::rt {
namespace {

/// Whether a text of the template begins with a marker: what stands before it then is encoded
/// apart, whatever follows.
bool beginsWithMarker(const Tokenizer &tokenizer, std::string_view text) {
  TokenSpan all{0, text.size(), /*isTemplate=*/true};
  auto ids = tokenizer.encode(text, {&all, 1});
  return ids && !ids->empty() && tokenizer.isSpecial(ids->front()) &&
         text.starts_with(tokenizer.piece(ids->front()));
}

/// The bytes [begin, end) of a rendered conversation, whose spans lie next to each other.
Status appendPart(const Tokenizer &tokenizer, const Rendered &rendered, size_t begin, size_t end,
                  std::vector<int32_t> &ids) {
  std::vector<TokenSpan> spans;
  for (const TokenSpan &span : rendered.spans)
    if (span.begin < end && span.end > begin)
      spans.push_back(
          {std::max(span.begin, begin) - begin, std::min(span.end, end) - begin, span.isTemplate});
  auto part = tokenizer.encode(std::string_view(rendered.text).substr(begin, end - begin), spans);
  if (!part)
    return std::unexpected(std::move(part).error());
  ids.insert(ids.end(), part->begin(), part->end());
  return {};
}

} // namespace

void Replay::remember(const Tokenizer &tokenizer, std::string_view content,
                      std::span<const int32_t> drawn) {
  while (!drawn.empty() && tokenizer.isSpecial(drawn.back()))
    drawn = drawn.first(drawn.size() - 1);
  size_t first = drawn.size(), bytes = 0;
  while (first > 0 && bytes < content.size() && !tokenizer.isSpecial(drawn[first - 1]))
    bytes += tokenizer.piece(drawn[--first]).size();
  std::string text;
  for (int32_t token : drawn.subspan(first))
    text += tokenizer.piece(token);
  if (!content.empty() && text == content)
    answers.push_back({std::move(text), {drawn.begin() + std::ptrdiff_t(first), drawn.end()}});
}

/// The first answer of this text, in their order; null: none.
const Replay::Answer *Replay::find(std::string_view text, const Answer *from) const {
  const Answer *end = answers.data() + answers.size();
  const Answer *found = std::find_if(from, end, [&](const Answer &a) { return a.text == text; });
  return found == end ? nullptr : found;
}

Result<std::vector<int32_t>> Replay::encode(const Tokenizer &tokenizer,
                                            const Rendered &rendered) const {
  std::vector<int32_t> ids;
  std::string_view text = rendered.text;
  const Answer *next = answers.data();
  size_t done = 0;
  for (size_t i = 0; i < rendered.spans.size(); ++i) {
    const TokenSpan &span = rendered.spans[i];
    if (span.isTemplate || i + 1 == rendered.spans.size())
      continue;
    const TokenSpan &behind = rendered.spans[i + 1];
    const Answer *answer = find(text.substr(span.begin, span.end - span.begin), next);
    if (!answer || behind.begin != span.end ||
        !beginsWithMarker(tokenizer, text.substr(behind.begin, behind.end - behind.begin)))
      continue;
    OSSCC_RETURN_IF_ERROR(appendPart(tokenizer, rendered, done, span.begin, ids));
    ids.insert(ids.end(), answer->tokens.begin(), answer->tokens.end());
    next = answer + 1;
    done = span.end;
  }
  OSSCC_RETURN_IF_ERROR(appendPart(tokenizer, rendered, done, text.size(), ids));
  return ids;
}

} // namespace osscc::rt
