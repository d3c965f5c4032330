#include "runtime/terminal/LineEditor.h"

#include "runtime/base/Descriptor.h"
#include "runtime/terminal/LineView.h"
#include "runtime/terminal/Terminal.h"

#include <unistd.h>

namespace osscc::rt::terminal {
namespace {

void show(std::string_view bytes) {
  writeAll(STDERR_FILENO, bytes);
}

} // namespace

LineEditor::LineEditor(std::function<std::string(std::string_view)> complete)
    : complete(std::move(complete)) {}

Entered LineEditor::readPlainly(std::string &line) {
  for (;;) {
    std::optional<char> byte = readByte(true);
    if (!byte && !line.empty())
      return Entered::kLine;
    if (!byte || *byte == kCtrlC) {
      show("\n");
      return byte ? Entered::kInterrupted : Entered::kEnd;
    }
    if (*byte == '\n')
      return Entered::kLine;
    line += *byte;
  }
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
  line = edited.text();
  if (entered == Entered::kLine)
    history.add(line);
  return entered;
}

} // namespace osscc::rt::terminal
