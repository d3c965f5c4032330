// What turns a model's reasoning off and on and sets its level: variables of the template, words in
// the question, text behind the prompt.
#pragma once

#include "compiler/import/template/ReasoningTags.h"
#include "runtime/bundle/Bundle_generated.h"
#include <memory>
#include <vector>

namespace osscc {

struct ReasoningSwitch {
  std::vector<std::unique_ptr<bundle::ReasoningModeT>> modes; ///< By each value of --reasoning.
  std::string usual; ///< The mode of a request that asks for none; empty: none of them.
  std::vector<std::string> variables; ///< That modes set.
};

/// Tries the template with each value of each variable whose name tells of thinking, and compares
/// the prompts. Where nothing turns reasoning off, a text behind the prompt does.
///
/// \param strings  names and texts of the template's program.
/// \param tags     between which thoughts stand; null for Harmony.
/// \param answer   opens the answer at once behind a prompt of Harmony.
/// \returns no modes where the template refuses a plain question.
ReasoningSwitch findReasoningSwitch(const TemplateProbe &probe, llvm::ArrayRef<std::string> strings,
                                    const ReasoningTags *tags, llvm::StringRef answer = {});

} // namespace osscc
