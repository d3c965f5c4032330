#include "runtime/chat/ThinkTags.h"

#include <algorithm>
#include <utility>

namespace osscc::rt {
namespace {

void dropFirst(std::string &text, std::string_view letters) {
  text.erase(0, std::min(text.find_first_not_of(letters), text.size()));
}

/// Bytes at the end of `text` with which `tag` may begin; less than all of the tag.
size_t begunAtEnd(std::string_view text, std::string_view tag) {
  for (size_t bytes = std::min(text.size(), tag.size() - 1); bytes > 0; --bytes)
    if (tag.starts_with(text.substr(text.size() - bytes)))
      return bytes;
  return 0;
}

class ThinkTags final : public AnswerParser {
public:
  ThinkTags(const AnswerFormat &format, const Tokenizer &tokenizer)
      : AnswerParser(format, tokenizer), openTag(format.open), closeTag(format.close) {
    if (format.start == AnswerFormat::Start::kReasoning)
      state = State::kOpened;
    else if (format.start == AnswerFormat::Start::kAnswer)
      state = State::kClosed;
  }

  bool reasons() const override {
    return state == State::kOpened || state == State::kBeforeReasoning ||
           state == State::kReasoning;
  }

  Next next() const override {
    if (state == State::kBeginning)
      return behindSpaces().empty() ? Next::kEither : Next::kBeside;
    return reasons() ? Next::kBeside : Next::kAnswer;
  }

  std::string_view lead() const override {
    if (state == State::kBeginning)
      return std::string_view(openTag).substr(std::min(behindSpaces().size(), openTag.size()));
    if (state == State::kReasoning)
      return std::string_view(closeTag).substr(held.size());
    return reasons() ? std::string_view(closeTag) : std::string_view();
  }

private:
  enum class State {
    kBeginning,       ///< One of the tags may come, or none.
    kOpened,          ///< By the prompt: the model may open once more.
    kBeforeReasoning, ///< Newlines may come.
    kReasoning,
    kClosed, ///< By the prompt: the model may close once more.
    kBeforeAnswer,
    kAnswer,
  };

  void read(int32_t token) override { take(textOf(token, {openTag, closeTag})); }

  void close(bool ended) override {
    take(lastText());
    // What might have become a tag is text.
    if (state == State::kOpened)
      state = State::kBeforeReasoning;
    else if (state == State::kBeginning || state == State::kClosed)
      state = State::kBeforeAnswer;
    take({});
    if (state == State::kReasoning)
      addReasoning(std::exchange(held, {}));
    endAnswer(ended);
  }

  void take(std::string_view text) {
    held += text;
    State before;
    do {
      before = state;
      step();
    } while (state != before);
  }

  void step() {
    switch (state) {
    case State::kBeginning:
      if (skips(openTag, State::kBeforeReasoning) || skips(closeTag, State::kBeforeAnswer))
        return;
      if (!maySkip(openTag) && !maySkip(closeTag))
        state = State::kBeforeAnswer;
      return;
    case State::kOpened:
      if (!skips(openTag, State::kBeforeReasoning) && !maySkip(openTag))
        state = State::kBeforeReasoning;
      return;
    case State::kClosed:
      if (!skips(closeTag, State::kBeforeAnswer) && !maySkip(closeTag))
        state = State::kBeforeAnswer;
      return;
    case State::kBeforeReasoning:
    case State::kBeforeAnswer:
      dropFirst(held, "\n");
      if (!held.empty())
        state = state == State::kBeforeAnswer ? State::kAnswer : State::kReasoning;
      return;
    case State::kReasoning:
      return readReasoning();
    case State::kAnswer:
      addAnswer(std::exchange(held, {}));
    }
  }

  /// Passes over a tag behind white space.
  bool skips(std::string_view tag, State next) {
    std::string_view text = behindSpaces();
    if (!text.starts_with(tag))
      return false;
    held = std::string(text.substr(tag.size()));
    state = next;
    return true;
  }
  bool maySkip(std::string_view tag) const { return tag.starts_with(behindSpaces()); }
  std::string_view behindSpaces() const {
    size_t begin = std::min(held.find_first_not_of(" \t\r\n"), held.size());
    return std::string_view(held).substr(begin);
  }

  void readReasoning() {
    size_t at = held.find(closeTag);
    bool isClosed = at != std::string::npos;
    size_t end = isClosed ? at : held.size() - begunAtEnd(held, closeTag);
    addReasoning(std::string_view(held).substr(0, end));
    held.erase(0, end + (isClosed ? closeTag.size() : 0));
    if (isClosed)
      state = State::kBeforeAnswer;
  }

  /// Holds newlines back until something follows them.
  void addReasoning(std::string_view text) {
    size_t end = text.find_last_not_of('\n') + 1;
    if (end > 0) {
      add(AnswerEvent::kReasoning, std::string(std::exchange(newlines, 0), '\n'));
      add(AnswerEvent::kReasoning, text.substr(0, end));
    }
    newlines += text.size() - end;
  }

  const std::string openTag, closeTag;
  State state = State::kBeginning;
  std::string held;    ///< What is not read yet, since it may be part of a tag.
  size_t newlines = 0; ///< Of the reasoning, held back.
};

} // namespace

Result<std::unique_ptr<AnswerParser>> makeThinkTags(const AnswerFormat &format,
                                                    const Tokenizer &tokenizer) {
  if (format.open.empty() || format.close.empty())
    return fail(Code::kRuntime, "chat format: a reasoning tag has no text");
  return std::make_unique<ThinkTags>(format, tokenizer);
}

} // namespace osscc::rt
