// Numbers by format spec, padding, and `text % values`.
#include "runtime/template/Format.h"
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include "runtime/template/Markup.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

/// Separators between groups of digits; leading zeros fill up to `width`.
std::string group(std::string digits, char separator, size_t size, size_t width) {
  if (!separator) {
    if (digits.size() < width)
      digits.insert(0, width - digits.size(), '0');
    return digits;
  }
  std::string grouped;
  for (size_t i = 0; i < digits.size() || grouped.size() < width; ++i) {
    if (i && i % size == 0)
      grouped += separator;
    grouped += i < digits.size() ? digits[digits.size() - 1 - i] : '0';
  }
  std::ranges::reverse(grouped);
  return grouped;
}

/// Without a letter: as repr(), or in `precision` digits with at least one behind the point.
std::string plainFloat(double number, std::optional<size_t> precision) {
  if (!precision)
    return floatText(number);
  size_t digits = std::max<size_t>(*precision, 1);
  std::string text = fmt::format("{:.{}e}", number, digits - 1);
  size_t e = text.find('e');
  long exponent = std::atol(text.c_str() + e + 1);
  if (exponent < -4 || exponent >= long(digits) - 1) {
    std::string mantissa = text.substr(0, e);
    if (mantissa.find('.') != mantissa.npos) {
      mantissa.erase(mantissa.find_last_not_of('0') + 1);
      if (mantissa.ends_with('.'))
        mantissa.pop_back();
    }
    return mantissa + text.substr(e);
  }
  text = fmt::format("{:.{}g}", number, digits);
  return text.find('.') == text.npos ? text + ".0" : text;
}

std::string floatDigits(double number, const FormatSpec &spec) {
  if (!std::isfinite(number)) {
    std::string text = std::isnan(number) ? "nan" : "inf";
    return std::isupper(uint8_t(spec.type)) ? (text == "nan" ? "NAN" : "INF") : text;
  }
  size_t precision = spec.precision.value_or(6);
  switch (spec.type) {
  case 'e':
    return spec.alternate ? fmt::format("{:#.{}e}", number, precision)
                          : fmt::format("{:.{}e}", number, precision);
  case 'E':
    return fmt::format("{:.{}E}", number, precision);
  case 'f':
  case 'F':
    return spec.alternate ? fmt::format("{:#.{}f}", number, precision)
                          : fmt::format("{:.{}f}", number, precision);
  case '%':
    return fmt::format("{:.{}f}%", number * 100, precision);
  case 'g':
  case 'n':
    return spec.alternate ? fmt::format("{:#.{}g}", number, precision)
                          : fmt::format("{:.{}g}", number, precision);
  case 'G':
    return fmt::format("{:.{}G}", number, precision);
  default:
    return plainFloat(number, spec.precision);
  }
}

/// Sign, prefix and digits, filled with zeros where the spec says so.
std::string assemble(std::string sign, std::string digits, const FormatSpec &spec,
                     size_t groupSize) {
  size_t whole = 0;
  while (whole < digits.size() && std::isalnum(uint8_t(digits[whole])) &&
         (groupSize == 4 || std::isdigit(uint8_t(digits[whole]))))
    ++whole;
  std::string rest = digits.substr(whole);
  size_t taken = sign.size() + rest.size();
  bool fills = spec.fill == "0" && spec.align == '=';
  return sign +
         group(digits.substr(0, whole), spec.grouping, groupSize,
               fills && spec.width > taken ? spec.width - taken : 0) +
         rest;
}

std::string pad(std::string text, const FormatSpec &spec, size_t signSize) {
  size_t size = codePoints(text);
  if (size >= spec.width)
    return text;
  size_t missing = spec.width - size, before = missing;
  if (spec.align == '<')
    before = 0;
  else if (spec.align == '^')
    before = missing / 2;
  std::string left, right;
  for (size_t i = 0; i < missing; ++i)
    (i < before ? left : right) += spec.fill;
  if (spec.align == '=')
    return text.substr(0, signSize) + left + text.substr(signSize);
  return left + text + right;
}

} // namespace

