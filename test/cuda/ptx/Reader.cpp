#include "test/cuda/ptx/Reader.h"

#include <bit>
#include <cctype>
#include <cstdlib>
#include <cstring>

namespace osscc::standin {

void Reader::skip() {
  while (place < text.size()) {
    if (text[place] == '\0') { // the text may end with the zero that the driver asks for
      place = text.size();
    } else if (text.substr(place, 2) == "//") {
      place = std::min(text.find('\n', place), text.size());
    } else if (text.substr(place, 2) == "/*") {
      size_t end = text.find("*/", place);
      if (end == std::string_view::npos)
        fail("a comment without an end");
      for (; place < end + 2; ++place)
        currentLine += text[place] == '\n';
    } else if (std::isspace(static_cast<unsigned char>(text[place]))) {
      currentLine += text[place++] == '\n';
    } else {
      return;
    }
  }
}

bool Reader::atEnd() {
  skip();
  return place >= text.size();
}

char Reader::peek() {
  return atEnd() ? '\0' : text[place];
}

bool Reader::accept(char mark) {
  if (peek() != mark)
    return false;
  ++place;
  return true;
}

void Reader::expect(char mark) {
  if (!accept(mark))
    fail(std::string("expected '") + mark + "', found '" + peek() + "'");
}

size_t Reader::wordEnd() const {
  size_t end = place;
  while (end < text.size()) {
    char c = text[end];
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.')
      ++end;
    else if (text.substr(end, 2) == "::")
      end += 2;
    else
      break;
  }
  return end;
}

std::string Reader::word() {
  skip();
  size_t end = wordEnd();
  if (end == place)
    fail(std::string("expected a name, found '") + peek() + "'");
  std::string found(text.substr(place, end - place));
  place = end;
  return found;
}

bool Reader::accept(std::string_view word) {
  skip();
  if (text.substr(place, wordEnd() - place) != word)
    return false;
  place += word.size();
  return true;
}

std::string Reader::string() {
  expect('"');
  size_t end = text.find('"', place);
  if (end == std::string_view::npos)
    fail("a string without an end");
  std::string found(text.substr(place, end - place));
  place = end + 1;
  return found;
}

bool Reader::isNumber() {
  char c = peek();
  return std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+';
}

Operand Reader::number() {
  bool isNegative = accept('-');
  if (!isNegative)
    accept('+');
  std::string digits = word();
  Operand result;
  result.kind = Operand::kInteger;
  bool isHex = digits.size() > 2 && digits[0] == '0' && std::strchr("fFdD", digits[1]);
  char *end = nullptr;
  if (isHex) {
    result.kind = std::tolower(digits[1]) == 'f' ? Operand::kFloat32 : Operand::kFloat64;
    result.bits = std::strtoull(digits.c_str() + 2, &end, 16);
    if (isNegative)
      result.bits ^= result.kind == Operand::kFloat32 ? 1ull << 31 : 1ull << 63;
  } else if (digits.find('.') != std::string::npos) {
    result.kind = Operand::kFloat64;
    double value = std::strtod(digits.c_str(), &end);
    result.bits = std::bit_cast<uint64_t>(isNegative ? -value : value);
  } else {
    result.bits = std::strtoull(digits.c_str(), &end, 0);
    if (*end == 'U')
      ++end;
    if (isNegative)
      result.bits = -result.bits;
  }
  if (*end)
    fail("not a number: " + digits);
  return result;
}

} // namespace osscc::standin
