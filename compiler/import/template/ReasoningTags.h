// What a model writes around its thoughts.
#pragma once

#include "compiler/import/template/Probe.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace osscc {

struct ReasoningTags {
  std::string begin; ///< "<think>"
  std::string end;   ///< "</think>"
  /// From the last thought to the answer: "\n</think>\n\n".
  std::string close;
};

/// The tags that a template writes around the `reasoning_content` of an answer or, where it drops
/// that, those of a known pair of which its strings have one.
std::optional<ReasoningTags> findReasoningTags(const TemplateProbe &probe,
                                               llvm::ArrayRef<std::string> strings);

/// Whether a prompt ends inside the thoughts, white space aside.
bool opensReasoning(llvm::StringRef prompt, const ReasoningTags &tags);

} // namespace osscc
