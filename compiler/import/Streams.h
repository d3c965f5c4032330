// Streams of rows beside the hidden ones: what embedding, layers and head make of them.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "mlir/IR/Builders.h"

namespace osscc {

/// The builder of graphs, as the parts of streams need it.
struct StreamBuilders {
  llvm::function_ref<mlir::Value(mlir::Value, const LinearSpec &)> linear;
  llvm::function_ref<mlir::Value(mlir::Value, const NormSpec &)> norm;
  llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> add;
  llvm::function_ref<mlir::Value(mlir::Value, double)> scale;
};

/// Emits what StreamsSpec and StreamUpdateSpec define. Streams are [T, D] each, the first in front.
class StreamsBuilder {
public:
  StreamsBuilder(mlir::OpBuilder &builder, mlir::Location loc, const StreamBuilders &parts)
      : builder(builder), loc(loc), parts(parts) {}

  /// All streams of the scaled embedding.
  llvm::SmallVector<mlir::Value> unfold(const StreamsSpec &spec, mlir::Value embedded);
  /// The mean of all, as large as the first.
  mlir::Value fold(const StreamsSpec &spec, mlir::ValueRange streams);

  llvm::SmallVector<mlir::Value> predict(const StreamUpdateSpec &spec, mlir::ValueRange streams);
  /// `y` is what the layer made of the first of the predictions.
  llvm::SmallVector<mlir::Value> correct(const StreamUpdateSpec &spec, mlir::ValueRange predicted,
                                         mlir::Value y);

private:
  /// [T, S]: how much of each stream the row is.
  mlir::Value route(const StreamUpdateSpec &spec, mlir::Value x);
  mlir::Value match(mlir::Value x, mlir::Value target, double least);
  mlir::Value mix(mlir::ValueRange rows, mlir::Value weights, int64_t first);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  const StreamBuilders &parts;
};

} // namespace osscc
