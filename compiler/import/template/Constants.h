// What of a chat template is known while it is compiled.
#pragma once

#include "runtime/bundle/Template_generated.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace osscc {

/// A value that the compiler computes with: none, a boolean, an integer or a text.
using TemplateConstant = std::variant<std::monostate, bool, int64_t, std::string>;
using TemplateConstants = std::map<std::string, TemplateConstant>;

/// The fields of a JSON object that are such values.
TemplateConstants readConstants(llvm::StringRef json);

/// Truth as in Python.
bool isTrueConstant(const TemplateConstant &value);

/// The value of a constant expression, as far as it can be told.
class ConstantEvaluator {
public:
  using Node = uint32_t;                    ///< Place in the program's nodes.
  static constexpr Node kAbsent = ~Node(0); ///< Of a child that is left out.

  ConstantEvaluator(const bundle::TemplateT &program, const TemplateConstants &constants)
      : program(program), constants(constants) {}

  /// Nothing where the value is not known before a request.
  std::optional<TemplateConstant> valueOf(Node at) const;
  /// Whether a condition holds; sometimes known where the value is not.
  std::optional<bool> truthOf(Node at) const;

  const bundle::TemplateNode &node(Node at) const { return program.nodes[at]; }
  llvm::ArrayRef<Node> childrenOf(Node at) const {
    return llvm::ArrayRef(program.children).slice(node(at).first(), node(at).count());
  }
  llvm::StringRef textOf(Node at) const { return program.strings[node(at).text()]; }

private:
  std::optional<TemplateConstant> valueOfLogic(Node at) const;
  std::optional<TemplateConstant> valueOfCompare(Node at) const;
  std::optional<TemplateConstant> valueOfTest(Node at) const;
  std::optional<TemplateConstant> valueOfDefault(Node at) const;
  std::optional<TemplateConstant> valueOfJoin(Node at) const;
  std::optional<bool> isMember(const TemplateConstant &value, Node list) const;
  bool hasNoEffect(Node at) const;

  const bundle::TemplateT &program;
  const TemplateConstants &constants;
};

} // namespace osscc
