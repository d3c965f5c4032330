// Config and weights must agree: every tensor of the checkpoint is used once or named in an error.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"

namespace osscc {

/// \errors  InputError naming file and tensor: one that the model needs is missing, has another
///          shape than the config says, a dtype other than F32, F16 and BF16, or (one value a
///          channel) a value that is not finite; a tensor that the model does not have; a tied
///          head that is no copy of the embedding.
llvm::Error checkWeights(const ModelSpec &spec, const Checkpoint &checkpoint);

} // namespace osscc
