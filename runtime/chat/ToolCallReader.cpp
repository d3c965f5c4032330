#include "runtime/chat/ToolCallReader.h"

#include "runtime/chat/Spaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace osscc::rt {
namespace {

using Notation = bundle::ToolNotation;

/// Bytes at the end of `text` with which `mark` may begin; less than all of the mark.
size_t begunAtEnd(std::string_view text, std::string_view mark) {
  for (size_t bytes = std::min(text.size(), mark.empty() ? 0 : mark.size() - 1); bytes > 0; --bytes)
    if (mark.starts_with(text.substr(text.size() - bytes)))
      return bytes;
  return 0;
}

Quotes quotesOf(Notation notation) {
  return notation == Notation::Python  ? Quotes::kPython
         : notation == Notation::Gemma ? Quotes::kGemma
                                       : Quotes::kJson;
}

/// The begin of a text for a message, whole characters in one line.
std::string quote(std::string_view text) {
  constexpr size_t kMost = 60;
  size_t end = std::min(text.size(), kMost);
  while (end < text.size() && (uint8_t(text[end]) & 0xC0) == 0x80)
    --end;
  return quoteJson(text.substr(0, end)) + (end < text.size() ? "..." : "");
}

} // namespace

ToolCallReader::ToolCallReader(bundle::ToolCallFormatT given, ToolCallSink sink,
                               std::vector<TextArgument> texts)
    : format(std::move(given)), sink(std::move(sink)), texts(std::move(texts)),
      extent(quotesOf(format.notation)) {}

void ToolCallReader::feed(std::string_view text) {
  held += text;
  run();
}

void ToolCallReader::run() {
  for (bool goesOn = true; goesOn;)
    switch (state) {
    case State::kText:
      goesOn = readText();
      break;
    case State::kBetween:
      goesOn = readBetween();
      break;
    case State::kJson:
      goesOn = readBrackets();
      break;
    case State::kName:
      goesOn = readName();
      break;
    case State::kKey:
      goesOn = readKey();
      break;
    case State::kBeforeValue:
      goesOn = readBeforeValue();
      break;
    case State::kInKey:
    case State::kType:
    case State::kValue:
      goesOn = readPart();
      break;
    case State::kEnd:
      goesOn = readEnd();
    }
}

void ToolCallReader::finish() {
  bool inCall = state != State::kText && state != State::kEnd && state != State::kBetween;
  bool isOpen = inCall || (state == State::kBetween && inSection && !afterCall);
  if (isOpen && !(isBare() && !inSection))
    sink.fault(AnswerFault::kBrokenOff, "the answer ends in the call of a tool");
  // Behind a call, white space and half of its end are no content.
  bool isRest = state == State::kEnd || (state == State::kBetween && afterCall);
  if (isRest && (trimSpaces(rest()).empty() || mayCome(format.end) || mayCome(format.section_end)))
    held.clear();
  else if (isRest)
    held.erase(0, at);
  putContent(std::exchange(held, {}));
  if (!afterCall)
    sink.content(std::exchange(newlines, {}));
  at = 0;
  state = State::kText;
}

/// Content goes out, but for newlines, which a call may take away.
void ToolCallReader::putContent(std::string_view text) {
  if (afterCall)
    text = trimFront(text);
  if (text.empty())
    return;
  size_t end = text.find_last_not_of('\n') + 1;
  if (end > 0) {
    afterCall = isFresh = false;
    sink.content(std::exchange(newlines, {}));
    sink.content(text.substr(0, end));
  }
  newlines += text.substr(end);
}

bool ToolCallReader::readText() {
  at = 0;
  if (isBare() && isFresh) {
    skipSpaces();
    bool mayBe = rest().empty() || rest().starts_with('[') ||
                 (rest().starts_with('{') && format.notation == Notation::Json);
    if (mayBe && rest().empty())
      return false;
    if (mayBe) {
      beginCall(at);
      return true;
    }
    at = 0;
  }
  size_t begin = std::string::npos, keep = 0;
  const std::string *mark = nullptr;
  for (const std::string *each : {&format.section_begin, &format.begin}) {
    size_t found = each->empty() ? std::string::npos : held.find(*each);
    if (found < begin) {
      begin = found;
      mark = each;
    }
    keep = std::max(keep, begunAtEnd(held, *each));
  }
  size_t end = mark ? begin : held.size() - keep;
  putContent(std::string_view(held).substr(0, end));
  held.erase(0, end);
  if (!mark)
    return false;
  at = mark->size();
  if (mark == &format.begin) {
    beginCall(at);
  } else {
    inSection = true;
    afterCall = false;
    state = State::kBetween;
  }
  return true;
}

