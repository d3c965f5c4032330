// Calls and values in Python's literals, and in those of Gemma 4, which have bare keys and quotes
// of their own.
#include "runtime/chat/CallValues.h"

#include "runtime/chat/Extent.h"
#include "runtime/chat/Spaces.h"

#include <boost/json/parse.hpp>

#include <utf8proc.h>

#include <algorithm>

namespace osscc::rt {
namespace {

constexpr int kDeepest = 32; ///< As Boost.JSON.

bool isWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         uint8_t(c) >= 0x80;
}

/// Reads from the begin of a text; what has failed stays failed.
class Literals {
public:
  Literals(std::string_view text, Quotes quotes) : text(text), quotes(quotes) {}

  bool isAtEnd() {
    skipSpaces();
    return text.empty();
  }
  bool failed() const { return isBad; }

  /// A value as JSON.
  std::string value(int depth = 0);
  /// name(a=1, ...)
  ReadCall call();
  /// Whether the next thing is `c`, which is then passed over.
  bool take(char c);
  /// {"a": 1} or {a:1}
  std::string dict(int depth);

private:
  std::string fail() {
    isBad = true;
    return {};
  }
  void skipSpaces() { text = trimFront(text); }
  std::string_view word();
  std::string items(char close, int depth);
  std::string quoted();
  std::string escaped();
  std::string scalar();
  std::string number(std::string_view word);

  std::string_view text;
  const Quotes quotes;
  bool isBad = false;
};

bool Literals::take(char c) {
  skipSpaces();
  if (!text.starts_with(c))
    return false;
  text.remove_prefix(1);
  return true;
}

/// Letters, digits, and what stands in numbers and in names of tools.
std::string_view Literals::word() {
  skipSpaces();
  auto end = std::ranges::find_if(
      text, [](char c) { return !isWord(c) && c != '.' && c != '-' && c != '+'; });
  std::string_view found = text.substr(0, size_t(end - text.begin()));
  text.remove_prefix(found.size());
  return found;
}

std::string Literals::value(int depth) {
  skipSpaces();
  if (text.empty() || depth > kDeepest)
    return fail();
  bool isQuoted = quotes == Quotes::kGemma ? text.starts_with(kGemmaQuote)
                                           : text.starts_with('"') || text.starts_with('\'');
  if (isQuoted)
    return quoteJson(quoted());
  if (text.starts_with('{'))
    return dict(depth);
  if (take('['))
    return items(']', depth);
  if (quotes == Quotes::kPython && take('('))
    return items(')', depth);
  return scalar();
}

std::string Literals::items(char close, int depth) {
  std::string out = "[";
  while (!isBad && !take(close)) {
    if (out.size() > 1)
      out += ", ";
    out += value(depth + 1);
    if (take(close))
      break;
    if (!take(','))
      return fail();
  }
  return out + "]";
}

std::string Literals::dict(int depth) {
  if (!take('{'))
    return fail();
  std::string out = "{";
  while (!isBad && !take('}')) {
    skipSpaces();
    bool isBare = quotes == Quotes::kGemma && !text.starts_with(kGemmaQuote);
    size_t end = isBare ? text.find(':') : 0;
    if (end == std::string_view::npos ||
        (!isBare && !text.starts_with(quotes == Quotes::kGemma ? '<' : '"') &&
         !text.starts_with('\'')))
      return fail();
    std::string key(text.substr(0, end));
    text.remove_prefix(end);
    out += (out.size() > 1 ? ", " : "") + quoteJson(isBare ? key : quoted()) + ": ";
    if (!take(':'))
      return fail();
    out += value(depth + 1);
    if (take('}'))
      break;
    if (!take(','))
      return fail();
  }
  return out + "}";
}

std::string Literals::quoted() {
  if (quotes == Quotes::kGemma) {
    text.remove_prefix(kGemmaQuote.size());
    size_t end = text.find(kGemmaQuote);
    if (end == std::string_view::npos)
      return fail();
    std::string out(text.substr(0, end));
    text.remove_prefix(end + kGemmaQuote.size());
    return out;
  }
  char quote = text.front();
  text.remove_prefix(1);
  std::string out;
  while (!text.empty() && text.front() != quote) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == '\\')
      out += escaped();
    else
      out += c;
  }
  return take(quote) ? out : fail();
}

