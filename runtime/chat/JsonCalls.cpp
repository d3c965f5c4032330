// Calls in JSON. Boost.JSON decides what is JSON; the extents of fields are found beside it, so
// that arguments keep the model's own spelling of numbers.
#include "runtime/chat/CallValues.h"

#include "runtime/chat/Extent.h"
#include "runtime/chat/Spaces.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace osscc::rt {
namespace {

/// Takes one value off the begin of a text that is known to be JSON.
std::string_view takeValue(std::string_view &text) {
  text = trimFront(text);
  size_t size = 0;
  if (text.starts_with('{') || text.starts_with('[')) {
    Extent extent(Quotes::kJson);
    extent.scan(text);
    size = extent.size();
  } else if (text.starts_with('"')) {
    for (size = 1; size < text.size() && text[size] != '"'; ++size)
      size += text[size] == '\\';
    ++size;
  } else {
    size = text.find_first_of(",]} \t\r\n");
  }
  std::string_view value = text.substr(0, size);
  text.remove_prefix(value.size());
  return value;
}

/// Takes a separator, or the closing bracket.
/// \returns whether there is one more item.
bool takeSeparator(std::string_view &text) {
  text = trimFront(text);
  if (text.empty())
    return false;
  bool more = text.front() == ',' || text.front() == ':';
  text.remove_prefix(1);
  return more;
}

std::optional<std::string> textOf(std::string_view value) {
  boost::system::error_code error;
  boost::json::value read = boost::json::parse(value, error);
  if (error || !read.is_string())
    return std::nullopt;
  return std::string(read.get_string());
}

struct Field {
  std::string name;
  std::string_view value;
};

std::vector<Field> fieldsOf(std::string_view object) {
  std::vector<Field> fields;
  object.remove_prefix(1);
  if (trimSpaces(object) == "}")
    return fields;
  do {
    std::string name = textOf(takeValue(object)).value_or("");
    takeSeparator(object);
    fields.push_back({std::move(name), takeValue(object)});
  } while (takeSeparator(object));
  return fields;
}

/// The last of the fields that has one of the names.
const Field *find(const std::vector<Field> &fields, std::initializer_list<std::string_view> names) {
  const Field *found = nullptr;
  for (const Field &field : fields)
    if (std::ranges::find(names, field.name) != names.end())
      found = &field;
  return found;
}

/// The arguments that a field holds: an object, or a text that is one.
std::optional<std::string> argumentsOf(const Field *field) {
  if (!field || field->value == "null")
    return "{}";
  if (field->value.starts_with('{'))
    return std::string(field->value);
  std::optional<std::string> text = textOf(field->value);
  if (text && isJsonObject(*text))
    return std::string(trimSpaces(*text));
  return std::nullopt;
}

std::optional<ReadCall> callOf(std::string_view object) {
  if (!object.starts_with('{'))
    return std::nullopt;
  std::vector<Field> fields = fieldsOf(object);
  const Field *inner = find(fields, {"function"});
  if (inner && inner->value.starts_with('{'))
    return callOf(inner->value);
  const Field *name = find(fields, {"name", "tool_name"});
  std::optional<std::string> text = name ? textOf(name->value) : std::nullopt;
  if (text && !text->empty()) {
    std::optional<std::string> arguments = argumentsOf(find(fields, {"arguments", "parameters"}));
    return arguments ? std::optional(ReadCall{*text, *arguments}) : std::nullopt;
  }
  if (!name && fields.size() == 1 && !fields[0].name.empty() && fields[0].value.starts_with('{'))
    return ReadCall{fields[0].name, std::string(fields[0].value)};
  return std::nullopt;
}

} // namespace

bool isJsonObject(std::string_view text) {
  boost::system::error_code error;
  return boost::json::parse(text, error).is_object() && !error;
}

std::string quoteJson(std::string_view text) {
  return boost::json::serialize(boost::json::string(text));
}

std::optional<std::vector<ReadCall>> readJsonCalls(std::string_view text) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text, error);
  text = trimSpaces(text);
  std::vector<ReadCall> calls;
  auto take = [&](std::string_view object) {
    std::optional<ReadCall> call = callOf(object);
    if (call)
      calls.push_back(std::move(*call));
    return call.has_value();
  };
  if (error || (!value.is_object() && !value.is_array()))
    return std::nullopt;
  if (value.is_object())
    return take(text) ? std::optional(std::move(calls)) : std::nullopt;
  if (value.get_array().empty())
    return calls;
  text.remove_prefix(1);
  do {
    if (!take(takeValue(text)))
      return std::nullopt;
  } while (takeSeparator(text));
  return calls;
}

} // namespace osscc::rt
