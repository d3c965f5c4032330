// `const` and `enum`: what is valid, and what is valid but for one value.
#include "runtime/schema/Expander.h"

namespace osscc::rt::schema {
namespace {

Strings oneString(const boost::json::value &value) {
  return {oneText(charactersOf(std::string_view(value.get_string())))};
}

} // namespace

Literal Expander::constant(const Value &value, bool negated) {
  auto [entry, isNew] = constantIds.emplace(&value, uint32_t(constants.size()));
  if (isNew)
    constants.push_back(&value);
  return entry->second * 4 + 2 + (negated ? 1 : 0);
}

/// All of an array's or an object's constant follows from those inside it.
Form Expander::expandConstant(const Value &value, bool negated) {
  budget.spend(1);
  if (negated)
    return without(value);
  Form form;
  switch (value.kind()) {
  case boost::json::kind::null:
    form.null = true;
    break;
  case boost::json::kind::bool_:
    (value.get_bool() ? form.yes : form.no) = true;
    break;
  case boost::json::kind::string:
    form.strings = {oneString(value)};
    break;
  case boost::json::kind::array: {
    auto group = std::make_shared<ArrayGroup>();
    for (const Value &item : value.get_array())
      group->prefix.push_back({constant(item)});
    auto size = int64_t(group->prefix.size());
    form.arrays = {{.groups = {group}, .least = size, .most = size}};
    break;
  }
  case boost::json::kind::object: {
    auto group = std::make_shared<ObjectGroup>();
    ObjectForm members;
    for (const auto &[name, each] : value.get_object()) {
      group->properties.emplace_back(name, Conjunction{constant(each)});
      members.required.emplace_back(name);
    }
    group->rest = Conjunction{kNever};
    members.groups = {group};
    form.objects = {std::move(members)};
    break;
  }
  default:
    form.numbers = {Numbers::one(decimalOf(value, ""))};
  }
  return form;
}

Form Expander::without(const Value &value) {
  Form form = Form::everything();
  switch (value.kind()) {
  case boost::json::kind::null:
    form.null = false;
    break;
  case boost::json::kind::bool_:
    (value.get_bool() ? form.yes : form.no) = false;
    break;
  case boost::json::kind::string:
    form.strings = {{join(*everyText(), *oneString(value).texts, Join::kFirstOnly, budget)}};
    break;
  case boost::json::kind::array:
    form.arrays = negatedArray(value.get_array()).arrays;
    break;
  case boost::json::kind::object:
    form.objects = negatedObject(value.get_object()).objects;
    break;
  default:
    form.numbers[0].without(decimalOf(value, ""));
  }
  return form;
}

/// It is shorter or longer, or differs in one place.
Form Expander::negatedArray(const boost::json::array &items) {
  Form form;
  auto size = int64_t(items.size());
  if (size > 0)
    form.arrays.push_back({.groups = {}, .most = size - 1});
  form.arrays.push_back({.groups = {}, .least = size + 1});
  for (size_t i = 0; i < items.size(); ++i) {
    auto group = std::make_shared<ArrayGroup>();
    group->prefix.assign(i, {});
    group->prefix.push_back({constant(items[i], true)});
    form.arrays.push_back({.groups = {group}, .least = int64_t(i + 1)});
  }
  return form;
}

/// A member lacks, differs, or is one too many.
Form Expander::negatedObject(const Object &members) {
  Form form;
  for (const auto &[name, value] : members) {
    auto absent = std::make_shared<ObjectGroup>(), other = std::make_shared<ObjectGroup>();
    absent->properties.emplace_back(name, Conjunction{kNever});
    other->properties.emplace_back(name, Conjunction{constant(value, true)});
    form.objects.push_back({.groups = {absent}});
    form.objects.push_back({.groups = {other}, .required = {std::string(name)}});
  }
  form.objects.push_back({.groups = {}, .least = int64_t(members.size()) + 1});
  return form;
}

} // namespace osscc::rt::schema
