// How each weight of the graph is made of the checkpoint's tensors: its recipe, in pack ops.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/checkpoint/Checkpoint.h"
#include "dialects/pack/Pack.h"
#include "mlir/IR/Builders.h"

namespace osscc {

/// Declares weights, and reads them where the graph is built.
class WeightRecipes {
public:
  /// \param checkpoint  holds every weight that is asked for: see checkWeights.
  WeightRecipes(mlir::OpBuilder &builder, const Checkpoint &checkpoint)
      : builder(builder), loc(builder.getUnknownLoc()), checkpoint(checkpoint) {}

  /// pack.weight @name { the tensors of the checkpoint, joined, their rows put in order }
  void declare(const WeightSpec &weight);
  /// The weight's value: a block stays one; floats are a tensor.
  mlir::Value get(const WeightSpec &weight);

  /// The weight's tensor, or the first of several.
  const Tensor &tensorOf(const WeightSpec &weight);
  mlir::Type elementOf(const Tensor &tensor);

private:
  bool isDecoded(const Tensor &tensor);
  mlir::Type storedType(llvm::ArrayRef<int64_t> shape, const Tensor &tensor);
  pack::SliceOp slice(mlir::Type type, uint32_t file, uint64_t offset, mlir::StringAttr tensor);
  mlir::Value load(const Tensor &tensor, const StoredForm &form, const WeightSpec &weight,
                   mlir::StringAttr name);
  mlir::Value joinHeadParts(mlir::Value whole, const WeightSpec &weight, const StoredForm &form);
  mlir::Value appendCopies(mlir::Value rows, const WeightSpec &weight, const StoredForm &form);
  mlir::Value transpose(mlir::Value value, const WeightSpec &weight, const StoredForm &form);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  const Checkpoint &checkpoint;
};

} // namespace osscc
