// The numbers that a schema allows, and which beginnings of their texts can still become one.
//
// They lie on a lattice: z / 10^scale for integers z that are multiples of a step, between two
// bounds. All arithmetic is of whole numbers, so nothing is rounded.
#pragma once

#include "runtime/schema/Refusal.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt::schema {

__extension__ typedef __int128 Wide;

/// A decimal number of at most 18 digits on each side of the point.
struct Decimal {
  Wide digits = 0; ///< The value is digits / 10^scale.
  int scale = 0;   ///< 0 to 18

  /// Of the text of a JSON number. None: it has more digits.
  static std::optional<Decimal> read(std::string_view text);
  bool operator==(const Decimal &) const = default;
};

constexpr int kWholeDigits = 18;    ///< Of a number's text, before the point.
constexpr int kFractionDigits = 15; ///< And behind it.

class Numbers {
public:
  static Numbers all();
  static Numbers integers();
  static Numbers one(Decimal value); ///< \errors  Refusal for too many digits.

  // Each keeps fewer. \errors  Refusal for too many digits.
  void atLeast(Decimal value, bool orEqual);
  void atMost(Decimal value, bool orEqual);
  void multiplesOf(Decimal step);
  void without(Decimal value);
  void withoutIntegers();
  void intersect(const Numbers &other);

  /// What is in none of these: the numbers that are not here. None: that is not known.
  std::optional<std::vector<Numbers>> complement() const;

  bool empty() const;
  /// Whether the text is the beginning of an allowed number's.
  bool mayBecome(std::string_view text) const;
  /// Whether it is one.
  bool accepts(std::string_view text) const;

  bool operator==(const Numbers &) const = default;

private:
  bool isFree() const; ///< Whether any number will do, an exponent too.
  void rescale(int to);
  bool hasBetween(Wide low, Wide high) const;

  int scale = kFractionDigits;
  Wide step = 1, low, high; ///< Of z.
  std::vector<Wide> excluded;
  bool isFractional = false; ///< Whether whole values are out.
  Numbers();
};

} // namespace osscc::rt::schema
