#include "runtime/terminal/Printable.h"

#include "runtime/base/Utf8.h"

namespace osscc::rt::terminal {

std::string printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = decodeUtf8(text.data() + at);
    bool isControl = point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0);
    if (isControl && point.value != '\n' && point.value != '\t')
      out += "\uFFFD";
    else
      out += text.substr(at, point.bytes);
    at += point.bytes;
  }
  return out;
}

} // namespace osscc::rt::terminal
