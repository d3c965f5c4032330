// pack.rescale as rows that can be read at any place. Stage: emit.
#pragma once

#include "compiler/emit/RowSource.h"

namespace osscc {

/// The values of floats of 8 bits whose scales are a tensor of their own, in f32.
/// \errors  codes or scales that are no slices of the checkpoint.
llvm::Expected<std::unique_ptr<RowSource>> openRescaled(pack::RescaleOp rescale);

} // namespace osscc
