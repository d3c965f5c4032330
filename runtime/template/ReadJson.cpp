#include "runtime/template/ReadJson.h"
#include "runtime/template/Integers.h"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <unordered_map>

namespace osscc::rt {
namespace {

using ErrorCode = boost::system::error_code;
using Part = boost::json::string_view;

/// What the parser calls, in the order of the text. `more` parts of a key, string or number come
/// before its end.
class Builder {
public:
  static constexpr size_t max_object_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_array_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_key_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_string_size = std::numeric_limits<size_t>::max();

  explicit Builder(bool isTemplate) : isTemplate(isTemplate) {}

  Value take() { return std::move(root); }
  const std::string &problem() const { return message; }

  bool on_document_begin(ErrorCode &) { return true; }
  bool on_document_end(ErrorCode &) { return true; }
  bool on_object_begin(ErrorCode &) { return open(); }
  bool on_array_begin(ErrorCode &) { return open(); }
  bool on_object_end(size_t, ErrorCode &) {
    std::vector<std::pair<Value, Value>> entries = std::move(levels.back().entries);
    levels.pop_back();
    return add(makeDict(std::move(entries)));
  }
  bool on_array_end(size_t, ErrorCode &) {
    std::vector<Value> items = std::move(levels.back().items);
    levels.pop_back();
    return add(makeList(std::move(items)));
  }
  bool on_key_part(Part part, size_t, ErrorCode &) { return keep(part); }
  bool on_key(Part part, size_t, ErrorCode &) {
    keep(part);
    levels.back().key = std::exchange(text, {});
    return true;
  }
  bool on_string_part(Part part, size_t, ErrorCode &) { return keep(part); }
  bool on_string(Part part, size_t, ErrorCode &) {
    keep(part);
    return add(makeText(std::exchange(text, {}), isTemplate));
  }
  bool on_number_part(Part part, ErrorCode &) { return keep(part); }
  bool on_int64(int64_t, Part part, ErrorCode &error) { return number(part, error); }
  bool on_uint64(uint64_t, Part part, ErrorCode &error) { return number(part, error); }
  bool on_double(double, Part part, ErrorCode &error) { return number(part, error); }
  bool on_bool(bool value, ErrorCode &) { return add(value); }
  bool on_null(ErrorCode &) { return add(None{}); }
  bool on_comment_part(Part, ErrorCode &) { return true; }
  bool on_comment(Part, ErrorCode &) { return true; }

private:
  /// A list or an object that is not complete; the one or the other is filled.
  struct Level {
    std::vector<Value> items;
    std::vector<std::pair<Value, Value>> entries;
    std::unordered_map<std::string, size_t> places; ///< Of keys in `entries`.
    std::optional<std::string> key;
  };

  bool open() {
    levels.emplace_back();
    return true;
  }
  bool keep(Part part) {
    text.append(part.data(), part.size());
    return true;
  }
  bool add(Value value) {
    if (levels.empty()) {
      root = std::move(value);
      return true;
    }
    Level &level = levels.back();
    if (!level.key) {
      level.items.push_back(std::move(value));
      return true;
    }
    auto [place, isNew] = level.places.try_emplace(std::move(*level.key), level.entries.size());
    level.key.reset();
    if (isNew)
      level.entries.emplace_back(makeText(place->first, isTemplate), std::move(value));
    else
      level.entries[place->second].second = std::move(value);
    return true;
  }
  /// Boost's own doubles are off by a bit now and then, and its integers end at 64 bits: the
  /// digits themselves are read.
  bool number(Part last, ErrorCode &error) {
    keep(last);
    std::string digits = std::exchange(text, {});
    if (digits.find_first_of(".eE") != digits.npos)
      return add(floatOf(digits));
    if (digits.size() > kMaxIntegerDigits + (digits[0] == '-')) {
      message = fmt::format("an integer has {} digits, expected at most {}", digits.size(),
                            kMaxIntegerDigits);
      error = boost::json::make_error_code(boost::json::error::syntax);
      return false;
    }
    return add(parseInteger(digits, 10).value_or(None{}));
  }
  static double floatOf(const std::string &digits) {
    double value = 0;
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc() ? value : std::strtod(digits.c_str(), nullptr);
  }

  std::vector<Level> levels;
  Value root;
  std::string text, message;
  bool isTemplate;
};

} // namespace

Result<Value> readJson(std::string_view text, bool isTemplate, unsigned depth) {
  boost::json::parse_options options;
  options.max_depth = depth;
  boost::json::basic_parser<Builder> parser(options, isTemplate);
  ErrorCode error;
  size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && text.find_first_not_of(" \t\r\n", read) != text.npos)
    error = boost::json::make_error_code(boost::json::error::extra_data);
  if (!error)
    return parser.handler().take();
  std::string reason =
      parser.handler().problem().empty() ? error.message() : parser.handler().problem();
  return fail(Code::kInvalidArgument, fmt::format("byte {}: {}", read + 1, reason));
}

} // namespace osscc::rt
