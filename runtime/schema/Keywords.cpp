// What a schema says by itself of each of JSON's types.
#include "runtime/schema/Expander.h"
#include "runtime/schema/Formats.h"
#include "runtime/schema/Pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::schema {

Form Expander::ofType(const Object &schema, const std::string &path) {
  const Value *type = schema.if_contains("type");
  if (!type)
    return Form::everything();
  std::vector<std::string> names;
  if (type->is_string())
    names.push_back(textOf(*type, path));
  else
    names = namesOf(*type, path + "/type");
  Form all = Form::everything(), form;
  for (const std::string &name : names) {
    if (name == "null")
      form.null = true;
    else if (name == "boolean")
      form.yes = form.no = true;
    else if (name == "number")
      form.numbers = all.numbers;
    else if (name == "integer" && form.numbers.empty())
      form.numbers = {Numbers::integers()};
    else if (name == "string")
      form.strings = all.strings;
    else if (name == "array")
      form.arrays = all.arrays;
    else if (name == "object")
      form.objects = all.objects;
    else if (name != "integer")
      throw Refusal(path + "/type", fmt::format("'{}' is no type", name));
  }
  return form;
}

void Expander::restrictNumbers(const Object &schema, const std::string &path, Form &form) {
  for (Numbers &set : form.numbers) {
    auto apply = [&](const char *keyword, auto restrict) {
      if (const Value *value = schema.if_contains(keyword))
        restrict(decimalOf(*value, path + "/" + keyword));
    };
    apply("minimum", [&](Decimal d) { set.atLeast(d, true); });
    apply("exclusiveMinimum", [&](Decimal d) { set.atLeast(d, false); });
    apply("maximum", [&](Decimal d) { set.atMost(d, true); });
    apply("exclusiveMaximum", [&](Decimal d) { set.atMost(d, false); });
    apply("multipleOf", [&](Decimal d) {
      if (d.digits <= 0)
        throw Refusal(path + "/multipleOf", "a number above 0 is expected");
      set.multiplesOf(d);
    });
  }
  std::erase_if(form.numbers, [](const Numbers &set) { return set.empty(); });
}

Strings Expander::stringsOf(const Object &schema, const std::string &path) {
  Strings strings;
  if (const Value *least = schema.if_contains("minLength"))
    strings.least = countOf(*least, path + "/minLength");
  if (const Value *most = schema.if_contains("maxLength"))
    strings.most = countOf(*most, path + "/maxLength");
  auto add = [&](const std::string &keyword, std::string_view expression) {
    try {
      strings = both(strings, {compilePattern(expression, budget)}, budget);
    } catch (const Refusal &refusal) {
      throw Refusal(path + keyword, refusal.what());
    }
  };
  if (const Value *pattern = schema.if_contains("pattern"))
    add("/pattern", textOf(*pattern, path + "/pattern"));
  if (const Value *format = schema.if_contains("format")) {
    std::string name = textOf(*format, path + "/format");
    std::string_view expression = expressionOfFormat(name);
    if (expression.empty())
      throw Refusal(path + "/format", fmt::format("the format '{}' is not supported", name));
    add("/format", expression);
  }
  return strings;
}

ArrayForm Expander::arraysOf(const Object &schema, const std::string &path) {
  ArrayForm form;
  if (const Value *least = schema.if_contains("minItems"))
    form.least = countOf(*least, path + "/minItems");
  if (const Value *most = schema.if_contains("maxItems"))
    form.most = countOf(*most, path + "/maxItems");
  const Value *prefix = schema.if_contains("prefixItems"), *items = schema.if_contains("items");
  if (prefix || items) {
    auto group = std::make_shared<ArrayGroup>();
    if (prefix)
      for (const Value &each : prefix->get_array())
        group->prefix.push_back({this->schema(each)});
    if (items)
      group->rest = Conjunction{this->schema(*items)};
    form.groups = {group};
  }
  if (const Value *contains = schema.if_contains("contains")) {
    Contains part{this->schema(*contains), 1, INT64_MAX};
    if (const Value *least = schema.if_contains("minContains"))
      part.least = countOf(*least, path + "/minContains");
    if (const Value *most = schema.if_contains("maxContains"))
      part.most = countOf(*most, path + "/maxContains");
    form.contains = {part};
  }
  if (const Value *unique = schema.if_contains("uniqueItems")) {
    if (!unique->is_bool())
      throw Refusal(path + "/uniqueItems", "true or false is expected");
    if (unique->get_bool() && form.most > 1)
      throw Refusal(path + "/uniqueItems", "this keyword is not supported");
  }
  return form;
}

std::shared_ptr<const ObjectGroup> Expander::groupOf(const Object &schema) {
  const Value *properties = schema.if_contains("properties");
  const Value *patterns = schema.if_contains("patternProperties");
  const Value *rest = schema.if_contains("additionalProperties");
  if (!properties && !patterns && !rest)
    return nullptr;
  auto group = std::make_shared<ObjectGroup>();
  if (properties)
    for (const auto &[name, each] : properties->get_object())
      group->properties.emplace_back(name, Conjunction{this->schema(each)});
  if (patterns)
    for (const auto &[pattern, each] : patterns->get_object())
      group->patterns.emplace_back(compilePattern(std::string_view(pattern), budget),
                                   Conjunction{this->schema(each)});
  if (rest)
    group->rest = Conjunction{this->schema(*rest)};
  return group;
}

ObjectForm Expander::objectsOf(const Object &schema, const std::string &path) {
  ObjectForm form;
  try {
    if (auto group = groupOf(schema))
      form.groups = {group};
  } catch (const Refusal &refusal) {
    throw Refusal(path + "/patternProperties", refusal.what());
  }
  if (const Value *required = schema.if_contains("required"))
    form.required = namesOf(*required, path + "/required");
  if (const Value *least = schema.if_contains("minProperties"))
    form.least = countOf(*least, path + "/minProperties");
  if (const Value *most = schema.if_contains("maxProperties"))
    form.most = countOf(*most, path + "/maxProperties");
  if (const Value *names = schema.if_contains("propertyNames"))
    form.names = {this->schema(*names)};
  return form;
}

Form Expander::assertions(SchemaId id, const Object &schema) {
  const std::string &path = document.path(id);
  Form form = ofType(schema, path);
  restrictNumbers(schema, path, form);
  // What is said of a type that is not allowed is checked, too.
  Form said = Form::everything();
  said.numbers = form.numbers;
  said.strings = {stringsOf(schema, path)};
  said.arrays = {arraysOf(schema, path)};
  said.objects = {objectsOf(schema, path)};
  said.null = form.null;
  said.yes = said.no = form.yes;
  if (form.strings.empty() || said.strings[0].least > said.strings[0].most)
    said.strings.clear();
  if (form.arrays.empty() || said.arrays[0].least > said.arrays[0].most)
    said.arrays.clear();
  if (form.objects.empty() || said.objects[0].least > said.objects[0].most)
    said.objects.clear();
  if (const Value *value = schema.if_contains("const"))
    said = both(said, silenced(expandConstant(*value, false)), budget);
  if (const Value *values = schema.if_contains("enum")) {
    Form any;
    for (const Value &each : arrayOf(*values, path + "/enum"))
      any = either(std::move(any), expandConstant(each, false), budget);
    said = both(said, silenced(std::move(any)), budget);
  }
  return said;
}

} // namespace osscc::rt::schema
