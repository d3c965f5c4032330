#include "runtime/terminal/EditLine.h"

#include "runtime/terminal/Graphemes.h"

namespace osscc::rt::terminal {
namespace {

constexpr size_t kMostLines = 1000;

bool isBlank(char byte) {
  return byte == ' ' || byte == '\n';
}

} // namespace

void History::add(std::string_view line) {
  if (line.empty() || (!lines.empty() && lines.back() == line))
    return;
  if (lines.size() == kMostLines)
    lines.erase(lines.begin());
  lines.emplace_back(line);
}

void EditLine::set(std::string text) {
  line = std::move(text);
  at = line.size();
}

void EditLine::insert(std::string_view text) {
  line.insert(at, text);
  at += text.size();
  // A mark joins the character before it: the cursor must not stand between.
  if (size_t begin = previousGrapheme(line, at); nextGrapheme(line, begin) > at)
    at = nextGrapheme(line, begin);
}

void EditLine::erase(size_t begin, size_t end) {
  line.erase(begin, end - begin);
  at = begin;
}

void EditLine::cut(size_t begin, size_t end) {
  if (begin == end)
    return;
  deleted = line.substr(begin, end - begin);
  erase(begin, end);
}

size_t EditLine::wordBegin() const {
  size_t begin = at;
  while (begin > 0 && isBlank(line[begin - 1]))
    --begin;
  while (begin > 0 && !isBlank(line[begin - 1]))
    --begin;
  return begin;
}

size_t EditLine::wordEnd() const {
  size_t end = at;
  while (end < line.size() && isBlank(line[end]))
    ++end;
  while (end < line.size() && !isBlank(line[end]))
    ++end;
  return end;
}

void EditLine::recall(size_t to) {
  if (place == history->size())
    draft = line;
  place = to;
  set(place == history->size() ? draft : (*history)[place]);
}

bool EditLine::move(const Key &key) {
  switch (key.kind) {
  case Key::kLeft:
    at = previousGrapheme(line, at);
    return true;
  case Key::kRight:
    at = nextGrapheme(line, at);
    return true;
  case Key::kWordLeft:
    at = wordBegin();
    return true;
  case Key::kWordRight:
    at = wordEnd();
    return true;
  case Key::kHome:
    at = 0;
    return true;
  case Key::kEnd:
    at = line.size();
    return true;
  case Key::kUp:
    if (place > 0)
      recall(place - 1);
    return true;
  case Key::kDown:
    if (place < history->size())
      recall(place + 1);
    return true;
  default:
    return false;
  }
}

bool EditLine::remove(const Key &key) {
  switch (key.kind) {
  case Key::kBackspace:
    erase(previousGrapheme(line, at), at);
    return true;
  case Key::kDelete:
    erase(at, nextGrapheme(line, at));
    return true;
  case Key::kDeleteWord:
    cut(wordBegin(), at);
    return true;
  case Key::kDeleteToBegin:
    cut(0, at);
    return true;
  case Key::kDeleteToEnd:
    cut(at, line.size());
    return true;
  default:
    return false;
  }
}

bool EditLine::apply(const Key &key) {
  if (key.kind == Key::kText || key.kind == Key::kYank) {
    insert(key.kind == Key::kText ? key.text : deleted);
    return true;
  }
  return move(key) || remove(key);
}

} // namespace osscc::rt::terminal
