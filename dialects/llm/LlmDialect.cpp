// Registration, types and attributes of the llm dialect.
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

#include "dialects/llm/LlmDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/llm/LlmDialectTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/llm/LlmDialectAttrs.cpp.inc"

namespace osscc::llm {

void LlmDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/llm/LlmDialectTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/llm/LlmDialectAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/llm/LlmOps.cpp.inc"
      >();
}

llvm::SmallVector<float> RopeAttr::inverseFrequencies() const {
  llvm::SmallVector<float> frequencies;
  double theta = getTheta().getValueAsDouble();
  for (int64_t i = 0; i < getDims() / 2; ++i)
    frequencies.push_back(static_cast<float>(
        std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(getDims()))));
  return frequencies;
}

} // namespace osscc::llm
