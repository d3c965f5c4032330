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

using Bytes = std::unique_ptr<llvm::MemoryBuffer>;

/// `rows` times `rowBytes` bytes of a slice's file.
static llvm::Expected<Bytes> readFile(pack::SliceOp slice, int64_t rows, int64_t rowBytes,
                                      llvm::StringRef directory) {
  int64_t bytes = 0, end = 0;
  if (llvm::MulOverflow(rows, rowBytes, bytes) ||
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
  return file->read(slice.getOffset(), bytes);
}

/// The bytes of a slice that are no numbers yet.
static llvm::Expected<std::vector<uint8_t>> readBytes(mlir::Value value,
                                                      llvm::StringRef directory) {
  auto slice = value.getDefiningOp<pack::SliceOp>();
  if (!slice)
    return inputError("recipe", "bytes that are no slice");
  auto [rows, columns] = matrixShape(pack::shapeOf(value.getType()));
  llvm::Expected<Bytes> buffer = readFile(slice, rows, columns, directory);
  if (!buffer)
    return buffer.takeError();
  return std::vector<uint8_t>((*buffer)->getBuffer().bytes_begin(),
                              (*buffer)->getBuffer().bytes_end());
}

static llvm::Expected<Tensor> readSlice(pack::SliceOp slice, llvm::StringRef directory) {
  pack::FormatAttr format = formatOf(slice.getValue().getType());
  auto [rows, columns] = matrixShape(pack::shapeOf(slice.getValue().getType()));
  const pack::gguf::Type *blocks = pack::gguf::blocksOf(slice);
  if (columns > std::numeric_limits<int64_t>::max() / 8)
    return inputError(slice.getFile(), "a tensor is larger than any file");
  int64_t rowBytes =
      blocks ? columns / blocks->elements * blocks->bytes : pack::rowBytes(format, columns);
  llvm::Expected<Bytes> buffer = readFile(slice, rows, rowBytes, directory);
  if (!buffer)
    return buffer.takeError();
  int64_t bytes = rows * rowBytes;

  Tensor values(rows, columns);
  if (blocks) {
    pack::gguf::decodeBlocks(*blocks, llvm::ArrayRef((*buffer)->getBufferStart(), bytes),
                             values.values);
    return values;
  }
  if (std::optional<int64_t> row =
          pack::firstRowNotFinite(format, rows, columns, (*buffer)->getBufferStart()))
    return inputError(slice.getFile(), "row " + llvm::Twine(*row) + " of the tensor at byte " +
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

/// The values behind each place of dimension `along`.
static int64_t widthOf(llvm::ArrayRef<int64_t> shape, int64_t along) {
  int64_t width = 1;
  for (int64_t extent : shape.drop_front(along + 1))
    width *= extent;
  return width;
}

/// Rows, or the values of a vector, in the order of pack.permute.
static Tensor permute(const Tensor &values, pack::PermuteOp op) {
  int64_t width =
      widthOf(pack::shapeOf(op.getSource().getType()), static_cast<int64_t>(op.getAlong()));
  Tensor result(values.rows, values.columns);
  for (int64_t row = 0; row < values.rows * values.columns / width; ++row) {
    int64_t from = op.sourceRow(row);
    std::copy_n(values.values.begin() + from * width, width, result.values.begin() + row * width);
  }
  return result;
}

/// Some rows of each so many.
static Tensor select(const Tensor &values, pack::SelectOp op) {
  auto first = static_cast<int64_t>(op.getFirst()), each = static_cast<int64_t>(op.getEach());
  auto [rows, columns] = matrixShape(pack::shapeOf(op.getResult().getType()));
  int64_t count = rows / (values.rows / each);
  Tensor result(rows, columns);
  for (int64_t row = 0; row < rows; ++row)
    std::copy_n(values.values.begin() + (row / count * each + first + row % count) * columns,
                columns, result.values.begin() + row * columns);
  return result;
}

/// Runs of each part in turn, one for each of `members`.
static Tensor join(llvm::ArrayRef<Tensor> parts, llvm::ArrayRef<int64_t> shape, int64_t members) {
  auto [rows, columns] = matrixShape(shape);
  Tensor whole(rows, columns);
  auto to = whole.values.begin();
  for (int64_t member = 0; member < members; ++member)
    for (const Tensor &part : parts) {
      auto run = static_cast<int64_t>(part.values.size()) / members;
      to = std::copy_n(part.values.begin() + member * run, run, to);
    }
  return whole;
}

/// The last two dimensions exchanged.
static Tensor transpose(const Tensor &values, llvm::ArrayRef<int64_t> shape) {
  auto [rows, columns] = matrixShape(shape);
  Tensor result(rows, columns);
  int64_t height = shape[shape.size() - 2];
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      result.at(row, column) = values.at(row / height * columns + column, row % height);
  return result;
}

/// MXFP4 of codes and scales that are two tensors, by the format's own definition: scale 2^(s -
/// 127) times a code's value.
static llvm::Expected<Tensor> zip(pack::ZipOp op, llvm::StringRef directory) {
  constexpr float kValues[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  auto codes = readBytes(op.getCodes(), directory), scales = readBytes(op.getScales(), directory);
  if (!codes || !scales)
    return joinErrors(codes.takeError(), scales.takeError());
  auto [rows, columns] = matrixShape(pack::shapeOf(op.getBlock().getType()));
  Tensor values(rows, columns);
  for (int64_t i = 0; i < rows * columns; ++i) {
    uint8_t scale = (*scales)[i / 32], code = (*codes)[i / 2] >> (i % 2 * 4) & 15;
    if (scale == 255)
      return inputError("recipe", "scale " + llvm::Twine(i / 32) + " is no number");
    float value = std::ldexp(kValues[code & 7], scale - 127);
    values.values[i] = code & 8 ? -value : value;
  }
  return values;
}

/// Floats of 8 bits, e4m3: (8 + m) * 2^(e - 10), or m * 2^-9 where e is 0; times the scale of their
/// block.
static llvm::Expected<Tensor> rescale(pack::RescaleOp op, llvm::StringRef directory) {
  auto codes = readBytes(op.getCodes(), directory);
  if (!codes)
    return codes.takeError();
  llvm::Expected<Tensor> scales =
      readSlice(op.getScales().getDefiningOp<pack::SliceOp>(), directory);
  if (!scales)
    return scales.takeError();
  auto [rows, columns] = matrixShape(pack::shapeOf(op.getValue().getType()));
  auto size = static_cast<int64_t>(op.getSize());
  Tensor values(rows, columns);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      uint8_t code = (*codes)[row * columns + column];
      int exponent = code >> 3 & 15, mantissa = code & 7;
      float magnitude = exponent == 0 ? std::ldexp(float(mantissa), -9)
                                      : std::ldexp(float(8 + mantissa), exponent - 10);
      if (exponent == 15 && mantissa == 7)
        magnitude = std::numeric_limits<float>::quiet_NaN();
      values.at(row, column) =
          (code & 0x80 ? -magnitude : magnitude) * scales->at(row / size, column / size);
    }
  return values;
}

static llvm::Expected<Tensor> evaluateStep(mlir::Value value, llvm::StringRef directory);

/// What pack.concat and pack.stack make of their parts, joined in each member of `whole` that lies
/// in front of dimension `along`.
static llvm::Expected<Tensor> joinParts(mlir::ValueRange values, mlir::Type whole, int64_t along,
                                        llvm::StringRef directory) {
  std::vector<Tensor> parts;
  for (mlir::Value part : values) {
    llvm::Expected<Tensor> evaluated = evaluateStep(part, directory);
    if (!evaluated)
      return evaluated.takeError();
    parts.push_back(std::move(*evaluated));
  }
  llvm::ArrayRef<int64_t> shape = pack::shapeOf(whole);
  int64_t members = 1;
  for (int64_t extent : shape.take_front(along))
    members *= extent;
  return join(parts, shape, members);
}

static llvm::Expected<Tensor> evaluateStep(mlir::Value value, llvm::StringRef directory) {
  using Result = llvm::Expected<Tensor>;
  return llvm::TypeSwitch<mlir::Operation *, Result>(value.getDefiningOp())
      .Case([&](pack::SliceOp slice) { return readSlice(slice, directory); })
      .Case([&](pack::ConcatOp join) {
        return joinParts(join.getParts(), join.getWhole().getType(),
                         static_cast<int64_t>(join.getAlong()), directory);
      })
      .Case([&](pack::StackOp stack) {
        return joinParts(stack.getParts(), stack.getWhole().getType(), /*along=*/0, directory);
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
        return permute(*values, op);
      })
      .Case([&](pack::SelectOp op) -> Result {
        Result values = evaluateStep(op.getSource(), directory);
        if (!values)
          return values.takeError();
        return select(*values, op);
      })
      .Case([&](pack::ZipOp op) { return zip(op, directory); })
      .Case([&](pack::RescaleOp op) -> Result {
        if (!op.getCodes().getDefiningOp<pack::SliceOp>() ||
            !op.getScales().getDefiningOp<pack::SliceOp>())
          return inputError("recipe", "codes and scales that are no slices");
        return rescale(op, directory);
      })
      .Case([&](pack::TransposeOp op) -> Result {
        Result values = evaluateStep(op.getSource(), directory);
        if (!values)
          return values.takeError();
        return transpose(*values, pack::shapeOf(op.getResult().getType()));
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
