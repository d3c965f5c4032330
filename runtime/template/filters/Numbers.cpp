// Filters of numbers.
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include "runtime/template/Interpreter.h"
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;
using Operator = bundle::TemplateOperator;

Value absolute(In &in, const Value &value, const Arguments &) {
  if (isInteger(value))
    return isNegative(value)
               ? integerOperation(Operator::Subtract, int64_t(0), value).value_or(value)
           : as<bool>(value) ? Value(int64_t(*as<bool>(value)))
                             : value;
  if (const double *number = as<double>(value))
    return std::abs(*number);
  return isUndefined(value) ? in.failUndefined(value)
                            : in.fail(fmt::format("a {} has no size", typeName(value)));
}

/// float(text) of Python; nothing if it is no number.
std::optional<double> parseFloat(std::string_view source) {
  std::string text = asciiDigits(source);
  auto [begin, end] = stripRange(text, {}, true, true);
  std::string digits;
  for (size_t i = begin; i < end; ++i) {
    bool isBetween = i > begin && i + 1 < end && std::isdigit(uint8_t(text[i - 1])) &&
                     std::isdigit(uint8_t(text[i + 1]));
    if (text[i] == '_' && !isBetween)
      return std::nullopt;
    if (text[i] != '_')
      digits += char(std::tolower(uint8_t(text[i])));
  }
  bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+'))
    digits.erase(0, 1);
  if (digits == "inf" || digits == "infinity" || digits == "nan")
    return digits == "nan" ? NAN : negative ? -INFINITY : INFINITY;
  if (digits.empty() || (!std::isdigit(uint8_t(digits[0])) && digits[0] != '.'))
    return std::nullopt;
  double number = 0;
  auto [at, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong == std::errc::result_out_of_range)
    number = std::strtod(digits.c_str(), nullptr);
  else if (wrong != std::errc())
    return std::nullopt;
  if (at != digits.data() + digits.size())
    return std::nullopt;
  return negative ? -number : number;
}

std::optional<double> asFloat(const Value &value) {
  if (const Text *text = asText(value))
    return parseFloat(text->view());
  return asNumber(value);
}

Value toFloat(In &in, const Value &value, const Arguments &arguments) {
  if (isUndefined(value))
    return in.failUndefined(value);
  std::optional<double> number = asFloat(value);
  if (number && std::isinf(*number) && as<BigPtr>(value))
    return in.fail("an integer is too large for a float");
  return number ? Value(*number) : arguments.has(0) ? arguments[0] : Value(0.0);
}

/// int(default=0, base=10): text that is no integer may be a float.
Value toInteger(In &in, const Value &value, const Arguments &arguments) {
  if (isUndefined(value))
    return in.failUndefined(value);
  if (as<bool>(value))
    return int64_t(*as<bool>(value));
  if (isInteger(value))
    return value;
  int64_t base = in.integerArgument(arguments, 1, 10);
  if (const Text *text = asText(value); text && base >= 0 && base <= 36)
    if (std::optional<Value> integer = parseInteger(text->view(), unsigned(base)))
      return *integer;
  if (std::optional<double> number = asFloat(value))
    if (std::optional<Value> integer = integerFromDouble(*number))
      return *integer;
  return arguments.has(0) ? arguments[0] : Value(int64_t(0));
}

double roundToEven(double number) {
  double down = std::floor(number), rest = number - down;
  return rest > 0.5 || (rest == 0.5 && std::fmod(down, 2) != 0) ? down + 1 : down;
}

/// round(number, precision) of Python: right to the last digit of the decimal number.
double roundDecimal(double number, int64_t precision) {
  if (!std::isfinite(number) || precision > 323)
    return number;
  if (precision < 0) {
    double unit = std::pow(10.0, double(-std::max<int64_t>(precision, -400)));
    return std::isinf(unit) ? std::copysign(0.0, number) : roundToEven(number / unit) * unit;
  }
  return std::strtod(fmt::format("{:.{}f}", number, int(precision)).c_str(), nullptr);
}

/// round(precision=0, method='common').
Value round(In &in, const Value &value, const Arguments &arguments) {
  int64_t precision = in.integerArgument(arguments, 0, 0);
  std::string_view method = arguments.has(1) ? in.textArgument(arguments, 1) : "common";
  if (isUndefined(value))
    return in.failUndefined(value);
  std::optional<double> number = asNumber(value);
  if (!number || (method != "common" && method != "ceil" && method != "floor"))
    return in.fail("'round' needs a number, and 'common', 'ceil' or 'floor' as its method");
  if (method == "common") {
    if (!isInteger(value))
      return roundDecimal(*number, precision);
    if (precision >= 0)
      return as<bool>(value) ? Value(int64_t(*as<bool>(value))) : value;
    return integerFromDouble(roundDecimal(*number, precision)).value_or(value);
  }
  double unit = std::pow(10.0, double(std::clamp<int64_t>(precision, -400, 400)));
  double scaled = *number * unit;
  return (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit;
}

Value fileSize(In &in, const Value &value, const Arguments &arguments) {
  std::optional<double> bytes = asFloat(value);
  if (!bytes || !std::isfinite(*bytes) || *bytes < -9e18)
    return in.fail("'filesizeformat' needs a number");
  bool binary = isTrue(arguments[0]);
  double base = binary ? 1024 : 1000, unit = base;
  if (*bytes == 1)
    return makeText("1 Byte", true);
  if (*bytes < base)
    return makeText(fmt::format("{} Bytes", int64_t(*bytes)), true);
  char prefix = 0;
  for (char each : std::string_view("kMGTPEZY")) {
    prefix = each;
    unit *= base;
    if (*bytes < unit)
      break;
  }
  std::string name =
      binary ? std::string(1, prefix == 'k' ? 'K' : prefix) + "iB" : std::string(1, prefix) + "B";
  return makeText(fmt::format("{:.1f} {}", base * *bytes / unit, name), true);
}

constexpr TemplateFilter kFilters[] = {
    {"abs", absolute}, {"filesizeformat", fileSize}, {"float", toFloat}, {"int", toInteger},
    {"round", round},
};

} // namespace

FilterTable numberFilters() {
  return kFilters;
}

} // namespace osscc::rt
