#include "runtime/terminal/LineEditor.h"

#include "runtime/base/Utf8.h"
#include "runtime/terminal/LineView.h"
#include "runtime/terminal/Terminal.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace osscc::rt::terminal {
namespace {

void show(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  std::fflush(stderr);
}

} // namespace

LineEditor::LineEditor(std::function<std::string(std::string_view)> complete)
    : complete(std::move(complete)) {}

Entered LineEditor::readPlainly(std::string &line) {
  char *bytes = nullptr;
  size_t capacity = 0;
  ssize_t length = getline(&bytes, &capacity, stdin);
  line.assign(bytes && length > 0 ? bytes : "", length > 0 ? size_t(length) : 0);
  std::free(bytes);
  if (line.ends_with('\n'))
    line.pop_back();
  if (length >= 0)
    return Entered::kLine;
  bool isInterrupted = std::ferror(stdin) && errno == EINTR;
  std::clearerr(stdin);
  show("\n");
  return isInterrupted ? Entered::kInterrupted : Entered::kEnd;
}

Entered LineEditor::edit(std::string_view prompt, EditLine &line) {
  LineView view;
  for (;;) {
    show(view.draw(prompt, line.text(), line.cursor(), columns()));
    Key key = readKey(readByte);
    switch (key.kind) {
    case Key::kEnter:
    case Key::kInterrupt:
      line.apply({Key::kEnd, {}});
      show(view.draw(prompt, line.text(), line.cursor(), columns()) + view.leave());
      return key.kind == Key::kEnter ? Entered::kLine : Entered::kInterrupted;
    case Key::kEndOfInput:
    case Key::kDeleteOrEnd:
      if (key.kind == Key::kEndOfInput || line.text().empty()) {
        show(view.leave());
        return Entered::kEnd;
      }
      line.apply({Key::kDelete, {}});
      break;
    case Key::kSuspend:
      suspend();
      break;
    case Key::kRedraw:
      show("\x1b[H\x1b[2J");
      view = {};
      break;
    case Key::kTab:
      if (complete && line.cursor() == line.text().size())
        line.set(complete(line.text()));
      break;
    default:
      line.apply(key);
    }
  }
}

Entered LineEditor::read(std::string_view prompt, std::string &line) {
  line.clear();
  if (!isEditable()) {
    show(prompt);
    return readPlainly(line);
  }
  setMode(Mode::kEdit);
  EditLine edited(history);
  Entered entered = edit(prompt, edited);
  setMode(Mode::kAnswer);
  if (entered == Entered::kLine) {
    line = edited.text();
    history.add(line);
  }
  return entered;
}

} // namespace osscc::rt::terminal
