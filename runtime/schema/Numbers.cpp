#include "runtime/schema/Numbers.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace osscc::rt::schema {
namespace {

constexpr Wide kOne = 1;

Wide powerOfTen(int exponent) {
  Wide value = 1;
  while (exponent-- > 0)
    value *= 10;
  return value;
}

Wide floorDivide(Wide a, Wide b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
Wide ceilDivide(Wide a, Wide b) {
  return -floorDivide(-a, b);
}

Wide gcd(Wide a, Wide b) {
  while (b != 0)
    a = std::exchange(b, a % b);
  return a;
}

/// The largest z of a lattice, in size.
Wide largest(int scale) {
  return powerOfTen(kWholeDigits + scale) - 1;
}

[[noreturn]] void refuseDigits() {
  throw Refusal("",
                "has more digits than the 18 before and 15 behind the point that are supported");
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

/// The parts of the text of a number, or of its beginning.
struct NumberText {
  bool isNegative = false, hasPoint = false, hasExponent = false, isWhole = true;
  std::string_view whole, fraction, exponent; ///< The last with its sign.

  explicit NumberText(std::string_view text) {
    auto digits = [&] {
      size_t count = 0;
      while (count < text.size() && isDigit(text[count]))
        ++count;
      std::string_view found = text.substr(0, count);
      text.remove_prefix(count);
      return found;
    };
    auto skips = [&](std::string_view any) {
      bool has = !text.empty() && any.contains(text[0]);
      text.remove_prefix(has ? 1 : 0);
      return has;
    };
    isNegative = skips("-");
    whole = digits();
    if ((hasPoint = skips(".")))
      fraction = digits();
    if ((hasExponent = skips("eE"))) {
      exponent = text;
      skips("+-");
      digits();
    }
    isWhole = text.empty() && (whole.size() < 2 || whole[0] != '0') &&
              (!whole.empty() || (!hasPoint && !hasExponent)) &&
              (!hasExponent || !hasPoint || !fraction.empty());
  }

  bool isComplete() const {
    return !whole.empty() && (!hasPoint || !fraction.empty()) &&
           (!hasExponent || (!exponent.empty() && isDigit(exponent.back())));
  }
};

Wide valueOf(std::string_view digits) {
  Wide value = 0;
  for (char c : digits)
    value = value * 10 + (c - '0');
  return value;
}

/// Whether an exponent's value keeps every number finite: 18 digits and 289 are below 10^308.
bool isSmallExponent(std::string_view exponent) {
  if (exponent.starts_with('+') || exponent.starts_with('-'))
    exponent.remove_prefix(1);
  return exponent.size() <= 3 && valueOf(exponent) <= 289;
}

} // namespace

std::optional<Decimal> Decimal::read(std::string_view text) {
  NumberText parts(text);
  if (!parts.isWhole || !parts.isComplete())
    return std::nullopt;
  std::string digits(parts.whole);
  digits += parts.fraction;
  int64_t point = int64_t(parts.whole.size()), exponent = 0;
  if (parts.hasExponent) {
    std::string_view number = parts.exponent;
    number.remove_prefix(number.starts_with('+') ? 1 : 0);
    if (std::from_chars(number.data(), number.data() + number.size(), exponent).ec != std::errc() ||
        exponent > 400 || exponent < -400)
      return std::nullopt;
  }
  point += exponent;
  if (point < 0)
    digits.insert(0, size_t(-point), '0'), point = 0;
  if (size_t(point) > digits.size())
    digits.append(size_t(point) - digits.size(), '0');
  while (digits.size() > size_t(point) && digits.ends_with('0'))
    digits.pop_back();
  size_t zeros = std::min(digits.find_first_not_of('0'), size_t(point));
  if (int64_t(point) - int64_t(zeros) > kWholeDigits ||
      digits.size() - size_t(point) > size_t(kFractionDigits))
    return std::nullopt;
  Wide value = valueOf(digits);
  return Decimal{parts.isNegative ? -value : value, int(digits.size()) - int(point)};
}

Numbers::Numbers() : low(-largest(kFractionDigits)), high(largest(kFractionDigits)) {}

Numbers Numbers::all() {
  return {};
}

Numbers Numbers::integers() {
  Numbers set;
  set.scale = 0;
  set.low = -largest(0);
  set.high = largest(0);
  return set;
}

Numbers Numbers::one(Decimal value) {
  Numbers set;
  set.atLeast(value, true);
  set.atMost(value, true);
  if (value.scale == 0) { // and written so
    Numbers whole = integers();
    set.intersect(whole);
  }
  return set;
}

void Numbers::rescale(int to) {
  if (to < scale) {
    // Fewer digits: only multiples of what falls away can be told.
    Wide by = powerOfTen(scale - to);
    step = step / gcd(step, by);
    low = ceilDivide(low, by);
    high = floorDivide(high, by);
    std::erase_if(excluded, [by](Wide z) { return z % by != 0; });
    for (Wide &z : excluded)
      z /= by;
  }
  scale = to;
}

void Numbers::atLeast(Decimal value, bool orEqual) {
  Wide unit = powerOfTen(kFractionDigits - value.scale);
  Wide by = powerOfTen(kFractionDigits - scale);
  Wide least = ceilDivide(value.digits * unit + (orEqual ? 0 : 1), by);
  low = std::max(low, least);
}

void Numbers::atMost(Decimal value, bool orEqual) {
  Wide unit = powerOfTen(kFractionDigits - value.scale);
  Wide by = powerOfTen(kFractionDigits - scale);
  high = std::min(high, floorDivide(value.digits * unit - (orEqual ? 0 : 1), by));
}

void Numbers::multiplesOf(Decimal by) {
  Numbers multiples;
  multiples.rescale(by.scale);
  multiples.step = by.digits;
  intersect(multiples);
}

void Numbers::without(Decimal value) {
  if (value.scale > scale)
    return;
  excluded.push_back(value.digits * powerOfTen(scale - value.scale));
  std::ranges::sort(excluded);
  auto [first, last] = std::ranges::unique(excluded);
  excluded.erase(first, last);
}

void Numbers::withoutIntegers() {
  isFractional = true;
}

void Numbers::intersect(const Numbers &other) {
  Numbers theirs = other;
  // The values of both lie on the coarser of the two scales.
  int to = std::min(scale, theirs.scale);
  for (Numbers *each : {this, &theirs}) {
    // A step of the finer scale that is no multiple of the coarser unit takes the common multiple.
    each->rescale(to);
  }
  Wide common = gcd(step, theirs.step);
  if (step / common > largest(kWholeDigits) / theirs.step)
    refuseDigits();
  step = step / common * theirs.step;
  low = std::max(low, theirs.low);
  high = std::min(high, theirs.high);
  for (Wide z : theirs.excluded)
    excluded.push_back(z);
  std::ranges::sort(excluded);
  auto [first, last] = std::ranges::unique(excluded);
  excluded.erase(first, last);
  isFractional |= theirs.isFractional;
}

std::optional<std::vector<Numbers>> Numbers::complement() const {
  if (step != 1 || isFractional)
    return std::nullopt;
  std::vector<Numbers> rest;
  Wide most = largest(scale);
  auto add = [&](Wide from, Wide to) {
    if (from > to)
      return;
    Numbers part;
    part.rescale(scale);
    part.low = from;
    part.high = to;
    rest.push_back(part);
  };
  add(-most, low - 1);
  add(high + 1, most);
  for (Wide z : excluded)
    if (z >= low && z <= high)
      add(z, z);
  if (scale == kFractionDigits)
    return rest;
  if (scale != 0)
    return std::nullopt;
  Numbers fractional;
  fractional.withoutIntegers();
  rest.push_back(fractional);
  return rest;
}

/// Whether there is an allowed z between the two.
bool Numbers::hasBetween(Wide from, Wide to) const {
  from = std::max(from, low);
  to = std::min(to, high);
  if (from > to)
    return false;
  Wide count = floorDivide(to, step) - ceilDivide(from, step) + 1;
  Wide unit = powerOfTen(scale);
  if (isFractional) {
    Wide whole = step / gcd(step, unit) * unit;
    count -= floorDivide(to, whole) - ceilDivide(from, whole) + 1;
  }
  for (Wide z : excluded)
    if (z >= from && z <= to && z % step == 0 && !(isFractional && z % unit == 0))
      --count;
  return count > 0;
}

bool Numbers::empty() const {
  return !hasBetween(low, high);
}

bool Numbers::isFree() const {
  return scale == kFractionDigits && step == 1 && !isFractional && excluded.empty() &&
         low == -largest(scale) && high == largest(scale);
}

bool Numbers::mayBecome(std::string_view text) const {
  NumberText parts(text);
  bool isLong =
      parts.whole.size() > size_t(kWholeDigits) || parts.fraction.size() > size_t(kFractionDigits);
  if (!parts.isWhole || isLong)
    return false;
  if (isFree())
    return !parts.hasExponent || isSmallExponent(parts.exponent);
  if (parts.hasExponent || parts.fraction.size() > size_t(scale) || (parts.hasPoint && scale == 0))
    return false;
  auto between = [&](Wide from, Wide to) {
    // A negative number is below zero: there is no "-0".
    return parts.isNegative ? hasBetween(-to, -std::max(from, kOne)) : hasBetween(from, to);
  };
  if (parts.whole.empty())
    return between(0, largest(scale));
  std::string digits(parts.whole);
  digits += parts.fraction;
  Wide value = valueOf(digits);
  if (parts.hasPoint) {
    Wide unit = powerOfTen(scale - int(parts.fraction.size()));
    return between(value * unit, (value + 1) * unit - 1);
  }
  // With no digit more, with one, ...: an integer part that begins with 0 has no other.
  int most = parts.whole == "0" ? 0 : kWholeDigits - int(parts.whole.size());
  for (int more = 0; more <= most; ++more) {
    Wide unit = powerOfTen(scale + more);
    if (between(value * unit, (value + 1) * unit - 1))
      return true;
  }
  return false;
}

bool Numbers::accepts(std::string_view text) const {
  NumberText parts(text);
  if (!parts.isWhole || !parts.isComplete() || !mayBecome(text))
    return false;
  if (isFree())
    return true;
  std::string digits(parts.whole);
  digits += parts.fraction;
  Wide z = valueOf(digits) * powerOfTen(scale - int(parts.fraction.size()));
  if (parts.isNegative && z == 0)
    return false;
  z = parts.isNegative ? -z : z;
  return hasBetween(z, z);
}

} // namespace osscc::rt::schema
