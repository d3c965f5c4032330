// How many positions a model is compiled for.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "support/Notes.h"
#include "llvm/Support/Error.h"

namespace osscc {

/// Sets the positions of a model to those of `--context`, if there is one, and the divisors of
/// frequencies that follow from them.
///
/// \param notes  takes the window that so short a context never leaves, and which divisors it has.
/// \errors  InputError: a context below 1 or above the model's own (exit status 2).
llvm::Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes = nullptr);

} // namespace osscc
