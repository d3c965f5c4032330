// How a model thinks before it answers, found by trying its chat template on short conversations,
// or, where trying does not tell, by a row of a small table (docs/design/reasoning.md).
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace osscc {

/// The chat format of a model from its templates, special tokens and tokenizer.
/// \returns nothing for a model whose template knows no reasoning, and for one that writes it in no
/// way that the runtime reads.
std::unique_ptr<bundle::ChatFormatT> deriveChatFormat(const bundle::BundleT &assets);

/// How the model calls tools. \returns nothing for one that does not, for one that does it in no
/// way that the runtime reads, and for harmony, whose parser knows.
///
/// \param assets  its chat format was derived.
std::unique_ptr<bundle::ToolCallFormatT> deriveToolCalls(const bundle::BundleT &assets);

/// Compiles the templates for one value of --reasoning: variables that ask for a mode become
/// constants, what they rule out is dropped with its strings, and so is the Jinja text. The format
/// keeps this mode alone.
///
/// \param mode  off, on, low, medium or high.
/// \errors  InputError with exit status 2 for a model without reasoning. `off` is no error there,
/// and changes nothing.
llvm::Error fixReasoning(bundle::BundleT &assets, llvm::StringRef mode);

/// One line that tells of the format: "reasoning in <think> ... </think>, off and on by
/// enable_thinking, usually on".
std::string describeChatFormat(const bundle::ChatFormatT &format);

} // namespace osscc
