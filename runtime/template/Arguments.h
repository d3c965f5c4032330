// What a call hands over, and the tables of what is called by name.
#pragma once

#include "runtime/bundle/TemplateCalls.h"
#include "runtime/template/Value.h"
#include <span>

namespace osscc::rt {

class TemplateInterpreter;

struct Arguments {
  std::vector<Value> values;                             ///< By position.
  std::vector<std::pair<std::string, Value>> named = {}; ///< By name, in order.

  const Value &operator[](size_t index) const {
    static const Value absent = Undefined{{}, true};
    return index < values.size() ? values[index] : absent;
  }
  bool has(size_t index) const { return !isAbsent((*this)[index]); }
  size_t size() const { return values.size(); }
  /// Without the first `count` by position.
  Arguments from(size_t count) const {
    size_t skipped = std::min(count, values.size());
    return {{values.begin() + ptrdiff_t(skipped), values.end()}, named};
  }
};

/// A filter or test: `arguments` are in the order of its parameters, unless those are `...`.
struct TemplateFilter {
  std::string_view name;
  Value (*call)(TemplateInterpreter &, const Value &value, const Arguments &arguments);
  bool isShallow = false; ///< Does not read all of the value.
};
struct TemplateTest {
  std::string_view name;
  bool (*call)(TemplateInterpreter &, const Value &value, const Arguments &arguments);
};
struct TemplateFunction {
  std::string_view name;
  Value (*call)(TemplateInterpreter &, const Arguments &arguments);
};
struct TemplateMethod {
  std::string_view name;
  unsigned required;
  std::string_view parameters; ///< As TemplateCallable's.
  Value (*call)(TemplateInterpreter &, const Value &object, const Arguments &arguments);
};

using FilterTable = std::span<const TemplateFilter>;
using MethodTable = std::span<const TemplateMethod>;

// Each room's entries.
FilterTable sequenceFilters();
FilterTable sortingFilters();
FilterTable selectingFilters();
FilterTable textFilters();
FilterTable wrappingFilters();
FilterTable markupFilters();
FilterTable numberFilters();
FilterTable jsonFilters();
std::span<const TemplateTest> templateTests();
std::span<const TemplateFunction> templateFunctions();
MethodTable textMethods();
MethodTable textQuestions();

/// The method that the value's type has under this name, or null.
const TemplateMethod *findMethod(const Value &value, std::string_view name);
/// Whether Python's type of the value has a method of this name that a sandbox lets pass.
bool hasMethod(const Value &value, std::string_view name);

} // namespace osscc::rt
