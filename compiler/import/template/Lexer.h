// Jinja source to tokens, as jinja2's lexer makes them with the settings of Hugging Face:
// trim_blocks, lstrip_blocks, no trailing newline kept. The parser takes them; whitespace
// control happens here and nowhere else.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace osscc {

enum class TemplateTokenKind {
  Data,          ///< Literal output.
  VariableBegin, ///< {{
  VariableEnd,   ///< }}
  BlockBegin,    ///< {%
  BlockEnd,      ///< %}
  Name,
  String, ///< Text is unescaped.
  Integer,
  Float,
  Operator, ///< Text is the operator or bracket.
  End,
};

struct TemplateToken {
  TemplateTokenKind kind;
  std::string text;
  uint32_t line; ///< From 1.
};

/// The tokens of a template, ending in one of kind End.
///
/// \param file  names the template in errors.
/// \errors  InputError with "file:line" for text that is not UTF-8 or is longer than 1 MiB, an
/// unterminated tag,
///          comment, string or raw block, an unbalanced bracket and an unexpected character.
llvm::Expected<std::vector<TemplateToken>> lexTemplate(llvm::StringRef file, llvm::StringRef text);

} // namespace osscc
