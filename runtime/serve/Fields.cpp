#include "runtime/serve/Fields.h"

#include "runtime/base/Utf8.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace osscc::rt::serve {

std::string itemPath(std::string_view list, size_t index) {
  return fmt::format("{}[{}]", list, index);
}

std::string describe(const Value &value) {
  constexpr size_t kShown = 40; // bytes of what may be a long text
  if (const Text *text = asText(value)) {
    std::string_view bytes = text->view();
    if (bytes.size() <= kShown)
      return fmt::format("'{}'", bytes);
    std::string_view begin = bytes.substr(0, kShown);
    return fmt::format("'{}...'", begin.substr(0, validUtf8Bytes(begin)));
  }
  if (asList(value))
    return "a list";
  if (asDict(value))
    return "an object";
  if (isNone(value))
    return "null";
  if (const bool *flag = as<bool>(value))
    return *flag ? "true" : "false";
  if (const auto *whole = as<int64_t>(value))
    return fmt::format("{}", *whole);
  if (const auto *number = as<double>(value))
    return fmt::format("{}", *number);
  return "a number of more than 64 bits";
}

Fields::Fields(const Value &value, std::string path)
    : all(value), dict(asDict(all)), path(std::move(path)) {
  if (!dict)
    throw wrongField(this->path.empty() ? "body" : this->path, "an object", describe(value));
}

const Value *Fields::find(std::string_view name) const {
  const Value *value = dict->find(name);
  return value && !isNone(*value) ? value : nullptr;
}

std::string Fields::pathOf(std::string_view name) const {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

std::optional<bool> Fields::flag(std::string_view name) const {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  if (const bool *flag = as<bool>(*value))
    return *flag;
  throw wrongField(pathOf(name), "true or false", describe(*value));
}

std::optional<int64_t> Fields::integer(std::string_view name, int64_t least, int64_t most) const {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  constexpr double kExact = 9007199254740992.0; // 2^53
  std::optional<int64_t> whole;
  if (const auto *number = as<int64_t>(*value))
    whole = *number;
  else if (const auto *real = as<double>(*value);
           real && std::trunc(*real) == *real && std::abs(*real) <= kExact)
    whole = int64_t(*real);
  if (!whole || *whole < least || *whole > most)
    throw wrongField(pathOf(name), fmt::format("a whole number from {} to {}", least, most),
                     describe(*value));
  return whole;
}

std::optional<double> Fields::number(std::string_view name, double least, double most) const {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  std::optional<double> number = as<bool>(*value) ? std::nullopt : asNumber(*value);
  if (!number || !(*number >= least && *number <= most))
    throw wrongField(pathOf(name), fmt::format("a number from {} to {}", least, most),
                     describe(*value));
  return number;
}

std::optional<std::string> Fields::text(std::string_view name) const {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  if (const Text *text = asText(*value))
    return std::string(text->view());
  throw wrongField(pathOf(name), "a text", describe(*value));
}

std::optional<size_t> Fields::word(std::string_view name,
                                   std::span<const std::string_view> words) const {
  std::optional<std::string> given = text(name);
  if (!given)
    return std::nullopt;
  auto found = std::ranges::find(words, *given);
  if (found == words.end())
    throw wrongField(pathOf(name), fmt::format("one of {}", fmt::join(words, ", ")),
                     describe(*find(name)));
  return size_t(found - words.begin());
}

std::optional<Fields> Fields::object(std::string_view name) const {
  const Value *value = find(name);
  return value ? std::optional(Fields(*value, pathOf(name))) : std::nullopt;
}

std::optional<std::span<const Value>> Fields::list(std::string_view name, size_t most) const {
  const Value *value = find(name);
  if (!value)
    return std::nullopt;
  const List *list = asList(*value);
  if (!list)
    throw wrongField(pathOf(name), "a list", describe(*value));
  if (list->items.size() > most)
    throw wrongField(pathOf(name), fmt::format("at most {} items", most),
                     fmt::format("{}", list->items.size()));
  return list->items;
}

std::string Fields::needText(std::string_view name) const {
  std::optional<std::string> value = text(name);
  if (!value)
    throw wrongField(pathOf(name), "a text", "nothing");
  return *value;
}

std::span<const Value> Fields::needList(std::string_view name, size_t most) const {
  auto value = list(name, most);
  if (!value)
    throw wrongField(pathOf(name), "a list", "nothing");
  return *value;
}

} // namespace osscc::rt::serve
