// Jinja source to tokens. The rules are those of jinja2 3.1 (lexer.py): `-` at a tag eats all
// whitespace on its side, a block or comment alone on its line loses its indent (unless `+`) and
// the newline behind it.
#include "compiler/import/template/Lexer.h"
#include "runtime/bundle/PythonSpace.h"
#include "support/Error.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/JSON.h"
#include <optional>

using namespace llvm;

namespace osscc {
namespace {

using Kind = TemplateTokenKind;

constexpr size_t kMaxTemplateBytes = 1 << 20;
/// Of an integer literal: what Python converts.
constexpr size_t kMaxDigits = 4300;

/// Newlines become "\n"; one at the very end is dropped, as jinja2 does with keep_trailing_newline
/// off.
std::string normalizeNewlines(StringRef text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      result += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n')
        ++i;
    } else {
      result += text[i];
    }
  }
  if (!result.empty() && result.back() == '\n')
    result.pop_back();
  return result;
}

/// The bytes of the name that the text starts with: letters, digits, `_` and everything outside
/// ASCII that is no space.
size_t nameBytes(StringRef text) {
  size_t end = 0;
  while (end < text.size() && (isAlnum(text[end]) || text[end] == '_' || text[end] & 0x80) &&
         !pythonSpaceAtStart(text.substr(end)))
    ++end;
  return end;
}

class Lexer {
public:
  Lexer(StringRef file, StringRef source) : file(file), source(source) {}

  Expected<std::vector<TemplateToken>> run() {
    while (!failure && position < source.size())
      lexData();
    if (failure)
      return std::move(*failure);
    add(Kind::End, "");
    return std::move(tokens);
  }

private:
  void lexData();
  void lexTag(StringRef close);
  void lexToken();
  void lexNumber();
  void lexString();
  void lexOperator();
  void appendEscape(StringRef body, size_t &i, std::string &out);
  void skipComment();
  bool skipRaw();
  void endTag(bool stripRight, bool keepNewline, bool block);

  bool at(StringRef text) const { return source.substr(position).starts_with(text); }
  void add(Kind kind, StringRef text) { tokens.push_back({kind, text.str(), line}); }
  void addData(StringRef text) {
    if (!text.empty())
      add(Kind::Data, text);
  }
  void advance(size_t bytes) {
    StringRef passed = source.substr(position, bytes);
    line += passed.count('\n');
    if (!passed.empty())
      lineStarting = passed.back() == '\n';
    position += passed.size();
  }
  void skipSpace() {
    while (size_t bytes = pythonSpaceAtStart(source.substr(position)))
      advance(bytes);
  }
  void fail(uint32_t where, const Twine &message, const Twine &help = {}) {
    if (!failure)
      failure = inputError(file + ":" + Twine(where), "chat template: " + message, help);
    position = source.size();
  }

  StringRef file, source;
  size_t position = 0;
  uint32_t line = 1;
  bool lineStarting = true; ///< The last thing passed ended a line.
  std::string brackets;     ///< Closing brackets that are due.
  std::vector<TemplateToken> tokens;
  std::optional<Error> failure;
};

/// Literal text up to the next tag, then that tag.
void Lexer::lexData() {
  size_t open = position;
  for (;; ++open) {
    open = source.find('{', open);
    if (open == StringRef::npos || open + 1 >= source.size()) {
      addData(source.substr(position));
      position = source.size();
      return;
    }
    if (StringRef("{%#").contains(source[open + 1]))
      break;
  }
  StringRef text = source.slice(position, open);
  char type = source[open + 1];
  char sign = open + 2 < source.size() ? source[open + 2] : '\0';
  if (sign == '-') {
    while (size_t bytes = pythonSpaceAtEnd(text))
      text = text.drop_back(bytes);
  } else if (sign != '+' && type != '{') {
    // The indent of a block or comment that starts its line.
    size_t lineStart = text.rfind('\n') + 1; // npos + 1 is 0
    StringRef indent = text.substr(lineStart);
    while (size_t bytes = pythonSpaceAtEnd(indent))
      indent = indent.drop_back(bytes);
    if ((lineStart > 0 || lineStarting) && indent.empty())
      text = text.take_front(lineStart);
  }
  addData(text);
  advance(open - position + 2 + (sign == '-' || sign == '+'));
  if (type == '#')
    return skipComment();
  if (type == '%' && skipRaw())
    return;
  add(type == '{' ? Kind::VariableBegin : Kind::BlockBegin, "");
  lexTag(type == '{' ? "}}" : "%}");
}

