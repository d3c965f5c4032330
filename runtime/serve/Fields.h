// The fields of a JSON object of a request, read by name and held to their types and bounds.
#pragma once

#include "runtime/serve/ApiError.h"
#include "runtime/template/Value.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt::serve {

/// A view of an object. Fields that are null are absent, and those that nobody asks for are not
/// looked at. Every reader throws ApiError, which names the field, for a value of another type or
/// out of bounds.
class Fields {
public:
  /// \param path  of the object in the request, "messages[0]"; empty: it is the request itself.
  Fields(const Value &value, std::string path);

  /// The value of a field; null if it is absent.
  const Value *find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  std::optional<bool> flag(std::string_view name) const;
  /// A whole number; 2.0 is one too.
  std::optional<int64_t> integer(std::string_view name, int64_t least, int64_t most) const;
  std::optional<double> number(std::string_view name, double least, double most) const;
  std::optional<std::string> text(std::string_view name) const;
  /// A text that is one of `words`. \returns its place among them.
  std::optional<size_t> word(std::string_view name, std::span<const std::string_view> words) const;
  std::optional<Fields> object(std::string_view name) const;
  /// A list of at most `most` items.
  std::optional<std::span<const Value>> list(std::string_view name, size_t most) const;

  /// The same of fields that must be there.
  std::string needText(std::string_view name) const;
  std::span<const Value> needList(std::string_view name, size_t most) const;

  const Value &value() const { return all; }
  const std::vector<std::pair<Value, Value>> &entries() const { return dict->entries; }
  /// The path of a field: "messages[0].content".
  std::string pathOf(std::string_view name) const;

private:
  Value all;
  const Dict *dict;
  std::string path;
};

/// Text that counts as the user's.
inline Value userText(std::string_view text) {
  return makeText(text, /*isTemplate=*/false);
}

/// "messages[3]".
std::string itemPath(std::string_view list, size_t index);

/// What a value is, for messages: "a number", "'abc'".
std::string describe(const Value &value);

} // namespace osscc::rt::serve