std::string formatNumber(TemplateInterpreter &in, const Value &number, FormatSpec spec) {
  bool isFloat = as<double>(number);
  constexpr std::string_view integerTypes = "bcdoxXn";
  if (spec.zeros && !spec.align)
    spec.fill = "0", spec.align = '=';
  if (!spec.align)
    spec.align = '>';
  if (!in.charge(2 * (spec.width + spec.precision.value_or(0)) + 400))
    return {};
  std::string sign, digits;
  size_t groupSize = 3;
  if (isFloat || (spec.type && integerTypes.find(spec.type) == integerTypes.npos)) {
    if (std::string_view("eEfFgGn%").find(spec.type ? spec.type : 'g') == std::string_view::npos) {
      in.fail(fmt::format("unknown format '{}' for a number", spec.type));
      return {};
    }
    double value = asNumber(number).value_or(0);
    if (!isFloat && std::isinf(value))
      in.fail("an integer is too large for a float");
    sign = std::signbit(value) && !std::isnan(value) ? "-" : "";
    digits = floatDigits(std::abs(value), spec);
  } else if (spec.type == 'c') {
    std::optional<int64_t> code = asInteger(number);
    if (!code || *code < 0 || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) {
      in.fail("a code point is out of range");
      return {};
    }
    appendCodePoint(digits, uint32_t(*code));
    return pad(digits, spec, 0);
  } else {
    if (spec.precision)
      in.fail("an integer's format takes no precision");
    unsigned base = spec.type == 'b' ? 2 : spec.type == 'o' ? 8 : (spec.type | 32) == 'x' ? 16 : 10;
    groupSize = base == 10 ? 3 : 4;
    sign = isNegative(number) ? "-" : "";
    digits = integerDigits(number, base);
    if (spec.type == 'X')
      std::ranges::transform(digits, digits.begin(), [](char c) { return char(std::toupper(c)); });
  }
  if (sign.empty() && spec.sign != '-')
    sign = spec.sign;
  if (spec.alternate && !isFloat &&
      std::string_view("boxX").find(spec.type) != std::string_view::npos && spec.type)
    sign += std::string("0") + spec.type;
  size_t signSize = sign.size();
  return pad(assemble(std::move(sign), std::move(digits), spec, groupSize), spec, signSize);
}

TextPtr padText(const TextPtr &text, const FormatSpec &spec, char defaultAlign) {
  size_t size = codePoints(text->view());
  if (spec.precision && *spec.precision < size)
    return padText(sliceText(*text, 0, codePointOffset(text->view(), *spec.precision)),
                   {spec.fill, spec.align, spec.sign, false, false, 0, spec.width}, defaultAlign);
  if (size >= spec.width)
    return text;
  size_t missing = spec.width - size;
  char align = spec.align ? spec.align : defaultAlign;
  size_t before = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  auto fill = [&](size_t count) {
    std::string bytes;
    for (size_t i = 0; i < count; ++i)
      bytes += spec.fill;
    return bytes;
  };
  auto result = std::make_shared<Text>(fill(before), true);
  result->append(*text);
  result->append(fill(missing - before), true);
  result->setMarkup(text->isMarkup());
  return result;
}

namespace {

/// The state of one `text % values`.
class Percent {
public:
  Percent(TemplateInterpreter &in, const Text &text, const Value &values)
      : in(in), text(text), view(text.view()), values(values) {
    const List *list = asList(values);
    if (list && list->kind == ListKind::kTuple)
      tuple = list;
    isMapping = !tuple && (list || asDict(values));
  }

  Value run() {
    size_t begin = 0;
    while (!in.failed() && at < view.size()) {
      if (view[at] != '%') {
        ++at;
        continue;
      }
      result->append(text, begin, at);
      ++at;
      conversion();
      begin = at;
    }
    if (in.failed())
      return Undefined{};
    result->append(text, begin, view.size());
    if (!isMapping && next < (tuple ? tuple->items.size() : 1))
      return in.fail("not all arguments are used by the format");
    result->setMarkup(text.isMarkup());
    return result;
  }

private:
  Value argument() {
    if (tuple ? next >= tuple->items.size() : next >= 1)
      return in.fail("the format needs more arguments");
    ++next;
    return tuple ? tuple->items[next - 1] : values;
  }

  /// `(name)`.
  std::optional<Value> named() {
    if (at >= view.size() || view[at] != '(')
      return std::nullopt;
    size_t begin = ++at;
    for (unsigned level = 1; at < view.size() && level; ++at)
      level += view[at] == '(' ? 1 : view[at] == ')' ? -1 : 0;
    const Dict *dict = asDict(values);
    if (!dict)
      return in.fail("a format with names needs a dict");
    std::string_view name = view.substr(begin, at - begin - 1);
    in.charge(dict->entries.size());
    const Value *value = dict->find(name);
    return value ? *value : in.fail(fmt::format("the format's '{}' is not there", name));
  }

