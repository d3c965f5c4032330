#include "runtime/template/filters/Attributes.h"
#include "runtime/template/Case.h"
#include "runtime/template/Integers.h"
#include <algorithm>

namespace osscc::rt {

AttributeGetter::AttributeGetter(const Value &attribute) {
  if (const Text *path = asText(attribute))
    split(path->view());
  else if (!isAbsent(attribute) && !isNone(attribute))
    parts.push_back(attribute);
}

void AttributeGetter::split(std::string_view path) {
  for (size_t begin = 0, end; begin <= path.size(); begin = end + 1) {
    end = std::min(path.find('.', begin), path.size());
    std::string_view part = path.substr(begin, end - begin);
    bool isNumber =
        !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    std::optional<Value> number = isNumber ? parseInteger(part, 10) : std::nullopt;
    parts.push_back(number ? *number : makeText(part, true));
  }
}

Value AttributeGetter::operator()(TemplateInterpreter &in, Value item,
                                  const Value &otherwise) const {
  for (const Value &part : parts) {
    in.charge(8);
    item = in.item(item, part);
    if (isUndefined(item) && !isAbsent(otherwise) && !isNone(otherwise))
      item = otherwise;
  }
  return item;
}

Value sortingKey(TemplateInterpreter &in, Value value, bool caseSensitive) {
  const Text *text = asText(value);
  if (caseSensitive || !text || !in.charge(text->size()))
    return value;
  return makeText(lowerText(text->view()), false);
}

} // namespace osscc::rt
