// What keywords have for values, checked.
#include "runtime/schema/Expander.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace osscc::rt::schema {

Decimal decimalOf(const boost::json::value &value, const std::string &path) {
  std::string text;
  if (value.is_int64()) {
    text = std::to_string(value.get_int64());
  } else if (value.is_uint64()) {
    text = std::to_string(value.get_uint64());
  } else if (value.is_double() && std::isfinite(value.get_double())) {
    char buffer[64];
    text.assign(buffer, std::to_chars(buffer, std::end(buffer), value.get_double()).ptr);
  } else {
    throw Refusal(path, "a number is expected");
  }
  std::optional<Decimal> decimal = Decimal::read(text);
  if (!decimal)
    throw Refusal(path, fmt::format("{} has more digits than the 18 before and 15 behind the point "
                                    "that are supported",
                                    text));
  return *decimal;
}

int64_t countOf(const boost::json::value &value, const std::string &path) {
  constexpr double kMost = 1e9;
  double number = value.is_int64()    ? double(value.get_int64())
                  : value.is_uint64() ? double(value.get_uint64())
                  : value.is_double() ? value.get_double()
                                      : -1;
  if (!(number >= 0) || number != std::floor(number))
    throw Refusal(path, "a count is expected: a whole number from 0");
  return int64_t(std::min(number, kMost));
}

std::string textOf(const boost::json::value &value, const std::string &path) {
  if (!value.is_string())
    throw Refusal(path, "a text is expected");
  return std::string(std::string_view(value.get_string()));
}

const boost::json::array &arrayOf(const boost::json::value &value, const std::string &path) {
  if (!value.is_array())
    throw Refusal(path, "an array is expected");
  return value.get_array();
}

const boost::json::object &objectOf(const boost::json::value &value, const std::string &path) {
  if (!value.is_object())
    throw Refusal(path, "an object is expected");
  return value.get_object();
}

std::vector<std::string> namesOf(const boost::json::value &value, const std::string &path) {
  std::vector<std::string> names;
  for (const boost::json::value &each : arrayOf(value, path)) {
    std::string name = textOf(each, path);
    if (std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
    if (names.size() > 2000)
      throw Refusal(path, "more than 2,000 names");
  }
  return names;
}

} // namespace osscc::rt::schema
