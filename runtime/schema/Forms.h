// A schema in normal form: for each of JSON's types a list of alternatives, each a conjunction.
// What lies inside arrays and objects stays a conjunction of schemas, which is put into normal form
// when it is its turn; so recursion ends.
#pragma once

#include "runtime/schema/Automaton.h"
#include "runtime/schema/Numbers.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace osscc::rt::schema {

/// A schema or a constant of the document, or its negation.
using Literal = uint32_t;
constexpr Literal kNever = UINT32_MAX; ///< Holds for nothing.

/// All of these hold: in order, each once. None: everything is valid.
using Conjunction = std::vector<Literal>;

Conjunction conjoin(const Conjunction &a, const Conjunction &b);

/// Texts of an automaton (none: any) and of some length, in characters.
struct Strings {
  DfaPtr texts;
  int64_t least = 0, most = INT64_MAX;

  bool isAny() const { return !texts && least == 0 && most == INT64_MAX; }
  bool operator==(const Strings &) const = default;
};

/// What one schema says of the items of an array.
struct ArrayGroup {
  std::vector<Conjunction> prefix;
  std::optional<Conjunction> rest; ///< Of the items behind those; none: nothing is said.
  /// `rest` is of those items only that none of these says something of.
  std::vector<std::shared_ptr<const ArrayGroup>> others = {};
  /// Nor of an item that one of these `contains` holds for.
  Conjunction unlessHeld = {};
  bool isSilent = false; ///< Whether `unevaluatedItems` does not see it: it stands in a negation.

  bool saysOf(size_t index) const { return !isSilent && (index < prefix.size() || rest); }
  /// \param held  the `contains` that the item is known to hold for.
  Conjunction at(size_t index, const Conjunction &held) const;
};

/// How many items a schema holds for.
struct Contains {
  Literal what;
  int64_t least, most;
  bool isSilent = false; ///< As of ArrayGroup.
  bool operator==(const Contains &) const = default;
};

struct ArrayForm {
  std::vector<std::shared_ptr<const ArrayGroup>> groups;
  int64_t least = 0, most = INT64_MAX;
  std::vector<Contains> contains = {};

  size_t prefixSize() const;
  Conjunction at(size_t index, const Conjunction &held = {}) const;
  bool operator==(const ArrayForm &) const = default;
};

/// What one schema says of the members of an object.
struct ObjectGroup {
  std::vector<std::pair<std::string, Conjunction>> properties; ///< As they are declared.
  std::vector<std::pair<DfaPtr, Conjunction>> patterns;
  std::optional<Conjunction> rest; ///< Of all other members; none: nothing is said.
  std::vector<std::shared_ptr<const ObjectGroup>> others = {}; ///< As of ArrayGroup.
  bool isSilent = false;

  /// Whether something is said of a member, other than by `rest`.
  bool names(std::string_view name, std::u32string_view characters) const;
  bool saysOf(std::string_view name, std::u32string_view characters) const {
    return !isSilent && (rest || names(name, characters));
  }
  Conjunction at(std::string_view name, std::u32string_view characters) const;
};

struct ObjectForm {
  std::vector<std::shared_ptr<const ObjectGroup>> groups;
  std::vector<std::string> required = {}; ///< Each once.
  int64_t least = 0, most = INT64_MAX;
  Conjunction names = {}; ///< Holds for each name, as a text.

  Conjunction at(std::string_view name) const;
  bool operator==(const ObjectForm &) const = default;
};

struct Form {
  bool null = false, yes = false, no = false;
  std::vector<Numbers> numbers = {};
  std::vector<Strings> strings = {};
  std::vector<ArrayForm> arrays = {};
  std::vector<ObjectForm> objects = {};

  static Form everything();
};

/// \errors  Refusal where alternatives multiply beyond bounds.
Form both(const Form &a, const Form &b, Budget &budget);
Form either(Form a, const Form &b, Budget &budget);
/// The same values, but the schema is not seen to have said something of what is inside them.
Form silenced(Form form);

/// What two texts, or the members of two objects, have in common.
Strings both(const Strings &a, const Strings &b, Budget &budget);

/// The code points of a text that is UTF-8.
std::u32string charactersOf(std::string_view text);

} // namespace osscc::rt::schema
