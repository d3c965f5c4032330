// Python's integers, which have no size: int64_t where it fits, a BigInteger else. Up to 16,384
// bits, which are more digits than Python prints.
#pragma once

#include "runtime/bundle/Template_generated.h"
#include "runtime/template/Value.h"

namespace osscc::rt {

/// Whether the value is an integer of any size, or a boolean.
bool isInteger(const Value &value);

/// Decimal digits, with a sign if it is negative.
std::string integerText(const Value &integer);
/// The digits in base 2, 8, 10 or 16, lower case, without a sign.
std::string integerDigits(const Value &integer, unsigned base);
bool isNegative(const Value &integer);
/// What it costs to print it, which takes the square of its bits.
uint64_t integerWeight(const Value &integer);

/// int(text, base) of Python: spaces around, a sign, underscores between digits, the base's prefix,
/// digits of any script; base 0 takes it from the prefix. Nothing if the text is no integer or has
/// more than 4300 digits.
std::optional<Value> parseInteger(std::string_view text, unsigned base);

/// The integer part; nothing for what is not finite.
std::optional<Value> integerFromDouble(double number);
/// The nearest; infinite beyond.
double integerToDouble(const Value &integer);

/// -1, 0, 1: exact for any two numbers, neither of them NaN.
int compareNumbers(const Value &left, const Value &right);

/// Add, Subtract, Multiply, FloorDivide, Modulo, Power with an exponent of at least 0. Nothing if
/// the result is too long. The divisor is not 0.
std::optional<Value> integerOperation(bundle::TemplateOperator op, const Value &left,
                                      const Value &right);

} // namespace osscc::rt
