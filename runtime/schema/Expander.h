// Keywords to normal forms.
#pragma once

#include "runtime/schema/Document.h"
#include "runtime/schema/Forms.h"

#include <boost/json/object.hpp>

#include <map>
#include <set>

namespace osscc::rt::schema {

class Expander {
public:
  /// \param document, budget  must outlive the object.
  Expander(Document &document, Budget &budget) : document(document), budget(budget) {}

  /// The normal form of a literal. Its address stays.
  /// \errors  Refusal naming the path and the keyword that is not supported there.
  const Form &expand(Literal literal);

  /// And of several together.
  Form expand(const Conjunction &conjunction);

  /// Whether it is known that nothing is valid for all of them. Looks at a few levels only.
  bool excludes(const Conjunction &conjunction, int levels);

  /// The literal of the whole document.
  Literal root() { return place(Document::kRoot, false); }

private:
  using Object = boost::json::object;
  using Value = boost::json::value;
  struct Loop; ///< A Refusal.

  // Literals: of a schema, the number of its dynamic scope, 16 bits of its own, and two for which
  // it is and for its sign; of a constant, its number and the same two.
  Literal schema(const Value &value, bool negated = false) {
    return place(document.idOf(value), negated);
  }
  Literal place(SchemaId id, bool negated) {
    return (document.enter(scope, id) << 16 | id) << 2 | (negated ? 1 : 0);
  }
  static SchemaId placeOf(Literal literal) { return literal >> 2 & 0xFFFF; }
  Literal constant(const Value &value, bool negated = false);
  static Literal negation(Literal literal) { return literal ^ 1; }

  Form compute(Literal literal);
  Form expandSchema(SchemaId id, bool negated);
  // Constants.cpp
  Form expandConstant(const Value &value, bool negated);
  Form without(const Value &scalar);
  Form negatedArray(const boost::json::array &items);
  Form negatedObject(const Object &members);
  // Keywords.cpp: what a schema says by itself of each type.
  Form assertions(SchemaId id, const Object &schema);
  Form ofType(const Object &schema, const std::string &path);
  void restrictNumbers(const Object &schema, const std::string &path, Form &form);
  Strings stringsOf(const Object &schema, const std::string &path);
  ArrayForm arraysOf(const Object &schema, const std::string &path);
  ObjectForm objectsOf(const Object &schema, const std::string &path);
  std::shared_ptr<const ObjectGroup> groupOf(const Object &schema);
  // Negations.cpp
  Form negatedAssertions(SchemaId id, const Object &schema);
  Form negatedType(const Object &schema, const std::string &path);
  void addNegatedNumbers(const Object &schema, const std::string &path, Form &form);
  void addNegatedStrings(const Object &schema, const std::string &path, Form &form);
  void addNegatedArrays(const Object &schema, const std::string &path, Form &form);
  void addNegatedObjects(const Object &schema, const std::string &path, Form &form);
  // Expander.cpp: what combines schemas.
  void combine(SchemaId id, const Object &schema, Form &form);
  void combineLists(SchemaId id, const Object &schema, Form &form);
  void combineDependents(const Object &schema, const std::string &path, Form &form);
  void combineUnevaluated(const Object &schema, Form &form);
  Form negatedCombined(SchemaId id, const Object &schema);
  Form negatedDependents(const Object &schema, const std::string &path);
  Form exactlyOne(const boost::json::array &branches, const std::string &path);
  bool excludesForm(const Form &form, int levels);
  SchemaId target(SchemaId id, const Object &schema, std::string_view keyword);

  Form requiring(std::vector<std::string> present, const char *absent = nullptr);

  Document &document;
  ScopeId scope = 0; ///< Of the schema that is being computed.
  Budget &budget;
  std::map<Literal, Form> known;
  std::set<Literal> open; ///< That are being computed.
  std::vector<const Value *> constants;
  std::map<const Value *, uint32_t> constantIds;
};

/// Reads a keyword's value. \errors  Refusal naming the keyword, for one that it cannot have.
int64_t countOf(const boost::json::value &value, const std::string &path);
Decimal decimalOf(const boost::json::value &value, const std::string &path);
std::string textOf(const boost::json::value &value, const std::string &path);
const boost::json::array &arrayOf(const boost::json::value &value, const std::string &path);
const boost::json::object &objectOf(const boost::json::value &value, const std::string &path);
std::vector<std::string> namesOf(const boost::json::value &value, const std::string &path);

} // namespace osscc::rt::schema
