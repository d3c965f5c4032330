// The values of the template renderer: those of Python that a chat template meets.
#pragma once

#include "runtime/template/Text.h"
#include <boost/json/value.hpp>
#include <optional>
#include <variant>

namespace osscc::rt {

struct List;
struct Dict;
struct Namespace;
struct Loop;
struct Cycler;
struct Callable;
struct BigInteger;
struct TemplateScope;
struct TemplateMethod;

/// A variable or field that does not exist; the name lives in the program or is empty.
struct Undefined {
  std::string_view name = {};
  bool isAbsent = false; ///< An argument that the call leaves out.
};
struct None {};

/// Namespaces, loops and cyclers belong to the interpreter, all others to their users. A BigInteger
/// is one that does not fit int64_t.
using Value =
    std::variant<Undefined, None, bool, int64_t, std::shared_ptr<const BigInteger>, double, TextPtr,
                 std::shared_ptr<const List>, std::shared_ptr<const Dict>, Namespace *, Loop *,
                 Cycler *, std::shared_ptr<const Callable>>;
using BigPtr = std::shared_ptr<const BigInteger>;
using ListPtr = std::shared_ptr<const List>;
using DictPtr = std::shared_ptr<const Dict>;
using CallablePtr = std::shared_ptr<const Callable>;

/// What Python makes of several values; all but lists and tuples show in a few places only.
enum class ListKind : uint8_t {
  kList,
  kTuple,
  kRange,     ///< range(...); up to here they can be indexed.
  kItems,     ///< dict.items().
  kKeys,      ///< dict.keys().
  kValues,    ///< dict.values().
  kGenerator, ///< map, select and their like: true even if empty, can be read once, has no length.
};

struct List {
  std::vector<Value> items;
  ListKind kind = ListKind::kList;
  bool isGroup = false;            ///< A tuple of groupby: has `grouper` and `list`.
  mutable bool isConsumed = false; ///< Of a generator.
  unsigned depth = 1;              ///< Of nesting, 1 if nothing nests.
  uint64_t weight = 1;             ///< See valueWeight.
  std::string text = {};           ///< How a range prints.

  bool isIndexed() const { return kind <= ListKind::kRange; }
};

struct Dict {
  std::vector<std::pair<Value, Value>> entries; ///< Keys differ.
  unsigned depth = 1;
  uint64_t weight = 1;

  const Value *find(const Value &key) const;
  const Value *find(std::string_view key) const;
};

struct Namespace {
  std::vector<std::pair<std::string, Value>> entries;
};

/// What `loop` names inside a for statement.
struct Loop {
  std::vector<Value> items;
  size_t index = 0;                ///< From 0.
  unsigned depth = 1;              ///< Of a recursive loop's calls.
  const void *statement = nullptr; ///< The recursive for statement, which calls run again.
  std::shared_ptr<TemplateScope> scope = nullptr; ///< In which it stands.
  std::optional<Value> last = std::nullopt;       ///< What `changed` saw.
};

/// cycler(...), or joiner(separator), which is false once.
struct Cycler {
  std::vector<Value> items;
  size_t index = 0;
  bool isJoiner = false;
};

/// What can be called: a function by name, a method of an object, a macro, a block of `self`.
struct Callable {
  enum class Kind { kFunction, kMethod, kMacro, kSelf, kBlock } kind;
  std::string name;
  uint32_t node = 0;    ///< Of a macro or block.
  uint8_t function = 0; ///< Place in kTemplateFunctions.
  Value object = {};    ///< Of a method.
  const TemplateMethod *method = nullptr;
  std::shared_ptr<TemplateScope> scope = nullptr; ///< In which a macro was defined.
  bool escapes = false;                           ///< A macro defined where autoescape is on.
};

/// Values nest at most this deep, so that recursion over them is bounded.
inline constexpr unsigned kMaxValueDepth = 100;

/// 0 for what is no list or dict.
unsigned valueDepth(const Value &value);
/// What it costs to read all of the value: its bytes of text with their origins, and its parts,
/// shared ones each time; saturates at 2^62.
uint64_t valueWeight(const Value &value);

/// The value with all text marked as the user's, or the template's; nothing if it nests deeper than
/// kMaxValueDepth. Boost has no integers beyond 64 bits: readJson() keeps them (ReadJson.h).
std::optional<Value> fromJson(const boost::json::value &json, bool isTemplate, unsigned depth = 0);

inline Value makeText(std::string_view bytes, bool isTemplate) {
  return std::make_shared<const Text>(bytes, isTemplate);
}
Value makeList(std::vector<Value> items, ListKind kind = ListKind::kList);
Value makeDict(std::vector<std::pair<Value, Value>> entries);

template <class T> const T *as(const Value &value) {
  return std::get_if<T>(&value);
}
inline const Text *asText(const Value &value) {
  const TextPtr *text = as<TextPtr>(value);
  return text ? text->get() : nullptr;
}
inline const List *asList(const Value &value) {
  const ListPtr *list = as<ListPtr>(value);
  return list ? list->get() : nullptr;
}
inline const Dict *asDict(const Value &value) {
  const DictPtr *dict = as<DictPtr>(value);
  return dict ? dict->get() : nullptr;
}
inline const Callable *asCallable(const Value &value) {
  const CallablePtr *callable = as<CallablePtr>(value);
  return callable ? callable->get() : nullptr;
}
inline bool isUndefined(const Value &value) {
  return as<Undefined>(value);
}
inline bool isAbsent(const Value &value) {
  return isUndefined(value) && as<Undefined>(value)->isAbsent;
}
inline bool isNone(const Value &value) {
  return as<None>(value);
}

/// An integer of 64 bits or, as in Python, a boolean.
std::optional<int64_t> asInteger(const Value &value);
/// Any number.
std::optional<double> asNumber(const Value &value);

bool isTrue(const Value &value);
bool isEqual(const Value &left, const Value &right);
/// Python's name of the type, for messages.
std::string_view typeName(const Value &value);

/// str(value): text keeps its origins, everything else counts as the user's.
TextPtr toText(const Value &value);
/// repr(value).
std::string reprText(const Value &value);
/// repr(float).
std::string floatText(double value);

struct JsonStyle {
  bool ascii = false, sortKeys = false;
  std::optional<std::string> indent; ///< One level; absent: all on one line.
  std::string itemSeparator = ", ", keySeparator = ": ";
};
/// json.dumps(value); nothing if a part of it has no JSON form, whose type is then in `culprit`.
std::optional<std::string> toJson(const Value &value, const JsonStyle &style,
                                  std::string_view &culprit);

} // namespace osscc::rt