  size_t number() {
    if (at < view.size() && view[at] == '*') {
      ++at;
      std::optional<int64_t> value = asInteger(argument());
      if (!value)
        in.fail("'*' in a format needs an integer");
      if (value.value_or(0) < 0)
        spec.align = '<';
      return checked(uint64_t(std::abs(std::clamp<int64_t>(value.value_or(0), -1000000, 1000000))));
    }
    uint64_t value = 0;
    while (at < view.size() && view[at] >= '0' && view[at] <= '9' && value < 10000000)
      value = value * 10 + uint64_t(view[at++] - '0');
    return checked(value);
  }

  size_t checked(uint64_t value) {
    if (value > kMaxFormatWidth)
      in.fail("a format's width is too large");
    return std::min(value, kMaxFormatWidth);
  }

  void flags() {
    for (; at < view.size(); ++at)
      switch (view[at]) {
      case '-':
        spec.align = '<';
        break;
      case '+':
        spec.sign = '+';
        break;
      case ' ':
        spec.sign = spec.sign == '+' ? '+' : ' ';
        break;
      case '#':
        spec.alternate = true;
        break;
      case '0':
        spec.zeros = true;
        break;
      default:
        return;
      }
  }

  /// What stands behind a `%`.
  void conversion() {
    spec = {};
    std::optional<Value> value = named();
    flags();
    spec.width = number();
    if (at < view.size() && view[at] == '.') {
      ++at;
      spec.precision = number();
    }
    while (at < view.size() && std::string_view("hlL").find(view[at]) != std::string_view::npos)
      ++at;
    if (in.failed())
      return;
    if (at >= view.size()) {
      in.fail("the format ends in the middle");
      return;
    }
    char type = view[at++];
    if (type == '%') {
      result->append(text, at - 1, at);
      return;
    }
    Value given = value ? *value : argument();
    if (!in.failed() && in.charge(16 + spec.width + 6 * valueWeight(given)))
      write(type, given);
  }

  void write(char type, const Value &given) {
    if (type == 's' || type == 'r' || type == 'a' || (type == 'c' && asText(given))) {
      TextPtr part = toText(type == 'r' || type == 'a' ? makeText(reprText(given), false) : given);
      if (type == 'a')
        in.fail("unsupported format '%a'");
      if (text.isMarkup())
        part = std::make_shared<const Text>(escapeMarkup(*part));
      if (type == 'c' && codePoints(part->view()) != 1)
        in.fail("'%c' needs one character");
      result->append(*padText(part, spec, '>'));
      return;
    }
    if (std::string_view("diuoxXeEfFgGc").find(type) == std::string_view::npos) {
      in.fail(fmt::format("unknown format '%{}'", type));
      return;
    }
    Value number = given;
    bool wantsInteger = std::string_view("diu").find(type) != std::string_view::npos;
    if (const double *real = as<double>(given); real && wantsInteger)
      number = integerFromDouble(*real).value_or(given);
    bool isWhole = isInteger(number);
    if (!asNumber(number) ||
        (std::string_view("diuoxXc").find(type) != std::string_view::npos && !isWhole)) {
      in.fail(fmt::format("'%{}' needs a number, found a {}", type, typeName(given)));
      return;
    }
    spec.type = wantsInteger ? 'd' : type;
    if (spec.align == '<')
      spec.zeros = false;
    result->append(digits(number), false);
  }

  /// As formatNumber(), but an integer's precision is its least number of digits.
  std::string digits(const Value &number) {
    if (std::string_view("doxX").find(spec.type) == std::string_view::npos || !spec.precision)
      return formatNumber(in, number, spec);
    FormatSpec inner = spec;
    inner.precision.reset();
    inner.zeros = true;
    inner.align = 0;
    inner.width = *spec.precision + (isNegative(number) || spec.sign != '-') +
                  (spec.alternate && spec.type != 'd' ? 2 : 0);
    FormatSpec outer = spec;
    outer.align = spec.align ? spec.align : '>';
    return pad(formatNumber(in, number, inner), outer, 0);
  }

  TemplateInterpreter &in;
  const Text &text;
  std::string_view view;
  const Value &values;
  const List *tuple = nullptr;
  bool isMapping = false;
  size_t at = 0, next = 0;
  FormatSpec spec;
  std::shared_ptr<Text> result = std::make_shared<Text>();
};

} // namespace

Value formatPercent(TemplateInterpreter &in, const Text &text, const Value &values) {
  if (!in.charge(2 * text.size() + 16))
    return Undefined{};
  return Percent(in, text, values).run();
}

} // namespace osscc::rt