/// The expression tokens of a tag and its end.
void Lexer::lexTag(StringRef close) {
  uint32_t start = line;
  bool block = close == "%}";
  while (!failure) {
    skipSpace();
    if (position >= source.size())
      return fail(start, "the tag opened here is never closed",
                  "close it with '" + close + "', or download the checkpoint again");
    if (brackets.empty()) {
      bool strip = at("-") && source.substr(position + 1).starts_with(close);
      bool keep = block && at("+") && source.substr(position + 1).starts_with(close);
      if (strip || keep || at(close)) {
        add(block ? Kind::BlockEnd : Kind::VariableEnd, "");
        return endTag(strip, keep, block);
      }
    }
    lexToken();
  }
}

/// Passes a tag's end, at which `position` is, and the whitespace that it eats.
void Lexer::endTag(bool stripRight, bool keepNewline, bool block) {
  advance(2 + (stripRight || keepNewline));
  if (stripRight)
    skipSpace();
  else if (block && !keepNewline && at("\n"))
    advance(1);
}

void Lexer::skipComment() {
  size_t end = source.find("#}", position);
  if (end == StringRef::npos)
    return fail(line, "the comment opened here is never closed", "close it with '#}'");
  bool strip = end > position && source[end - 1] == '-';
  bool keep = end > position && source[end - 1] == '+';
  advance(end - position - (strip || keep));
  endTag(strip, keep, /*block=*/true);
}

/// `{% raw %} text {% endraw %}`, with `position` behind the opening sign; false if the tag is
/// another.
bool Lexer::skipRaw() {
  StringRef rest = source.substr(position).ltrim();
  if (!rest.consume_front("raw"))
    return false;
  rest = rest.ltrim();
  bool strip = rest.consume_front("-");
  if (!rest.consume_front("%}"))
    return false;
  uint32_t start = line;
  advance(source.size() - rest.size() - position);
  if (strip)
    skipSpace();
  for (size_t open = source.find("{%", position); open != StringRef::npos;
       open = source.find("{%", open + 2)) {
    StringRef tail = source.substr(open + 2);
    bool stripLeft = tail.consume_front("-");
    bool keepLeft = !stripLeft && tail.consume_front("+");
    tail = tail.ltrim();
    if (!tail.consume_front("endraw"))
      continue;
    tail = tail.ltrim();
    bool stripRight = tail.starts_with("-%}"), keepRight = tail.starts_with("+%}");
    if (!stripRight && !keepRight && !tail.starts_with("%}"))
      continue;
    StringRef text = source.slice(position, open);
    if (stripLeft)
      text = text.rtrim();
    else if (size_t lineStart = text.rfind('\n') + 1;
             !keepLeft && (lineStart > 0 || lineStarting) && text.substr(lineStart).trim().empty())
      text = text.take_front(lineStart);
    addData(text);
    advance(source.size() - tail.size() - position);
    endTag(stripRight, keepRight, /*block=*/true);
    return true;
  }
  fail(start, "the raw block opened here is never closed", "close it with '{% endraw %}'");
  return true;
}

void Lexer::lexToken() {
  char c = source[position];
  if (isDigit(c))
    return lexNumber();
  if (c == '\'' || c == '"')
    return lexString();
  if (size_t bytes = nameBytes(source.substr(position))) {
    add(Kind::Name, source.substr(position, bytes));
    return advance(bytes);
  }
  lexOperator();
}

/// The bytes of `\d+(_\d+)*` of one base that start at `at`; `grouped` lets a `_` come first.
static size_t digitBytes(StringRef text, size_t at, unsigned base, bool grouped = false) {
  size_t end = at;
  while (end < text.size()) {
    size_t digit = end + (text[end] == '_' && (end > at || grouped));
    if (digit >= text.size() || hexDigitValue(text[digit]) >= base)
      break;
    end = digit + 1;
  }
  return end - at;
}

/// The bytes of a float at the start of the text, 0 if there is none.
static size_t floatBytes(StringRef text) {
  size_t end = digitBytes(text, 0, 10), fraction = 0, exponent = 0;
  if (end < text.size() && text[end] == '.')
    fraction = digitBytes(text, end + 1, 10);
  if (fraction)
    end += 1 + fraction;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    size_t sign = end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-');
    if ((exponent = digitBytes(text, end + 1 + sign, 10)))
      end += 1 + sign + exponent;
  }
  return fraction || exponent ? end : 0;
}

