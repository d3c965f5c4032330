// The part of ToolCallReader that reads names, and arguments that stand between marks of their own.
#include "runtime/chat/Spaces.h"
#include "runtime/chat/ToolCallReader.h"

#include <algorithm>

namespace osscc::rt {
namespace {

using Notation = bundle::ToolNotation;

/// A name that does not end is stopped here, bytes.
constexpr size_t kLongestName = 512;
/// No mark is longer, bytes.
constexpr size_t kLongestMark = 256;

/// A value without one newline at each side, which belong to the marks.
std::string_view trimNewlines(std::string_view text) {
  if (text.size() < 2 || text.front() != '\n' || text.back() != '\n')
    return text;
  return text.substr(1, text.size() - 2);
}

} // namespace

bool ToolCallReader::readName() {
  size_t end = std::string::npos;
  const std::string *mark = nullptr;
  const std::string open = "{";
  bool isParameters = format.notation == Notation::Parameters;
  // A call without arguments may end where its name does.
  for (const std::string *each : {&format.name_end, isParameters ? &format.key_begin : nullptr,
                                  isParameters ? &format.end : nullptr,
                                  format.notation == Notation::Gemma ? &open : nullptr}) {
    size_t found = each && !each->empty() ? held.find(*each, at) : std::string::npos;
    if (found < end && found - at <= kLongestName) {
      end = found;
      mark = each;
    }
  }
  if (!mark) {
    if (rest().size() <= kLongestName + kLongestMark)
      return false;
    giveUp();
    return true;
  }
  std::string_view text = rest().substr(0, end - at);
  if (size_t begin = format.name_begin.empty() ? std::string::npos : text.find(format.name_begin);
      begin != std::string::npos)
    text.remove_prefix(begin + format.name_begin.size());
  if (!format.id_begin.empty())
    text = text.substr(0, text.find(format.id_begin));
  name = trimSpaces(text);
  bool isName = !name.empty() && name.size() <= kLongestName &&
                name.find_first_of("\n<>{}\"") == std::string::npos;
  at = end + (mark == &format.name_end ? mark->size() : 0);
  searched = at;
  if (!isName)
    giveUp();
  else
    state = isParameters ? State::kKey : State::kJson;
  return true;
}

bool ToolCallReader::readKey() {
  skipSpaces();
  if (skip(format.key_begin)) {
    searched = at;
    state = State::kInKey;
    return true;
  }
  if (skip(format.end)) {
    addCalls({{name, arguments + "}"}});
    state = State::kBetween;
    return true;
  }
  if (rest().empty() || mayCome(format.key_begin) || mayCome(format.end))
    return false;
  giveUp();
  return true;
}

/// A key, the type of a value, or the value.
bool ToolCallReader::readPart() {
  const std::string &mark = state == State::kInKey  ? format.key_end
                            : state == State::kType ? format.type_end
                                                    : format.value_end;
  size_t end = find(mark);
  if (end == std::string::npos)
    return false;
  std::string_view text = rest().substr(0, end - at);
  if (state == State::kInKey) {
    key = trimSpaces(text);
    hasType = !format.type_end.empty();
    state = hasType ? State::kType : State::kBeforeValue;
  } else if (state == State::kType) {
    isText = text == "true" || text == "string";
    state = State::kBeforeValue;
  } else {
    if (format.lines)
      text = trimNewlines(text);
    bool isQuoted = hasType ? isText : isTextArgument(text);
    std::string value = isQuoted ? quoteJson(text) : readBareValue(text);
    arguments += (arguments.size() > 1 ? ", " : "") + quoteJson(key) + ": " + value;
    state = State::kKey;
  }
  at = searched = end + mark.size();
  return true;
}

/// Whether the value of the key is a text by the schema of its tool.
bool ToolCallReader::isTextArgument(std::string_view value) const {
  return std::ranges::any_of(texts, [&](const TextArgument &text) {
    return text.tool == name && text.name == key && !(text.mayBeNull && value == "null");
  });
}

bool ToolCallReader::readBeforeValue() {
  if (!format.value_begin.empty()) {
    skipSpaces();
    if (!skip(format.value_begin)) {
      if (mayCome(format.value_begin))
        return false;
      giveUp();
      return true;
    }
  }
  searched = at;
  state = State::kValue;
  return true;
}

} // namespace osscc::rt
