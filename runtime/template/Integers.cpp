#include "runtime/template/Integers.h"
#include "runtime/template/Case.h"
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace osscc::rt {

using Big = boost::multiprecision::cpp_int;
using Operator = bundle::TemplateOperator;

struct BigInteger {
  Big value;
};

constexpr unsigned kMaxBits = 16384;
/// As sys.int_info.default_max_str_digits.
constexpr size_t kMaxDigits = 4300;

static Big big(const Value &integer) {
  if (const BigPtr *value = as<BigPtr>(integer))
    return (*value)->value;
  return asInteger(integer).value_or(0);
}

static Value fromBig(Big value) {
  if (value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max())
    return int64_t(value);
  return std::make_shared<const BigInteger>(std::move(value));
}

static unsigned bits(const Big &value) {
  return value == 0 ? 0 : unsigned(boost::multiprecision::msb(abs(value))) + 1;
}

bool isInteger(const Value &value) {
  return as<BigPtr>(value) || asInteger(value);
}

bool isNegative(const Value &integer) {
  return big(integer) < 0;
}

uint64_t integerWeight(const Value &integer) {
  uint64_t length = bits(big(integer));
  return 1 + length * length / kMaxBits;
}

std::string integerText(const Value &integer) {
  if (std::optional<int64_t> small = asInteger(integer))
    return fmt::format("{}", *small);
  return big(integer).str();
}

std::string integerDigits(const Value &integer, unsigned base) {
  Big value = abs(big(integer));
  if (base == 10 || value == 0)
    return value.str();
  std::string digits;
  unsigned step = std::bit_width(base) - 1;
  for (unsigned at = 0, end = bits(value); at < end; at += step)
    digits += "0123456789abcdef"[unsigned((value >> at) & (base - 1))];
  std::ranges::reverse(digits);
  return digits;
}

/// Strips spaces, a sign, a prefix and underscores; nothing if the rest is no run of digits.
static std::optional<std::string> plainDigits(std::string text, unsigned &base, bool &negative) {
  auto [begin, end] = stripRange(text, {}, true, true);
  text = text.substr(begin, end - begin);
  negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.erase(0, 1);
  static constexpr std::pair<std::string_view, unsigned> prefixes[] = {
      {"0b", 2}, {"0o", 8}, {"0x", 16}, {"0B", 2}, {"0O", 8}, {"0X", 16}};
  bool hadPrefix = false;
  for (auto [prefix, its] : prefixes)
    if ((base == 0 || base == its) && text.starts_with(prefix) && text.size() > 2 && !hadPrefix) {
      base = its;
      text.erase(0, text[2] == '_' ? 3 : 2);
      hadPrefix = true;
    }
  // Without a base, a leading zero is left to the number 0.
  if (base == 0 && text.size() > 1 && text[0] == '0' && text.find_first_not_of("0_") != text.npos)
    return std::nullopt;
  base = base ? base : 10;
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '_') {
      if (i == 0 || i + 1 == text.size() || text[i - 1] == '_')
        return std::nullopt;
      continue;
    }
    unsigned digit = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'z' ? c - 'a' + 10
                     : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                            : 99;
    if (digit >= base)
      return std::nullopt;
    digits += c;
  }
  if (digits.empty() || digits.size() > kMaxDigits)
    return std::nullopt;
  return digits;
}

std::optional<Value> parseInteger(std::string_view text, unsigned base) {
  bool negative = false;
  if (base == 1 || base > 36 || text.size() > 4 * kMaxDigits)
    return std::nullopt;
  std::optional<std::string> digits = plainDigits(asciiDigits(text), base, negative);
  if (!digits)
    return std::nullopt;
  Big value = 0;
  if (base == 10) {
    // A leading zero would make it octal.
    digits->erase(0, std::min(digits->find_first_not_of('0'), digits->size() - 1));
    value = Big(*digits);
  } else {
    for (char c : *digits)
      value = value * base + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  return fromBig(negative ? Big(-value) : value);
}

std::optional<Value> integerFromDouble(double number) {
  if (!std::isfinite(number))
    return std::nullopt;
  return fromBig(Big(std::trunc(number)));
}

double integerToDouble(const Value &integer) {
  if (std::optional<int64_t> small = asInteger(integer))
    return double(*small);
  Big value = big(integer), size = abs(value);
  unsigned length = bits(size);
  // 64 bits and one more for what is cut off, so that the one rounding is right.
  if (length > 1100)
    return value < 0 ? -INFINITY : INFINITY;
  unsigned shift = length - 64;
  Big high = size >> shift;
  uint64_t top = uint64_t(high);
  if ((high << shift) != size)
    top |= 1;
  double result = std::ldexp(double(top), int(shift));
  return value < 0 ? -result : result;
}

int compareNumbers(const Value &left, const Value &right) {
  const double *a = as<double>(left), *b = as<double>(right);
  if (a && b)
    return *a < *b ? -1 : *a > *b;
  if (b)
    return -compareNumbers(right, left);
  if (a) {
    if (std::isinf(*a))
      return *a < 0 ? -1 : 1;
    double whole = std::floor(*a);
    Big x(whole), y = big(right);
    return x < y ? -1 : x > y ? 1 : *a > whole;
  }
  if (std::optional<int64_t> x = asInteger(left), y = asInteger(right); x && y)
    return *x < *y ? -1 : *x > *y;
  Big x = big(left), y = big(right);
  return x < y ? -1 : x > y;
}

static std::optional<Value> power(const Big &base, const Big &exponent) {
  if (base == 0 || base == 1 || base == -1)
    return exponent == 0                     ? Value(int64_t(1))
           : base == -1 && exponent % 2 == 0 ? Value(int64_t(1))
                                             : fromBig(base);
  if (exponent > kMaxBits || bits(base) * unsigned(exponent) > kMaxBits + bits(base))
    return std::nullopt;
  return fromBig(boost::multiprecision::pow(base, unsigned(exponent)));
}

std::optional<Value> integerOperation(Operator op, const Value &left, const Value &right) {
  if (std::optional<int64_t> a = asInteger(left), b = asInteger(right); a && b) {
    int64_t result = 0;
    if ((op == Operator::Add && !__builtin_add_overflow(*a, *b, &result)) ||
        (op == Operator::Subtract && !__builtin_sub_overflow(*a, *b, &result)) ||
        (op == Operator::Multiply && !__builtin_mul_overflow(*a, *b, &result)))
      return result;
  }
  Big a = big(left), b = big(right), result;
  switch (op) {
  case Operator::Add:
    result = a + b;
    break;
  case Operator::Subtract:
    result = a - b;
    break;
  case Operator::Multiply:
    if (bits(a) + bits(b) > kMaxBits)
      return std::nullopt;
    result = a * b;
    break;
  case Operator::Power:
    return power(a, b);
  default: {
    // Python rounds towards minus infinity.
    Big quotient = a / b, rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
      quotient -= 1;
      rest += b;
    }
    result = op == Operator::Modulo ? rest : quotient;
  }
  }
  return bits(result) > kMaxBits ? std::nullopt : std::optional<Value>(fromBig(std::move(result)));
}

} // namespace osscc::rt
