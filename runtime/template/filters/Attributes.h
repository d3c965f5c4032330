// The paths that filters take as `attribute`: a number, a name, names and numbers between dots.
#pragma once

#include "runtime/template/Interpreter.h"

namespace osscc::rt {

/// jinja2's make_attrgetter.
class AttributeGetter {
public:
  /// None or an absent attribute is the item itself.
  explicit AttributeGetter(const Value &attribute);
  /// One part of an attribute that has several between commas.
  explicit AttributeGetter(std::string_view path) { split(path); }

  /// A part that is undefined becomes `otherwise` unless that is absent or None.
  Value operator()(TemplateInterpreter &in, Value item,
                   const Value &otherwise = Undefined{{}, true}) const;

private:
  void split(std::string_view path);
  std::vector<Value> parts;
};

/// Text in lower case unless the filter is case sensitive; everything else as it is.
Value sortingKey(TemplateInterpreter &in, Value value, bool caseSensitive);

} // namespace osscc::rt