/// Integers in four bases become decimal digits; `1.foo` is an integer and an attribute, and so
/// are the numbers of `x.1.2`.
void Lexer::lexNumber() {
  StringRef rest = source.substr(position);
  bool isAttribute = position > 0 && source[position - 1] == '.';
  if (size_t bytes = isAttribute ? 0 : floatBytes(rest)) {
    std::string text = rest.take_front(bytes).str();
    llvm::erase(text, '_');
    add(Kind::Float, text);
    return advance(bytes);
  }
  unsigned base = StringSwitch<unsigned>(rest.take_front(2).lower())
                      .Case("0b", 2)
                      .Case("0o", 8)
                      .Case("0x", 16)
                      .Default(10);
  size_t bytes = base == 10 ? 0 : digitBytes(rest, 2, base, /*grouped=*/true);
  size_t skipped = bytes ? 2 : 0;
  if (!bytes) {
    // A decimal number that begins with 0 has no other digits.
    base = 10;
    bytes = digitBytes(rest, 0, rest.starts_with("0") ? 1 : 10);
  }
  std::string digits = rest.substr(skipped, bytes).str();
  llvm::erase(digits, '_');
  if (digits.size() > kMaxDigits)
    return fail(line, "an integer of " + Twine(digits.size()) + " digits, expected at most " +
                          Twine(kMaxDigits));
  APInt value(4 * digits.size() + 1, digits, base);
  add(Kind::Integer, toString(value, 10, /*Signed=*/false));
  advance(skipped + bytes);
}

void Lexer::lexString() {
  char quote = source[position];
  size_t end = position + 1;
  while (end < source.size() && source[end] != quote)
    end += source[end] == '\\' ? 2 : 1;
  if (end >= source.size())
    return fail(line, "the string opened here is never closed");
  StringRef body = source.slice(position + 1, end);
  std::string text;
  for (size_t i = 0; i < body.size() && !failure;) {
    if (body[i] == '\\')
      appendEscape(body, i, text);
    else
      text += body[i++];
  }
  add(Kind::String, text);
  advance(end + 1 - position);
}

/// One escape of a string, as Python's: unknown ones stay as they are.
void Lexer::appendEscape(StringRef body, size_t &i, std::string &out) {
  char c = body[i + 1]; // lexString never ends a body in a lone backslash
  size_t hex =
      StringSwitch<size_t>(StringRef(&c, 1)).Case("x", 2).Case("u", 4).Case("U", 8).Default(0);
  if (hex || (c >= '0' && c <= '7') || c == 'N') {
    StringRef digits =
        hex ? body.substr(i + 2, hex)
            : body.substr(i + 1, 3).take_while([](char c) { return c >= '0' && c <= '7'; });
    uint32_t code = 0;
    if (c == 'N' || (hex && digits.size() != hex) || digits.getAsInteger(hex ? 16 : 8, code) ||
        code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      return fail(line, "unsupported escape '\\" + Twine(c) + digits + "' in a string");
    char encoded[4], *end = encoded;
    ConvertCodePointToUTF8(code, end);
    out.append(encoded, end);
    i += (hex ? 2 : 1) + digits.size();
    return;
  }
  constexpr StringLiteral kFrom = "ntrabfv\\'\"", kTo = "\n\t\r\a\b\f\v\\'\"";
  size_t known = kFrom.find(c);
  if (known != StringRef::npos)
    out += kTo[known];
  else if (c != '\n') // an escaped newline joins lines
    out += {'\\', c};
  i += 2;
}

void Lexer::lexOperator() {
  for (StringRef op : {"**", "//", "==", "!=", "<=", ">="})
    if (at(op)) {
      add(Kind::Operator, op);
      return advance(2);
    }
  char c = source[position];
  if (!StringRef("+-*/%~=<>.:|,;()[]{}").contains(c))
    return fail(line, "unexpected character " + (isPrint(c) ? "'" + std::string(1, c) + "'"
                                                            : "0x" + toHex(StringRef(&c, 1))));
  if (size_t open = StringRef("([{").find(c); open != StringRef::npos)
    brackets += ")]}"[open];
  else if (StringRef(")]}").contains(c)) {
    if (brackets.empty() || brackets.back() != c)
      return fail(line, "unexpected '" + Twine(c) + "'" +
                            (brackets.empty()
                                 ? std::string()
                                 : ", expected '" + brackets.substr(brackets.size() - 1) + "'"));
    brackets.pop_back();
  }
  add(Kind::Operator, StringRef(&c, 1));
  advance(1);
}

} // namespace

Expected<std::vector<TemplateToken>> lexTemplate(StringRef file, StringRef text) {
  if (text.size() > kMaxTemplateBytes)
    return inputError(file, "chat template: " + Twine(text.size()) + " bytes, expected at most " +
                                Twine(kMaxTemplateBytes));
  size_t offset = 0;
  if (!json::isUTF8(text, &offset))
    return inputError(file + ":" + Twine(text.take_front(offset).count('\n') + 1),
                      "chat template: invalid UTF-8 at byte " + Twine(offset),
                      "save the template as UTF-8, or download the checkpoint again");
  std::string source = normalizeNewlines(text);
  return Lexer(file, source).run();
}

} // namespace osscc
