// The grammar is RFC 8259, without a byte order mark and without extensions.
#include "compiler/import/json/Cursor.h"

#include "support/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ConvertUTF.h"
#include <cmath>

using namespace llvm;

namespace osscc {

static constexpr size_t kLongestNumber = 1000;

std::string quoted(StringRef text) {
  constexpr size_t kLongest = 80;
  std::string out = "\"";
  raw_string_ostream os(out);
  for (unsigned char c : text.take_front(kLongest)) {
    if (c < 0x20 || c == 0x7F)
      os << "\\x" << hexdigit(c >> 4) << hexdigit(c & 15);
    else
      os << static_cast<char>(c);
  }
  while (text.size() > kLongest && !out.empty() && (out.back() & 0xC0) == 0x80)
    out.pop_back(); // a character that the cut went through
  return out + (text.size() > kLongest ? "...\"" : "\"");
}

Error JsonCursor::errorAt(size_t at, const Twine &message, const Twine &help) const {
  StringRef before = text.take_front(at);
  size_t line = before.count('\n') + 1, lastBreak = before.rfind('\n');
  size_t column = lastBreak == StringRef::npos ? at + 1 : at - lastBreak;
  return inputError(place + ":" + Twine(line) + ":" + Twine(column), message,
                    help.isTriviallyEmpty() ? Twine("the file looks damaged; fetch it again")
                                            : help);
}

Error JsonCursor::error(const Twine &message, const Twine &help) const {
  return errorAt(start, message, help);
}

void JsonCursor::skipSpace() {
  while (position < text.size() && StringRef(" \t\r\n").contains(text[position]))
    ++position;
}

Error JsonCursor::expect(char character, const char *after) {
  skipSpace();
  if (position == text.size())
    return errorAt(position, Twine("the text ends, expected '") + Twine(character) + "' " + after,
                   "the file looks truncated; fetch it again");
  if (text[position] != character)
    return errorAt(position, Twine("expected '") + Twine(character) + "' " + after + ", found " +
                                 quoted(text.substr(position, 1)));
  ++position;
  return Error::success();
}

Expected<JsonCursor::Kind> JsonCursor::peek() {
  skipSpace();
  start = position;
  if (position == text.size())
    return errorAt(position, "the text ends, expected a value",
                   "the file looks truncated; fetch it again");
  StringRef rest = text.substr(position);
  switch (rest.front()) {
  case '{':
    return Kind::Object;
  case '[':
    return Kind::Array;
  case '"':
    return Kind::String;
  default:
    break;
  }
  if (isDigit(rest.front()) || (rest.front() == '-' && rest.size() > 1 && isDigit(rest[1])))
    return Kind::Number;
  if (rest.starts_with("true"))
    return Kind::True;
  if (rest.starts_with("false"))
    return Kind::False;
  if (rest.starts_with("null"))
    return Kind::Null;
  for (StringRef word : {"NaN", "Infinity", "-Infinity"})
    if (rest.starts_with(word))
      return errorAt(position, word + " is not JSON, expected a finite number");
  return errorAt(position, "expected a value, found " + quoted(rest.take_front(1)));
}

Error JsonCursor::enter() {
  if (depthLeft == 0)
    return error("nested deeper than " + Twine(depthLimit) + " levels");
  --depthLeft;
  ++position;
  skipSpace();
  return Error::success();
}

Error JsonCursor::readObject(function_ref<Error(StringRef)> member) {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  if (*kind != Kind::Object)
    return error("expected an object {...}");
  if (Error error = enter())
    return error;
  StringSet<> keys;
  bool empty = position < text.size() && text[position] == '}';
  for (bool more = !empty; more;) {
    skipSpace();
    size_t keyStart = position;
    std::string key;
    if (Error error = expect('"', "before a key"))
      return error;
    if (Error error = scanString(key))
      return error;
    if (!keys.insert(key).second)
      return errorAt(keyStart, "the key " + quoted(key) + " is given twice in one object");
    if (Error error = expect(':', "after a key"))
      return error;
    if (Error error = member(key))
      return error;
    skipSpace();
    more = position < text.size() && text[position] == ',';
    position += more;
  }
  ++depthLeft;
  return expect('}', "at the end of an object");
}

Error JsonCursor::readArray(function_ref<Error()> element) {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  if (*kind != Kind::Array)
    return error("expected an array [...]");
  if (Error error = enter())
    return error;
  bool empty = position < text.size() && text[position] == ']';
  for (bool more = !empty; more;) {
    if (Error error = element())
      return error;
    skipSpace();
    more = position < text.size() && text[position] == ',';
    position += more;
  }
  ++depthLeft;
  return expect(']', "at the end of an array");
}

Expected<std::string> JsonCursor::readString() {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  if (*kind != Kind::String)
    return error("expected a string");
  ++position;
  std::string out;
  if (Error error = scanString(out))
    return error;
  return out;
}

/// From behind the opening quote to behind the closing one.
Error JsonCursor::scanString(std::string &out) {
  while (position < text.size()) {
    unsigned char c = text[position];
    if (c == '"') {
      ++position;
      return Error::success();
    }
    if (c < 0x20)
      return errorAt(position, "a control character in a string; write it as an escape");
    if (c == '\\') {
      if (Error error = scanEscape(out))
        return error;
      continue;
    }
    const auto *bytes = reinterpret_cast<const UTF8 *>(text.data()) + position;
    unsigned size = c < 0x80 ? 1 : getUTF8SequenceSize(bytes, text.bytes_end());
    if (size == 0)
      return errorAt(position, "the text is not valid UTF-8");
    out.append(text.data() + position, size);
    position += size;
  }
  return errorAt(position, "the text ends inside a string",
                 "the file looks truncated; fetch it again");
}

Expected<uint32_t> JsonCursor::scanHex() {
  uint32_t value = 0;
  StringRef digits = text.substr(position, 4);
  if (digits.size() != 4 || !all_of(digits, isHexDigit))
    return errorAt(position, "expected four hexadecimal digits after \\u");
  for (char digit : digits)
    value = value * 16 + hexDigitValue(digit);
  position += 4;
  return value;
}

Error JsonCursor::scanEscape(std::string &out) {
  size_t begin = position;
  char letter = position + 1 < text.size() ? text[position + 1] : '\0';
  position += 2;
  static constexpr StringLiteral kLetters = "\"\\/bfnrt", kMeaning = "\"\\/\b\f\n\r\t";
  if (size_t index = kLetters.find(letter); index != StringRef::npos) {
    out += kMeaning[index];
    return Error::success();
  }
  if (letter != 'u')
    return errorAt(begin, "unknown escape in a string");
  Expected<uint32_t> unit = scanHex();
  if (!unit)
    return unit.takeError();
  uint32_t codePoint = *unit;
  if (codePoint >= 0xD800 && codePoint < 0xDC00 && text.substr(position).starts_with("\\u")) {
    position += 2;
    Expected<uint32_t> low = scanHex();
    if (!low)
      return low.takeError();
    if (*low >= 0xDC00 && *low < 0xE000)
      codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (*low - 0xDC00);
  }
  char bytes[4], *end = bytes;
  if (!ConvertCodePointToUTF8(codePoint, end)) // half a surrogate pair
    return errorAt(begin, "an escape is half of a surrogate pair");
  out.append(bytes, end);
  return Error::success();
}

/// The literal of a number that is finite as a double.
Expected<StringRef> JsonCursor::scanNumber() {
  size_t begin = position;
  auto digits = [&] {
    size_t first = position;
    while (position < text.size() && isDigit(text[position]))
      ++position;
    return position - first;
  };
  auto next = [&] { return position < text.size() ? text[position] : '\0'; };
  if (next() == '-')
    ++position;
  bool leadingZero = next() == '0';
  bool good = leadingZero ? digits() == 1 : digits() > 0;
  if (next() == '.') {
    ++position;
    good &= digits() > 0;
  }
  if (next() == 'e' || next() == 'E') {
    ++position;
    if (next() == '+' || next() == '-')
      ++position;
    good &= digits() > 0;
  }
  StringRef literal = text.slice(begin, position);
  bool isShortInteger = literal.size() < 300 && literal.find_first_of(".eE") == StringRef::npos;
  double value = 0;
  if (literal.size() > kLongestNumber) // exact conversion of a longer one costs its square
    return errorAt(begin, "a number of " + Twine(literal.size()) + " characters");
  if (!good || isAlnum(next()) || (!isShortInteger && literal.getAsDouble(value)))
    return errorAt(begin, "malformed number " + quoted(literal));
  if (!std::isfinite(value))
    return errorAt(begin, "the number " + quoted(literal) + " is too large");
  return literal;
}

Expected<uint64_t> JsonCursor::readUnsigned() {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  if (*kind != Kind::Number)
    return error("expected a non-negative integer");
  Expected<StringRef> literal = scanNumber();
  if (!literal)
    return literal.takeError();
  uint64_t value = 0;
  if (literal->getAsInteger(10, value) || value >= (uint64_t(1) << 53))
    return error("expected a non-negative integer below 2^53, found " + quoted(*literal));
  return value;
}

Error JsonCursor::skipValue() {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  switch (*kind) {
  case Kind::Object:
    if (objectsLeft-- == 0)
      return error("more than " + Twine(kMostObjects) + " objects");
    return readObject([&](StringRef) { return skipValue(); });
  case Kind::Array:
    return readArray([&] { return skipValue(); });
  case Kind::String:
    return readString().takeError();
  case Kind::Number:
    return scanNumber().takeError();
  case Kind::True:
  case Kind::Null:
    position += 4;
    break;
  case Kind::False:
    position += 5;
    break;
  }
  if (position < text.size() && isAlnum(text[position]))
    return error("expected a value, found a longer word");
  return Error::success();
}

Error JsonCursor::finish() {
  skipSpace();
  if (position != text.size())
    return errorAt(position,
                   "expected the end of the text, found " + quoted(text.substr(position, 1)));
  return Error::success();
}

} // namespace osscc
