// The values of a weight, by running its recipe on the checkpoint's files.
#pragma once

#include "compiler/reference/Tensor.h"
#include "dialects/pack/Pack.h"
#include "llvm/Support/Error.h"

namespace osscc::reference {

/// The f32 values that kernels would compute with: slices are read and widened, joined row after
/// row, and rounded as the format says. A layout moves bytes, not values, so `relayout` changes
/// nothing here.
///
/// \param directory  the checkpoint's folder.
/// \errors  InputError: a file that cannot be read or ends before the tensor does.
llvm::Expected<Tensor> readWeight(pack::WeightOp weight, llvm::StringRef directory);

} // namespace osscc::reference