/// What a backslash and the letters behind it mean.
std::string Literals::escaped() {
  constexpr std::string_view kFrom = "ntrbfav0\\'\"", kTo{"\n\t\r\b\f\a\v\0\\'\"", 11};
  if (text.empty())
    return fail();
  char c = text.front();
  text.remove_prefix(1);
  if (c == '\n')
    return {};
  if (size_t at = kFrom.find(c); at != std::string_view::npos)
    return {kTo[at]};
  size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0)
    return {'\\', c};
  uint32_t code = 0;
  for (; digits > 0; --digits) {
    char digit = text.empty() ? 'x' : text.front();
    std::string_view kDigits = "0123456789abcdef";
    size_t value = kDigits.find(char(digit >= 'A' && digit <= 'F' ? digit + 32 : digit));
    if (value == std::string_view::npos || code > 0x10FFFF)
      return fail();
    code = code << 4 | uint32_t(value);
    text.remove_prefix(1);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    return fail();
  utf8proc_uint8_t bytes[4];
  auto size = size_t(utf8proc_encode_char(utf8proc_int32_t(code), bytes));
  return {reinterpret_cast<const char *>(bytes), size};
}

std::string Literals::scalar() {
  std::string_view found = word();
  if (found == "True" || found == "true")
    return "true";
  if (found == "False" || found == "false")
    return "false";
  if (found == "None" || found == "null")
    return "null";
  return number(found);
}

/// JSON's numbers, and those that begin with a sign or a point, or end in one.
std::string Literals::number(std::string_view word) {
  std::string out(word.starts_with('+') ? word.substr(1) : word);
  size_t sign = out.starts_with('-');
  if (out.substr(sign).starts_with('.'))
    out.insert(sign, "0");
  if (out.ends_with('.'))
    out += '0';
  boost::system::error_code error;
  boost::json::value read = boost::json::parse(out, error);
  return !error && read.is_number() ? out : fail();
}

ReadCall Literals::call() {
  ReadCall out{std::string(word()), "{"};
  if (out.name.empty() || !take('('))
    return fail(), out;
  while (!isBad && !take(')')) {
    std::string_view key = word();
    if (key.empty() || !take('='))
      return fail(), out;
    out.arguments += (out.arguments.size() > 1 ? ", " : "") + quoteJson(key) + ": " + value();
    if (take(')'))
      break;
    if (!take(','))
      return fail(), out;
  }
  out.arguments += "}";
  return out;
}

} // namespace

std::optional<std::vector<ReadCall>> readPythonCalls(std::string_view text) {
  Literals literals(text, Quotes::kPython);
  std::vector<ReadCall> calls;
  bool isList = literals.take('[');
  while (!literals.failed() && !(isList && literals.take(']'))) {
    calls.push_back(literals.call());
    bool more = literals.take(',');
    if (!more && (!isList || literals.take(']')))
      break;
    if (!more)
      return std::nullopt;
  }
  if (literals.failed() || !literals.isAtEnd())
    return std::nullopt;
  return calls;
}

std::optional<std::string> readGemmaArguments(std::string_view text) {
  Literals literals(text, Quotes::kGemma);
  std::string out = literals.dict(0);
  return literals.failed() || !literals.isAtEnd() ? std::nullopt : std::optional(out);
}

std::string readBareValue(std::string_view text) {
  boost::system::error_code error;
  boost::json::value json = boost::json::parse(text, error);
  if (!error)
    return json.is_string() ? quoteJson(text) : std::string(text);
  if (text.starts_with('\'') || text.starts_with('"'))
    return quoteJson(text);
  Literals literals(text, Quotes::kPython);
  std::string value = literals.value();
  return literals.failed() || !literals.isAtEnd() ? quoteJson(text) : value;
}

} // namespace osscc::rt
