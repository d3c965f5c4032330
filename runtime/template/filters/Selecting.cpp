// `map`, and the filters that keep values by a test.
#include "runtime/template/filters/Attributes.h"
#include <algorithm>
#include <fmt/format.h>

namespace osscc::rt {
namespace {

using In = TemplateInterpreter;

/// The values of a list; as in jinja2, what is not true has none.
std::vector<Value> valuesOf(In &in, const Value &value) {
  return isTrue(value) ? in.iterate(value) : std::vector<Value>();
}

/// map(attribute=, default=): one attribute of each value.
Value mapAttribute(In &in, const Value &value, const Arguments &arguments) {
  static constexpr TemplateCallable form = {"map", 1, "attribute default"};
  Arguments bound = in.bind(form, arguments);
  AttributeGetter attribute(bound[0]);
  std::vector<Value> values = valuesOf(in, value);
  for (Value &each : values)
    each = in.charge(16) ? attribute(in, std::move(each), bound[1]) : Undefined{};
  return in.nested(makeList(std::move(values), ListKind::kGenerator));
}

Value map(In &in, const Value &value, const Arguments &arguments) {
  if (arguments.values.empty() && !arguments.named.empty())
    return mapAttribute(in, value, arguments);
  std::vector<Value> values = valuesOf(in, value);
  if (values.empty())
    return makeList({}, ListKind::kGenerator);
  std::string_view name = in.textArgument(arguments, 0);
  const TemplateCallable *filter = findTemplateCallable(kTemplateFilters, name);
  if (!filter)
    return in.fail(fmt::format("'map' needs a filter's name or attribute=, found '{}'", name));
  Arguments rest = arguments.from(1);
  for (Value &each : values)
    each = in.failed() ? Undefined{} : in.callFilter(size_t(filter - kTemplateFilters), each, rest);
  return in.nested(makeList(std::move(values), ListKind::kGenerator));
}

/// The values, or those with an attribute, for which a test holds, or does not.
Value selectBy(In &in, const Value &value, const Arguments &arguments, bool byAttribute,
               bool keeps) {
  std::vector<Value> values = valuesOf(in, value);
  if (values.empty())
    return makeList({}, ListKind::kGenerator);
  if (byAttribute && !arguments.has(0))
    return in.fail("the filter needs an attribute's name");
  AttributeGetter attribute(byAttribute ? arguments[0] : None{});
  Arguments rest = arguments.from(byAttribute);
  const TemplateCallable *test = nullptr;
  if (rest.size()) {
    std::string_view name = in.textArgument(rest, 0);
    test = findTemplateCallable(kTemplateTests, name);
    if (!test)
      return in.fail(fmt::format("unknown test '{}'", name));
    rest = rest.from(1);
  }
  std::erase_if(values, [&](const Value &each) {
    if (!in.charge(16))
      return true;
    Value tested = attribute(in, each);
    bool holds = test ? in.callTest(size_t(test - kTemplateTests), tested, rest) : isTrue(tested);
    return holds != keeps;
  });
  return in.nested(makeList(std::move(values), ListKind::kGenerator));
}

Value select(In &in, const Value &value, const Arguments &arguments) {
  return selectBy(in, value, arguments, false, true);
}
Value reject(In &in, const Value &value, const Arguments &arguments) {
  return selectBy(in, value, arguments, false, false);
}
Value selectAttribute(In &in, const Value &value, const Arguments &arguments) {
  return selectBy(in, value, arguments, true, true);
}
Value rejectAttribute(In &in, const Value &value, const Arguments &arguments) {
  return selectBy(in, value, arguments, true, false);
}

constexpr TemplateFilter kFilters[] = {
    {"map", map, true},
    {"reject", reject, true},
    {"rejectattr", rejectAttribute, true},
    {"select", select, true},
    {"selectattr", selectAttribute, true},
};

} // namespace

FilterTable selectingFilters() {
  return kFilters;
}

} // namespace osscc::rt
