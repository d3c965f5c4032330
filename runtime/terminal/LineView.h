// How an edited line lies on the screen, and the bytes that bring it there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace osscc::rt::terminal {

class LineView {
public:
  /// The bytes that draw `prompt` and `text` over what this object drew before, and leave the
  /// cursor before byte `cursor` of the text. The terminal wraps long lines itself.
  ///
  /// \param width  columns of the terminal, at least 1.
  std::string draw(std::string_view prompt, std::string_view text, size_t cursor, int width);

  /// The bytes that leave the line: the cursor goes to the begin of the row below it.
  std::string leave();

private:
  int rows = 1, cursorRow = 0; ///< Of what is drawn; rows count from 0.
};

} // namespace osscc::rt::terminal
