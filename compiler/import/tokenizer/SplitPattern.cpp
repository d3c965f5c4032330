// Parsing of split patterns, and their compilation to steps.
#include "compiler/import/tokenizer/SplitPattern.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/ErrorHandling.h"
#include <algorithm>

using namespace llvm;

namespace osscc {
namespace {

constexpr uint32_t kLast = 0x10FFFF;
constexpr int kNoLimit = -1;

CodePointSet unionOf(CodePointSet a, ArrayRef<CodePointRange> b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end(), [](auto &x, auto &y) { return x.first < y.first; });
  CodePointSet out;
  for (CodePointRange range : a)
    if (!out.empty() && range.first <= out.back().last + 1)
      out.back().last = std::max(out.back().last, range.last);
    else
      out.push_back(range);
  return out;
}

CodePointSet complement(const CodePointSet &set) {
  CodePointSet out;
  uint32_t next = 0;
  for (CodePointRange range : set) {
    if (range.first > next)
      out.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLast)
    out.push_back({next, kLast});
  return out;
}

/// A pattern as a tree. Children of Repeat: the one repeated, `smallest` to `largest` times.
struct Node {
  enum Kind { Set, NotBefore, Sequence, Choice, Repeat } kind;
  CodePointSet set = {};
  std::vector<Node> children = {};
  int smallest = 0, largest = 0;
};

class PatternParser {
public:
  explicit PatternParser(StringRef pattern) : pattern(pattern), rest(pattern) {}

  Node parse() {
    Node node = choice();
    if (!rest.empty())
      unsupported();
    return node;
  }

private:
  [[noreturn]] void unsupported() {
    report_fatal_error("split pattern '" + pattern + "': not understood from '" + rest + "'");
  }
  void expect(StringRef text) {
    if (!rest.consume_front(text))
      unsupported();
  }

  Node choice() {
    Node node{Node::Choice};
    do
      node.children.push_back(sequence());
    while (rest.consume_front("|"));
    return node;
  }

  Node sequence() {
    Node node{Node::Sequence};
    while (!rest.empty() && rest[0] != '|' && rest[0] != ')')
      node.children.push_back(repeated());
    return node;
  }

  Node repeated() {
    Node atom = single();
    int smallest = 0, largest = kNoLimit;
    if (rest.consume_front("?"))
      largest = 1;
    else if (rest.consume_front("+"))
      smallest = 1;
    else if (rest.consume_front("{")) {
      if (rest.consumeInteger(10, smallest) || !rest.consume_front(",") ||
          rest.consumeInteger(10, largest) || !rest.consume_front("}"))
        unsupported();
    } else if (!rest.consume_front("*"))
      return atom;
    Node node{Node::Repeat};
    node.children.push_back(std::move(atom));
    node.smallest = smallest;
    node.largest = largest;
    return node;
  }

  Node single() {
    if (rest.consume_front("(?!")) {
      Node node{Node::NotBefore, member()};
      expect(")");
      return node;
    }
    if (rest.consume_front("(?:")) {
      Node node = choice();
      expect(")");
      return node;
    }
    if (rest.consume_front("(?i:")) {
      foldsCase = true;
      Node node = choice();
      foldsCase = false;
      expect(")");
      return node;
    }
    if (rest.consume_front("$")) // of the text; lines end in patterns that split at their ends
      return {Node::NotBefore, complement({})};
    if (rest[0] == '(')
      unsupported();
    if (!rest.consume_front("["))
      return {Node::Set, member()};
    bool negated = rest.consume_front("^");
    CodePointSet set;
    while (!rest.consume_front("]"))
      set = unionOf(std::move(set), range());
    return {Node::Set, negated ? complement(set) : set};
  }

  /// A member of a class: a range of code points, one of them, or a named class.
  CodePointSet range() {
    if (rest.starts_with("\\") && !isPunctuation(rest[1]))
      return member();
    uint32_t first = codePoint();
    if (foldsCase || !rest.starts_with("-") || rest.starts_with("-]"))
      return foldsCase ? foldedAlike(first) : CodePointSet{{first, first}};
    rest = rest.drop_front();
    uint32_t last = codePoint();
    if (last < first)
      unsupported();
    return {{first, last}};
  }

  /// Whether a backslash before it takes its meaning away.
  static bool isPunctuation(char c) { return StringRef("-.[]\\/^$*+?{}()|").contains(c); }

