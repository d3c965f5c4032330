#include "runtime/terminal/Graphemes.h"

#include "runtime/base/Utf8.h"

#include <utf8proc.h>

#include <algorithm>

namespace osscc::rt::terminal {

size_t nextGrapheme(std::string_view text, size_t at) {
  if (at >= text.size())
    return text.size();
  CodePoint last = decodeUtf8(text.data() + at);
  utf8proc_int32_t state = 0;
  for (at += last.bytes; at < text.size();) {
    CodePoint next = decodeUtf8(text.data() + at);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(last.value),
                                         static_cast<utf8proc_int32_t>(next.value), &state))
      break;
    at += next.bytes;
    last = next;
  }
  return at;
}

size_t previousGrapheme(std::string_view text, size_t at) {
  size_t begin = 0;
  for (size_t next = 0; next < at; next = nextGrapheme(text, next))
    begin = next;
  return begin;
}

int graphemeWidth(std::string_view cluster) {
  int width = 0;
  for (size_t at = 0; at < cluster.size();) {
    CodePoint point = decodeUtf8(cluster.data() + at);
    width = std::max(width, utf8proc_charwidth(static_cast<utf8proc_int32_t>(point.value)));
    at += point.bytes;
  }
  return std::min(width, 2);
}

} // namespace osscc::rt::terminal
