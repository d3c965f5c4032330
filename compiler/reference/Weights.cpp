// Runs a recipe backwards from its yield, one step a function call.
#include "compiler/reference/Weights.h"

#include "compiler/Error.h"
#include "compiler/reference/Operations.h"
#include "dialects/pack/Formats.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace osscc::reference {

static llvm::Expected<Tensor> readSlice(pack::SliceOp slice, llvm::StringRef directory) {
  pack::SourceType type = slice.getValue().getType();
  auto [rows, columns] = matrixShape(type.getShape());
  pack::Float code = *pack::floatOf(type.getElement());
  int64_t width = pack::floatBytes(code), bytes = 0, end = 0;
  if (llvm::MulOverflow(rows, columns, bytes) || llvm::MulOverflow(bytes, width, bytes) ||
      llvm::AddOverflow(static_cast<int64_t>(slice.getOffset()), bytes, end))
    return inputError(slice.getFile(), "a tensor is larger than any file");

  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, slice.getFile());
  uint64_t size = 0;
  if (std::error_code error = llvm::sys::fs::file_size(path, size))
    return inputError(path, "cannot be read: " + error.message());
  if (size < static_cast<uint64_t>(end)) // a mapping beyond the end would be a crash
    return inputError(path, "ends at byte " + llvm::Twine(size) + ", but a tensor ends at " +
                                llvm::Twine(end));
  auto buffer = llvm::MemoryBuffer::getFileSlice(path, bytes, slice.getOffset());
  if (!buffer)
    return inputError(path, "cannot be read: " + buffer.getError().message());

  Tensor values(rows, columns);
  pack::convert(code, (*buffer)->getBufferStart(), pack::Float::F32,
                reinterpret_cast<char *>(values.values.data()), rows * columns);
  return values;
}

/// Rounds every value to the format's code and widens it again.
static Tensor roundTo(pack::Float code, Tensor values) {
  auto count = static_cast<int64_t>(values.values.size());
  std::vector<char> stored(count * pack::floatBytes(code));
  auto *bytes = reinterpret_cast<char *>(values.values.data());
  pack::convert(pack::Float::F32, bytes, code, stored.data(), count);
  pack::convert(code, stored.data(), pack::Float::F32, bytes, count);
  return values;
}

static llvm::Expected<Tensor> evaluateStep(mlir::Value value, llvm::StringRef directory) {
  using Result = llvm::Expected<Tensor>;
  return llvm::TypeSwitch<mlir::Operation *, Result>(value.getDefiningOp())
      .Case([&](pack::SliceOp slice) { return readSlice(slice, directory); })
      .Case([&](pack::ConcatOp join) -> Result {
        std::vector<Tensor> parts;
        for (mlir::Value part : join.getParts()) {
          Result values = evaluateStep(part, directory);
          if (!values)
            return values.takeError();
          parts.push_back(std::move(*values));
        }
        return concatRows(parts);
      })
      .Case([&](pack::QuantizeOp quantize) -> Result {
        Result values = evaluateStep(quantize.getSource(), directory);
        if (!values)
          return values.takeError();
        mlir::Type code = quantize.getBlock().getType().getFormat().getCode();
        return roundTo(*pack::floatOf(code), std::move(*values));
      })
      .Case(
          [&](pack::RelayoutOp relayout) { return evaluateStep(relayout.getSource(), directory); })
      .Default([](mlir::Operation *op) -> Result {
        return inputError("recipe", "unknown step '" + op->getName().getStringRef() + "'");
      });
}

llvm::Expected<Tensor> readWeight(pack::WeightOp weight, llvm::StringRef directory) {
  auto yield = mlir::cast<pack::YieldOp>(weight.getRecipe().front().back());
  return evaluateStep(yield.getValue(), directory);
}

} // namespace osscc::reference
