// What makes a schema false: one of its keywords fails. Each way to fail is an alternative.
#include "runtime/schema/Expander.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::schema {
namespace {

[[noreturn]] void refuse(const std::string &path, const char *keyword) {
  throw Refusal(path + "/" + keyword,
                "what is forbidden by 'not', 'if' or 'oneOf' must not depend on this keyword");
}

} // namespace

/// A form of objects that have some members and lack one.
Form Expander::requiring(std::vector<std::string> present, const char *absent) {
  ObjectForm object;
  object.required = std::move(present);
  if (absent) {
    auto group = std::make_shared<ObjectGroup>();
    group->properties.emplace_back(absent, Conjunction{kNever});
    object.groups = {group};
  }
  Form form;
  form.objects = {std::move(object)};
  return form;
}

Form Expander::negatedType(const Object &schema, const std::string &path) {
  Form form;
  if (!schema.contains("type"))
    return form;
  Form allowed = ofType(schema, path);
  form = Form::everything();
  form.null = !allowed.null;
  form.yes = form.no = !allowed.yes;
  form.numbers = allowed.numbers.empty() ? form.numbers : *allowed.numbers[0].complement();
  if (!allowed.strings.empty())
    form.strings.clear();
  if (!allowed.arrays.empty())
    form.arrays.clear();
  if (!allowed.objects.empty())
    form.objects.clear();
  return form;
}

void Expander::addNegatedNumbers(const Object &schema, const std::string &path, Form &form) {
  if (schema.contains("multipleOf"))
    refuse(path, "multipleOf");
  auto add = [&](const char *keyword, auto restrict) {
    const Value *value = schema.if_contains(keyword);
    if (!value)
      return;
    Numbers set = Numbers::all();
    restrict(set, decimalOf(*value, path + "/" + keyword));
    if (!set.empty())
      form.numbers.push_back(set);
  };
  add("minimum", [](Numbers &set, Decimal d) { set.atMost(d, false); });
  add("exclusiveMinimum", [](Numbers &set, Decimal d) { set.atMost(d, true); });
  add("maximum", [](Numbers &set, Decimal d) { set.atLeast(d, false); });
  add("exclusiveMaximum", [](Numbers &set, Decimal d) { set.atLeast(d, true); });
}

void Expander::addNegatedStrings(const Object &schema, const std::string &path, Form &form) {
  Strings strings = stringsOf(schema, path);
  if (strings.least > 0)
    form.strings.push_back({nullptr, 0, strings.least - 1});
  if (strings.most < INT64_MAX)
    form.strings.push_back({nullptr, strings.most + 1, INT64_MAX});
  if (strings.texts) {
    DfaPtr others = join(*everyText(), *strings.texts, Join::kFirstOnly, budget);
    if (!others->empty())
      form.strings.push_back({others});
  }
}

void Expander::addNegatedArrays(const Object &schema, const std::string &path, Form &form) {
  if (schema.contains("uniqueItems"))
    refuse(path, "uniqueItems");
  ArrayForm said = arraysOf(schema, path);
  auto add = [&](ArrayForm array) { form.arrays.push_back(std::move(array)); };
  if (said.least > 0)
    add({.groups = {}, .most = said.least - 1});
  if (said.most < INT64_MAX)
    add({.groups = {}, .least = said.most + 1});
  for (const auto &group : said.groups) {
    for (size_t i = 0; i < group->prefix.size(); ++i) {
      auto other = std::make_shared<ArrayGroup>();
      other->prefix.assign(i, {});
      other->prefix.push_back({negation(group->prefix[i].front())});
      add({.groups = {other}, .least = int64_t(i + 1)});
    }
    if (group->rest && !group->prefix.empty())
      refuse(path, "items");
    if (group->rest)
      add({.groups = {}, .contains = {{negation(group->rest->front()), 1, INT64_MAX}}});
  }
  for (const Contains &part : said.contains) {
    if (part.least > 0)
      add({.groups = {}, .contains = {{part.what, 0, part.least - 1}}});
    if (part.most < INT64_MAX)
      add({.groups = {}, .contains = {{part.what, part.most + 1, INT64_MAX}}});
  }
}

void Expander::addNegatedObjects(const Object &schema, const std::string &path, Form &form) {
  ObjectForm said = objectsOf(schema, path);
  if (!said.names.empty())
    refuse(path, "propertyNames");
  auto add = [&](ObjectForm object) { form.objects.push_back(std::move(object)); };
  if (said.least > 0)
    add({.groups = {}, .most = said.least - 1});
  if (said.most < INT64_MAX)
    add({.groups = {}, .least = said.most + 1});
  for (const std::string &name : said.required)
    form = either(std::move(form), requiring({}, name.c_str()), budget);
  for (const auto &group : said.groups) {
    if (!group->patterns.empty())
      refuse(path, "patternProperties");
    bool isOpen = !group->rest;
    if (const Value *rest = schema.if_contains("additionalProperties"))
      isOpen = rest->is_bool() ? rest->get_bool() : rest->is_object() && rest->get_object().empty();
    if (!isOpen)
      refuse(path, "additionalProperties");
    for (const auto &[name, what] : group->properties) {
      auto other = std::make_shared<ObjectGroup>();
      other->properties.emplace_back(name, Conjunction{negation(what.front())});
      add({.groups = {other}, .required = {name}});
    }
  }
}

Form Expander::negatedAssertions(SchemaId id, const Object &schema) {
  const std::string &path = document.path(id);
  Form form = negatedType(schema, path);
  addNegatedNumbers(schema, path, form);
  addNegatedStrings(schema, path, form);
  addNegatedArrays(schema, path, form);
  addNegatedObjects(schema, path, form);
  if (const Value *value = schema.if_contains("const"))
    form = either(std::move(form), expandConstant(*value, true), budget);
  if (const Value *values = schema.if_contains("enum")) {
    Form none = Form::everything();
    for (const Value &each : arrayOf(*values, path + "/enum"))
      none = both(none, expandConstant(each, true), budget);
    form = either(std::move(form), none, budget);
  }
  return form;
}

} // namespace osscc::rt::schema
