// The grammar is RFC 8259; what Python writes and reads beside it is noted where a cursor takes
// notes, and refused elsewhere.
#include "compiler/import/json/Cursor.h"

#include "support/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ConvertUTF.h"
#include <cmath>
#include <limits>

using namespace llvm;

namespace osscc {

static constexpr size_t kLongestNumber = 1000;
static constexpr StringLiteral kNotFinite[] = {"NaN", "Infinity", "-Infinity"};

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

JsonCursor::JsonCursor(StringRef place, StringRef text, unsigned depth, Notes *notes)
    : place(place), text(text), depthLeft(depth), depthLimit(depth), notes(notes) {
  constexpr StringLiteral kByteOrderMark = "\xEF\xBB\xBF";
  if (notes && text.starts_with(kByteOrderMark)) {
    position = kByteOrderMark.size();
    notes->add(place, "begins with a byte order mark, which is skipped");
  }
}

std::string JsonCursor::placeOf(size_t at) const {
  StringRef before = text.take_front(at);
  size_t line = before.count('\n') + 1, lastBreak = before.rfind('\n');
  size_t column = lastBreak == StringRef::npos ? at + 1 : at - lastBreak;
  return (place + ":" + Twine(line) + ":" + Twine(column)).str();
}

void JsonCursor::noteAt(size_t at, const Twine &message) {
  notes->add(notes->isFull() ? place : placeOf(at), message);
}

Error JsonCursor::errorAt(size_t at, const Twine &message, const Twine &help) const {
  return inputError(placeOf(at), message,
                    help.isTriviallyEmpty() ? Twine("correct the file, or fetch it again") : help);
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
  for (StringRef word : kNotFinite)
    if (rest.starts_with(word)) {
      if (!notes)
        return errorAt(position, word + " is not JSON, expected a finite number");
      return Kind::NotFinite;
    }
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

bool JsonCursor::hasMore(char end) {
  skipSpace();
  if (position == text.size() || text[position] != ',')
    return false;
  size_t comma = position++;
  if (!notes)
    return true;
  skipSpace();
  bool isLast = position < text.size() && text[position] == end;
  if (isLast)
    noteAt(comma, Twine("a comma before '") + Twine(end) + "', which is skipped");
  return !isLast;
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
    more = hasMore('}');
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
    more = hasMore(']');
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

/// The literal of a number, which is finite as a double unless notes take one that is not.
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
  if (!std::isfinite(value)) {
    if (!notes)
      return errorAt(begin, "the number " + quoted(literal) + " is too large");
    noteAt(begin, "the number " + quoted(literal) + " is too large");
  }
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

/// As llvm::json has numbers: integers of 64 bits where they fit, else doubles.
static json::Value numberOf(StringRef literal) {
  int64_t integer = 0;
  uint64_t natural = 0;
  double number = 0;
  if (!literal.getAsInteger(10, integer))
    return integer;
  if (!literal.getAsInteger(10, natural))
    return natural;
  literal.getAsDouble(number);
  return number;
}

Expected<json::Value> JsonCursor::readMembers() {
  if (objectsLeft-- == 0)
    return error("more than " + Twine(kMostObjects) + " objects");
  json::Object object;
  auto member = [&](StringRef key) -> Error {
    Expected<json::Value> value = readValue();
    if (!value)
      return value.takeError();
    object[key.str()] = std::move(*value);
    return Error::success();
  };
  if (Error error = readObject(member))
    return error;
  return json::Value(std::move(object));
}

Expected<json::Value> JsonCursor::readElements() {
  json::Array array;
  auto element = [&]() -> Error {
    Expected<json::Value> value = readValue();
    if (!value)
      return value.takeError();
    array.push_back(std::move(*value));
    return Error::success();
  };
  if (Error error = readArray(element))
    return error;
  return json::Value(std::move(array));
}

/// true, false, null, or a number that is none.
Expected<json::Value> JsonCursor::readWord(Kind kind) {
  size_t begin = position;
  while (position < text.size() && (isAlnum(text[position]) || position == begin))
    ++position;
  StringRef word = text.slice(begin, position);
  bool isNumber = kind == Kind::NotFinite;
  if (isNumber ? !is_contained(kNotFinite, word) : word.size() != (kind == Kind::False ? 5 : 4))
    return error("expected a value, found a longer word");
  if (!isNumber)
    return kind == Kind::Null ? json::Value(nullptr) : json::Value(kind == Kind::True);
  noteAt(begin, word + " is not JSON");
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "NaN")
    return json::Value(std::numeric_limits<double>::quiet_NaN());
  return json::Value(word.starts_with("-") ? -kInfinity : kInfinity);
}

Expected<json::Value> JsonCursor::readValue() {
  Expected<Kind> kind = peek();
  if (!kind)
    return kind.takeError();
  switch (*kind) {
  case Kind::Object:
    return readMembers();
  case Kind::Array:
    return readElements();
  case Kind::String: {
    Expected<std::string> string = readString();
    if (!string)
      return string.takeError();
    return json::Value(std::move(*string));
  }
  case Kind::Number: {
    Expected<StringRef> literal = scanNumber();
    if (!literal)
      return literal.takeError();
    return numberOf(*literal);
  }
  case Kind::NotFinite:
  case Kind::True:
  case Kind::False:
  case Kind::Null:
    break;
  }
  return readWord(*kind);
}

Error JsonCursor::finish() {
  skipSpace();
  if (position != text.size())
    return errorAt(position,
                   "expected the end of the text, found " + quoted(text.substr(position, 1)));
  return Error::success();
}

} // namespace osscc
