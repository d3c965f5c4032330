#include "compiler/import/template/Specialize.h"

#include "compiler/import/template/Constants.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <set>

using namespace llvm;

namespace osscc {

namespace {

using Kind = bundle::TemplateKind;
using Value = std::optional<TemplateConstant>;
using Node = uint32_t;

constexpr Node kAbsent = ~Node(0);

/// Which children of a node are assigned, not read.
bool isTarget(Kind kind, size_t child) {
  switch (kind) {
  case Kind::Macro:
  case Kind::With:
    return child % 2 == 1;
  case Kind::For:
    return child == 4;
  case Kind::Set:
  case Kind::SetBlock:
    return child == 1;
  default:
    return false;
  }
}

/// Copies what of a program is reached, with constants in place.
class Specializer {
public:
  Specializer(const bundle::TemplateT &from, const TemplateConstants &constants)
      : from(from), known(from, constants) {}

  /// The new program. `initial` are assigned first.
  bundle::TemplateT run(const TemplateConstants &initial);

private:
  Node copy(Node at);
  Node copyTarget(Node at);
  Node copyIf(Node at);
  Node copySequence(Node at);
  Node copyLogic(Node at);
  Node literal(const TemplateConstant &value, uint32_t line);
  Node add(Node like, ArrayRef<Node> children);
  Node add(Kind kind, uint32_t line, ArrayRef<Node> children = {}, uint32_t text = kAbsent,
           int64_t integer = 0);
  uint32_t intern(StringRef text);

