// How many positions a model is compiled for.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "support/Notes.h"
#include "llvm/Support/Error.h"

namespace osscc {

/// Sets the positions of a model to those of `--context`, if there is one.
///
/// \param notes  takes the window that so short a context never leaves.
/// \errors  InputError: a context below 1 or above the model's own (exit status 2).
llvm::Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes = nullptr);

} // namespace osscc
