#include "runtime/chat/Extent.h"

namespace osscc::rt {

bool Extent::scan(std::string_view text) {
  while (at < text.size()) {
    char c = text[at];
    if (quotes == Quotes::kGemma) {
      std::string_view rest = text.substr(at);
      if (rest.size() < kGemmaQuote.size() && kGemmaQuote.starts_with(rest))
        return false; // a quote may be on its way
      if (rest.starts_with(kGemmaQuote)) {
        quote = quote ? 0 : c;
        at += kGemmaQuote.size();
        continue;
      }
    } else if (quote) {
      if (c == '\\' && at + 1 == text.size())
        return false;
      at += c == '\\';
      if (c == quote)
        quote = 0;
    } else if (c == '"' || (c == '\'' && quotes == Quotes::kPython)) {
      quote = c;
      ++at;
      continue;
    }
    ++at;
    if (quote)
      continue;
    if (c == '(' || c == '[' || c == '{')
      ++depth;
    else if ((c == ')' || c == ']' || c == '}') && --depth == 0)
      return true;
  }
  return false;
}

} // namespace osscc::rt