  const bundle::TemplateT &from;
  ConstantEvaluator known;
  bundle::TemplateT to;
  StringMap<uint32_t> interned;
};

uint32_t Specializer::intern(StringRef text) {
  auto [entry, isNew] = interned.try_emplace(text, to.strings.size());
  if (isNew)
    to.strings.push_back(text.str());
  return entry->second;
}

Node Specializer::add(Kind kind, uint32_t line, ArrayRef<Node> children, uint32_t text,
                      int64_t integer) {
  to.nodes.emplace_back(0.0, integer, kind, uint8_t(0), line, text, uint32_t(to.children.size()),
                        uint32_t(children.size()));
  to.children.insert(to.children.end(), children.begin(), children.end());
  return to.nodes.size() - 1;
}

/// A node of the old program over new children.
Node Specializer::add(Node like, ArrayRef<Node> children) {
  const bundle::TemplateNode &old = known.node(like);
  uint32_t text = old.text() == kAbsent ? kAbsent : intern(known.textOf(like));
  to.nodes.emplace_back(old.number(), old.integer(), old.kind(), old.op(), old.line(), text,
                        uint32_t(to.children.size()), uint32_t(children.size()));
  to.children.insert(to.children.end(), children.begin(), children.end());
  return to.nodes.size() - 1;
}

Node Specializer::literal(const TemplateConstant &value, uint32_t line) {
  if (const bool *flag = std::get_if<bool>(&value))
    return add(Kind::Boolean, line, {}, kAbsent, *flag);
  if (const int64_t *number = std::get_if<int64_t>(&value))
    return add(Kind::Integer, line, {}, kAbsent, *number);
  if (const std::string *text = std::get_if<std::string>(&value))
    return add(Kind::String, line, {}, intern(*text));
  return add(Kind::None, line);
}

Node Specializer::copyTarget(Node at) {
  SmallVector<Node, 4> children;
  for (Node child : known.childrenOf(at))
    children.push_back(child == kAbsent ? kAbsent : copyTarget(child));
  return add(at, children);
}

Node Specializer::copySequence(Node at) {
  SmallVector<Node, 16> children;
  for (Node child : known.childrenOf(at)) {
    Node made = known.node(child).kind() == Kind::If ? copyIf(child) : copy(child);
    if (made != kAbsent)
      children.push_back(made);
  }
  return add(at, children);
}

/// Without the branches that are never taken. \returns kAbsent where none is.
Node Specializer::copyIf(Node at) {
  ArrayRef<Node> old = known.childrenOf(at);
  SmallVector<Node, 8> children;
  for (size_t i = 0; i < old.size(); i += 2) {
    bool isElse = i + 1 == old.size();
    std::optional<bool> truth = isElse ? true : known.truthOf(old[i]);
    if (truth == false)
      continue;
    if (!truth)
      children.push_back(copy(old[i]));
    children.push_back(copy(old[isElse ? i : i + 1]));
    if (truth)
      break;
  }
  if (children.size() < 2)
    return children.empty() ? kAbsent : children[0];
  return add(at, children);
}

/// A condition or a part of one that is known in part.
Node Specializer::copyLogic(Node at) {
  ArrayRef<Node> children = known.childrenOf(at);
  Kind kind = known.node(at).kind();
  Value first = known.valueOf(children[0]);
  if (!first || kind == Kind::Not)
    return kAbsent;
  if (kind == Kind::Condition) {
    Node chosen = children[isTrueConstant(*first) ? 1 : 2];
    return chosen == kAbsent ? kAbsent : copy(chosen);
  }
  return copy(children[1]); // the first one did not decide, or the whole would be known
}

Node Specializer::copy(Node at) {
  const bundle::TemplateNode &old = known.node(at);
  Kind kind = old.kind();
  if (kind == Kind::Sequence)
    return copySequence(at);
  if (kind == Kind::If) {
    Node made = copyIf(at);
    return made == kAbsent ? add(Kind::Sequence, old.line()) : made;
  }
  if (Value value = known.valueOf(at))
    return literal(*value, old.line());
  if (is_contained({Kind::And, Kind::Or, Kind::Condition}, kind))
    if (Node made = copyLogic(at); made != kAbsent)
      return made;
  SmallVector<Node, 8> children;
  for (auto [i, child] : enumerate(known.childrenOf(at)))
    children.push_back(child == kAbsent    ? kAbsent
                       : isTarget(kind, i) ? copyTarget(child)
                                           : copy(child));
  return add(at, children);
}

bundle::TemplateT Specializer::run(const TemplateConstants &initial) {
  SmallVector<Node, 4> statements;
  for (const auto &[name, value] : initial) {
    Node first = literal(value, 1), target = add(Kind::Name, 1, {}, intern(name));
    statements.push_back(add(Kind::Set, 1, {first, target}));
  }
  Node body = copy(from.nodes.size() - 1);
  statements.push_back(body);
  if (!initial.empty())
    add(Kind::Sequence, 1, statements);
  to.file = from.file;
  to.name = from.name;
  return std::move(to);
}

/// Adds the names that a target assigns.
void addNames(const bundle::TemplateT &program, Node target, std::set<std::string> &names) {
  const bundle::TemplateNode &node = program.nodes[target];
  if (node.kind() == Kind::Name)
    names.insert(program.strings[node.text()]);
  if (node.kind() == Kind::List)
    for (uint32_t i = 0; i < node.count(); ++i)
      addNames(program, program.children[node.first() + i], names);
}

/// The names that a program assigns anywhere.
std::set<std::string> assignedIn(const bundle::TemplateT &program) {
  std::set<std::string> names;
  for (const bundle::TemplateNode &node : program.nodes) {
    if (node.kind() == Kind::Macro)
      names.insert(program.strings[node.text()]);
    for (uint32_t i = 0; i < node.count(); ++i)
      if (Node child = program.children[node.first() + i];
          child != kAbsent && isTarget(node.kind(), i))
        addNames(program, child, names);
  }
  return names;
}

} // namespace

void specializeTemplate(bundle::TemplateT &program, const TemplateConstants &constants) {
  if (program.nodes.empty())
    return;
  // A constant that is assigned nowhere in what is left has its value wherever it is read.
  TemplateConstants fixed = constants, initial;
  for (bool again = true; again;) {
    bundle::TemplateT made = Specializer(program, fixed).run(initial);
    std::set<std::string> assigned = assignedIn(made);
    again = false;
    for (const auto &[name, value] : constants)
      if (assigned.contains(name) && fixed.erase(name)) {
        initial[name] = value;
        again = true;
      }
    if (!again)
      program = std::move(made);
  }
}

} // namespace osscc
