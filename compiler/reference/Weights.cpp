// Runs a recipe backwards from its yield, one step a function call.
#include "compiler/reference/Weights.h"

#include "compiler/reference/Operations.h"
#include "dialects/pack/Formats.h"
#include "dialects/pack/gguf/Types.h"
#include "support/InputFile.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace osscc::reference {

/// How a slice's rows lie in the file.
static pack::FormatAttr formatOf(mlir::Type type) {
  if (auto block = mlir::dyn_cast<pack::BlockType>(type))
    return block.getFormat();
  mlir::Type element = mlir::cast<pack::SourceType>(type).getElement();
  return pack::FormatAttr::get(type.getContext(), element, 0, {}, {});
}

static llvm::ArrayRef<int64_t> shapeOf(mlir::Type type) {
  if (auto block = mlir::dyn_cast<pack::BlockType>(type))
    return block.getShape();
  return mlir::cast<pack::SourceType>(type).getShape();
}

static llvm::Expected<Tensor> readSlice(pack::SliceOp slice, llvm::StringRef directory) {
  pack::FormatAttr format = formatOf(slice.getValue().getType());
  auto [rows, columns] = matrixShape(shapeOf(slice.getValue().getType()));
  const pack::gguf::Type *blocks = pack::gguf::blocksOf(slice);
  int64_t bytes = 0, end = 0;
  if (columns > std::numeric_limits<int64_t>::max() / 8 ||
      llvm::MulOverflow(rows,
                        blocks ? columns / blocks->elements * blocks->bytes
                               : pack::rowBytes(format, columns),
                        bytes) ||
      llvm::AddOverflow(static_cast<int64_t>(slice.getOffset()), bytes, end))
    return inputError(slice.getFile(), "a tensor is larger than any file");

  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, slice.getFile());
  llvm::Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return file.takeError();
  if (file->size() < static_cast<uint64_t>(end)) // before memory for it is taken
    return inputError(path, "ends at byte " + llvm::Twine(file->size()) +
                                ", but a tensor ends at " + llvm::Twine(end));
  auto buffer = file->read(slice.getOffset(), bytes);
  if (!buffer)
    return buffer.takeError();

  Tensor values(rows, columns);
  if (blocks) {
    pack::gguf::decodeBlocks(*blocks, llvm::ArrayRef((*buffer)->getBufferStart(), bytes),
                             values.values);
    return values;
  }
  if (std::optional<int64_t> row =
          pack::firstRowNotFinite(format, rows, columns, (*buffer)->getBufferStart()))
    return inputError(path, "row " + llvm::Twine(*row) + " of the tensor at byte " +
                                llvm::Twine(slice.getOffset()) +
                                " has a block whose scale or minimum is not finite");
  pack::decodeRows(format, rows, columns, (*buffer)->getBufferStart(), values.values.data());
  return values;
}

/// Rounds every value to the format and widens it again.
static llvm::Expected<Tensor> roundTo(pack::FormatAttr format, Tensor values) {
  std::vector<char> stored(values.rows * pack::rowBytes(format, values.columns));
  if (!pack::encodeRows(format, values.rows, values.columns, values.values.data(), stored.data()))
    return inputError("recipe", "a value is not finite, and no code stands for it");
  pack::decodeRows(format, values.rows, values.columns, stored.data(), values.values.data());
  return values;
}

/// Rows, or the values of a vector, in the order of pack.permute.
static Tensor permute(const Tensor &values, int64_t size) {
  bool vector = values.rows == 1;
  int64_t width = vector ? 1 : values.columns, half = size / 2;
  Tensor result(values.rows, values.columns);
  for (int64_t row = 0; row < (vector ? values.columns : values.rows); ++row) {
    int64_t from = row - row % size + 2 * (row % half) + row % size / half;
    std::copy_n(values.values.begin() + from * width, width, result.values.begin() + row * width);
  }
  return result;
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
        bool vectors = pack::shapeOf(join.getWhole().getType()).size() == 1;
        return vectors ? concatValues(parts) : concatRows(parts);
      })
      .Case([&](pack::QuantizeOp quantize) -> Result {
        Result values = evaluateStep(quantize.getSource(), directory);
        if (!values)
          return values.takeError();
        return roundTo(quantize.getBlock().getType().getFormat(), std::move(*values));
      })
      .Case([&](pack::PermuteOp op) -> Result {
        Result values = evaluateStep(op.getSource(), directory);
        if (!values)
          return values.takeError();
        return permute(*values, static_cast<int64_t>(op.getSize()));
      })
      .Case([&](pack::DequantizeOp op) {
        return evaluateStep(op.getBlock(), directory); // decoded as it was read
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
