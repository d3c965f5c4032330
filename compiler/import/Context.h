// How many positions a model is compiled for.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "support/Notes.h"
#include "llvm/Support/Error.h"

namespace osscc {

/// Sets the positions of a model to those of `--context`, if there is one.
///
/// \errors  InputError: a context below 1 or above the model's own (exit status 2), and one that is
///          longer than the window that the model's attention has.
llvm::Error limitContext(ModelSpec &spec, std::optional<int64_t> context, Notes *notes = nullptr);

} // namespace osscc
