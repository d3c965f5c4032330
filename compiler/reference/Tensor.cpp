// Constants to tensors, tensors to text.
#include "compiler/reference/Tensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include <cmath>

namespace osscc::reference {

std::pair<int64_t, int64_t> matrixShape(llvm::ArrayRef<int64_t> shape) {
  assert(!shape.empty() && shape.size() <= 3 && "neither vector, matrix nor stack");
  int64_t rows = 1;
  for (int64_t extent : shape.drop_back())
    rows *= extent;
  return {rows, shape.back()};
}

Tensor fromElements(mlir::DenseElementsAttr elements) {
  auto [rows, columns] = matrixShape(elements.getType().getShape());
  Tensor tensor(rows, columns);
  for (auto [to, from] : llvm::zip_equal(tensor.values, elements.getValues<llvm::APFloat>()))
    to = static_cast<float>(from.convertToDouble());
  return tensor;
}

llvm::raw_ostream &operator<<(llvm::raw_ostream &os, const Tensor &tensor) {
  os << tensor.rows << "x" << tensor.columns << "\n";
  for (int64_t row = 0; row < tensor.rows; ++row) {
    os << "[";
    for (int64_t column = 0; column < tensor.columns; ++column) {
      float value = tensor.at(row, column);
      os << (column ? ", " : "");
      if (std::isnan(value)) // its sign depends on the machine
        os << "nan";
      else
        os << llvm::format("%.6g", value == 0 ? 0.0 : static_cast<double>(value));
    }
    os << "]\n";
  }
  return os;
}

} // namespace osscc::reference
