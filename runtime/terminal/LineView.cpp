#include "runtime/terminal/LineView.h"

#include "runtime/terminal/Graphemes.h"

#include <fmt/format.h>

namespace osscc::rt::terminal {
namespace {

struct Place {
  int row = 0, column = 0;
};

/// Where the cursor stands after one grapheme. One that does not fit goes to the next row.
Place after(Place place, std::string_view grapheme, int width) {
  if (grapheme == "\n")
    return {place.row + 1, 0};
  int columns = graphemeWidth(grapheme);
  if (place.column + columns > width)
    place = {place.row + 1, 0};
  return {place.row, place.column + columns};
}

/// A full row's end is the next one's begin.
Place wrapped(Place place, int width) {
  return place.column < width ? place : Place{place.row + 1, 0};
}

} // namespace

std::string LineView::draw(std::string_view prompt, std::string_view text, size_t cursor,
                           int width) {
  std::string out = cursorRow > 0 ? fmt::format("\x1b[{}A", cursorRow) : "";
  out += "\r\x1b[J";
  out += prompt;
  Place end;
  for (size_t at = 0; at < prompt.size(); at = nextGrapheme(prompt, at))
    end = after(end, prompt.substr(at, nextGrapheme(prompt, at) - at), width);
  Place shown = wrapped(end, width);
  for (size_t at = 0; at < text.size();) {
    size_t next = nextGrapheme(text, at);
    std::string_view grapheme = text.substr(at, next - at);
    end = after(end, grapheme, width);
    out += grapheme == "\n" ? "\r\n" : grapheme;
    at = next;
    if (at == cursor)
      shown = wrapped(end, width);
  }
  // After the last column the terminal waits with the wrap; a row of its own makes it certain.
  if (end.column == width) {
    out += "\r\n";
    end = {end.row + 1, 0};
  }
  if (end.row > shown.row)
    out += fmt::format("\x1b[{}A", end.row - shown.row);
  out += '\r';
  if (shown.column > 0)
    out += fmt::format("\x1b[{}C", shown.column);
  rows = end.row + 1;
  cursorRow = shown.row;
  return out;
}

std::string LineView::leave() {
  int below = rows - 1 - cursorRow;
  rows = 1;
  cursorRow = 0;
  return (below > 0 ? fmt::format("\x1b[{}B", below) : "") + "\r\n";
}

} // namespace osscc::rt::terminal