/// At a place where a call may begin. What is held begins with the section, or behind a call.
bool ToolCallReader::readBetween() {
  skipSpaces();
  if (inSection && isBare() && !afterCall && !rest().empty()) {
    beginCall(at);
    return true;
  }
  if (!isBare() && skip(format.begin)) {
    beginCall(at);
    return true;
  }
  if (inSection && skip(format.section_end)) {
    inSection = false;
    if (!afterCall) { // a section of nothing
      giveUp();
      return true;
    }
    held.erase(0, at);
    at = 0;
    state = State::kText;
    return true;
  }
  if (rest().empty() || (!isBare() && mayCome(format.begin)) ||
      (inSection && mayCome(format.section_end)))
    return false;
  if (inSection && !afterCall)
    giveUp();
  else
    leave();
  return true;
}

void ToolCallReader::beginCall(size_t behind) {
  at = searched = behind;
  arguments = "{";
  extent = Extent(quotesOf(format.notation));
  name.clear();
  bool isNamed = format.notation != Notation::Json && format.notation != Notation::Python;
  state = isNamed ? State::kName : State::kJson;
}

/// A value in brackets, up to its end.
bool ToolCallReader::readBrackets() {
  if (extent.size() == 0)
    skipSpaces();
  if (rest().empty())
    return false;
  if (extent.size() == 0 && !rest().starts_with('{') &&
      (!rest().starts_with('[') || !name.empty())) {
    giveUp();
    return true;
  }
  if (!extent.scan(rest()))
    return false;
  std::string_view value = rest().substr(0, extent.size());
  at += value.size();
  if (!takeBrackets(value))
    giveUp();
  return true;
}

/// Takes the value for what the notation has in brackets. \returns whether it is that.
bool ToolCallReader::takeBrackets(std::string_view value) {
  if (format.notation == Notation::NamedJson || format.notation == Notation::Gemma) {
    std::optional<std::string> object = format.notation == Notation::Gemma
                                            ? readGemmaArguments(value)
                                        : isJsonObject(value) ? std::optional(std::string(value))
                                                              : std::nullopt;
    if (!object)
      return false;
    addCalls({{name, std::move(*object)}});
    return true;
  }
  bool isPython = format.notation == Notation::Python;
  std::optional<std::vector<ReadCall>> calls =
      isPython ? readPythonCalls(value) : readJsonCalls(value);
  if (!calls || calls->empty())
    return false;
  addCalls(std::move(*calls));
  return true;
}

void ToolCallReader::addCalls(std::vector<ReadCall> calls) {
  newlines.clear();
  for (ReadCall &call : calls) {
    ++count;
    sink.call(std::move(call));
  }
  afterCall = true;
  isFresh = false;
  held.erase(0, at);
  at = searched = 0;
  extent = Extent(quotesOf(format.notation));
  state = State::kEnd;
}

/// The end mark of a call, which may be missing: the brackets have told that it is whole.
bool ToolCallReader::readEnd() {
  skipSpaces();
  bool isList = format.notation == Notation::Json;
  if (isList && (rest().starts_with(',') || rest().starts_with(';'))) {
    ++at;
    return true;
  }
  bool hasEnded = skip(format.end);
  if (!hasEnded && (rest().empty() || mayCome(format.end)))
    return false;
  if (!hasEnded && isList && rest().starts_with('{')) {
    searched = at;
    state = State::kJson;
    return true;
  }
  held.erase(0, at);
  at = 0;
  state = State::kBetween;
  return true;
}

/// Leaves the calls for content.
void ToolCallReader::leave() {
  held.erase(0, at);
  at = 0;
  inSection = false;
  state = State::kText;
}

/// What was taken for a call is none: it is content.
void ToolCallReader::giveUp() {
  std::string_view text = std::string_view(held).substr(0, std::max<size_t>(at, 1));
  if (!isBare() || inSection)
    sink.fault(AnswerFault::kBadCall,
               fmt::format("the call of a tool cannot be read: {}", quote(trimSpaces(text))));
  inSection = isFresh = false;
  putContent(text);
  held.erase(0, text.size());
  at = 0;
  state = State::kText;
}

void ToolCallReader::skipSpaces() {
  at += rest().size() - trimFront(rest()).size();
}

/// Passes over a mark that stands here.
bool ToolCallReader::skip(const std::string &mark) {
  bool stands = !mark.empty() && rest().starts_with(mark);
  at += stands ? mark.size() : 0;
  return stands;
}

/// Whether what stands here is the begin of a mark.
bool ToolCallReader::mayCome(const std::string &mark) const {
  return rest().size() < mark.size() && mark.starts_with(rest());
}

/// Where a mark stands from here on. What was searched in vain is not searched again.
size_t ToolCallReader::find(const std::string &mark) {
  size_t found = mark.empty() ? at : held.find(mark, searched);
  if (found == std::string::npos)
    searched = std::max(at, held.size() - std::min(held.size(), mark.size() - 1));
  return found;
}

} // namespace osscc::rt
