// In which of a weight's forms a checkpoint holds it.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"

namespace osscc {

/// The first of the weight's forms of which the checkpoint has a tensor; if it has none, the first.
StoredForm formOf(const WeightSpec &weight, const Checkpoint &checkpoint);

/// The shape of the weight before it is transposed.
llvm::SmallVector<int64_t, 3> shapeOfRows(const WeightSpec &weight, const StoredForm &form);

/// Heads of a tensor of which the weight is some parts.
int64_t headsOf(const WeightSpec &weight, const StoredForm &form);

/// The shape of each of the form's tensors.
llvm::SmallVector<int64_t, 3> shapeOfTensors(const WeightSpec &weight, const StoredForm &form);

/// The dimension of the weight in which rows follow each other: behind it are the channels, if the
/// weight has more than one value a row.
int64_t rowsDimension(const WeightSpec &weight);

} // namespace osscc
