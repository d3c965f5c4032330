// A matrix of f32 values, all that the reference evaluator computes with.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <vector>

namespace osscc::reference {

/// Row after row, without padding. A vector is one row.
struct Tensor {
  int64_t rows = 0, columns = 0;
  std::vector<float> values;

  Tensor() = default;
  /// Zeros.
  Tensor(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), values(static_cast<size_t>(rows * columns)) {}

  float &at(int64_t row, int64_t column) { return values[row * columns + column]; }
  float at(int64_t row, int64_t column) const { return values[row * columns + column]; }
};

/// Rows and channels of a shape of one to three static dimensions: a vector is one row, a stack has
/// the rows of its matrices one after the other.
std::pair<int64_t, int64_t> matrixShape(llvm::ArrayRef<int64_t> shape);

/// The values of a dense f32, f16 or bf16 constant of one to three dimensions, widened exactly.
Tensor fromElements(mlir::DenseElementsAttr elements);

/// Prints the extents, `2x2`, and a line a row, `[1, 2.5]`, six significant digits a value: what
/// tests read.
llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Tensor &tensor);

} // namespace osscc::reference