  /// A character of a class, whatever its length in UTF-8.
  uint32_t codePoint() {
    bool escaped = rest.consume_front("\\");
    if (rest.empty() || (escaped && !isPunctuation(rest[0])))
      unsupported();
    const auto *bytes = reinterpret_cast<const UTF8 *>(rest.data());
    UTF32 code = 0;
    if (convertUTF8Sequence(&bytes, reinterpret_cast<const UTF8 *>(rest.end()), &code,
                            strictConversion) != conversionOK)
      unsupported();
    rest = rest.drop_front(reinterpret_cast<const char *>(bytes) - rest.data());
    return code;
  }

  /// A code point or a named class.
  CodePointSet member() {
    if (rest.consume_front("\\s"))
      return unicodeSet("Space").vec();
    if (rest.consume_front("\\S"))
      return complement(unicodeSet("Space").vec());
    if (rest.consume_front("\\r"))
      return {{'\r', '\r'}};
    if (rest.consume_front("\\n"))
      return {{'\n', '\n'}};
    if (rest.consume_front("\\p{Lo}"))
      return otherLetters();
    if (rest.consume_front("\\p{")) {
      ArrayRef<CodePointRange> set = unicodeSet(rest.take_until([](char c) { return c == '}'; }));
      if (set.empty())
        unsupported();
      rest = rest.drop_until([](char c) { return c == '}'; }).drop_front();
      return set.vec();
    }
    if (rest.empty() || StringRef("\\.$^*+?{").contains(rest[0]) || !isASCII(rest[0]))
      unsupported();
    uint32_t code = uint8_t(rest[0]);
    rest = rest.drop_front();
    return foldsCase ? foldedAlike(code) : CodePointSet{{code, code}};
  }

  /// The code points that fold to the same as an ASCII character. Source: Unicode's
  /// CaseFolding.txt.
  static CodePointSet foldedAlike(uint32_t code) {
    uint32_t lower = toLower(char(code)), upper = toUpper(char(code));
    CodePointSet set = {{upper, upper}};
    if (lower != upper)
      set.push_back({lower, lower});
    if (lower == 's')
      set.push_back({0x17F, 0x17F}); // long s
    if (lower == 'k')
      set.push_back({0x212A, 0x212A}); // the Kelvin sign
    return set;
  }

  /// The category Lo: letters that are in none of the others.
  static CodePointSet otherLetters() {
    CodePointSet others = complement(unicodeSet("L").vec());
    for (const char *name : {"Lu", "Ll", "Lt", "Lm"})
      others = unionOf(std::move(others), unicodeSet(name));
    return complement(others);
  }

  StringRef pattern, rest;
  bool foldsCase = false; // inside (?i:..), which does not nest
};

/// Compiles from the back: each node knows the step that follows it.
class ProgramBuilder {
public:
  explicit ProgramBuilder(PatternProgram &program) : program(program) {}

  /// \returns the first step of `node`.
  int build(const Node &node, int next) {
    switch (node.kind) {
    case Node::Set:
    case Node::NotBefore: {
      int set = int(program.sets.size());
      program.sets.push_back(node.set);
      return add({node.kind == Node::Set ? Step::Consume : Step::NotBefore, set, next});
    }
    case Node::Sequence:
      for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
        next = build(*child, next);
      return next;
    case Node::Choice: {
      int first = build(node.children.back(), next);
      for (size_t i = node.children.size() - 1; i-- > 0;)
        first = add({Step::Fork, 0, build(node.children[i], next), first});
      return first;
    }
    case Node::Repeat:
      return buildRepeat(node, next);
    }
    llvm_unreachable("all kinds are handled");
  }

  int add(PatternProgram::Step step) {
    program.steps.push_back(step);
    return int(program.steps.size()) - 1;
  }

private:
  using Step = PatternProgram::Step;

  int buildRepeat(const Node &node, int next) {
    const Node &body = node.children[0];
    int after = next;
    if (node.largest == kNoLimit) {
      int loop = add({Step::Fork, 0, 0, next});
      int first = build(body, loop); // may grow `steps`, so not inside the assignment
      program.steps[loop].next = first;
      next = loop;
    }
    for (int i = node.smallest; i < node.largest; ++i)
      next = add({Step::Fork, 0, build(body, next), after});
    for (int i = 0; i < node.smallest; ++i)
      next = build(body, next);
    return next;
  }

  PatternProgram &program;
};

} // namespace

PatternProgram parsePattern(StringRef pattern) {
  PatternProgram program;
  ProgramBuilder builder(program);
  int match = builder.add({PatternProgram::Step::Match});
  program.start = builder.build(PatternParser(pattern).parse(), match);
  return program;
}

} // namespace osscc
