// Config and weights must agree: every tensor of the checkpoint is used once, left out by a rule,
// or named in an error.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"
#include "support/Notes.h"

namespace osscc {

/// Renames the tensors of a checkpoint that was saved from a class without the head (LlamaModel has
/// no "model." in front), or inside a wrapper, to what the model calls them.
///
/// \errors  InputError for two tensors that get one name.
llvm::Error matchNames(const ModelSpec &spec, Checkpoint &checkpoint, Notes *notes = nullptr);

/// \param notes  takes tensors that are left out because the model answers without them, such as
///               the head of a judge, and what the index says wrongly of tensors that nobody needs.
/// \errors  InputError naming file and tensor: one that the model needs is missing, not where the
///          index says, has another shape than the config says, a dtype other than F32, F16 and
///          BF16, or (one value a channel) a value that is not finite; a tensor that the model does
///          not have; a tied head that is no copy of the embedding.
llvm::Error checkWeights(const ModelSpec &spec, const Checkpoint &checkpoint,
                         Notes *notes = nullptr);

} // namespace osscc
