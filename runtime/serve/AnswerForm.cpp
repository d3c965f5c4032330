#include "runtime/serve/AnswerForm.h"

#include <array>

namespace osscc::rt::serve {
namespace {

Schema compiled(const Value &schema, const std::string &path) {
  std::string_view culprit;
  std::optional<std::string> text = toJson(schema, {}, culprit);
  if (!text)
    throw wrongField(path, "a JSON Schema", "what has no text");
  Result<Schema> result = compileSchema(*text);
  if (!result)
    throw ApiError{.message = path + ": " + result.error().message,
                   .param = path,
                   .code = "invalid_json_schema"};
  return *result;
}

} // namespace

Schema readAnswerForm(const std::optional<Fields> &format) {
  constexpr std::array<std::string_view, 3> kTypes{"text", "json_object", "json_schema"};
  if (!format)
    return nullptr;
  auto type = format->word("type", kTypes);
  if (!type)
    throw wrongField(format->pathOf("type"), "a type", "nothing");
  if (*type == 0)
    return nullptr;
  if (*type == 1)
    return *compileSchema(R"({"type":"object"})");
  std::optional<Fields> inner = format->object("json_schema");
  const Fields &holder = inner ? *inner : *format;
  const Value *schema = holder.find("schema");
  if (!schema)
    throw wrongField(holder.pathOf("schema"), "a JSON Schema", "nothing");
  return compiled(*schema, holder.pathOf("schema"));
}

} // namespace osscc::rt::serve
