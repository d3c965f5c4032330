// A recipe is read backwards from its yield: relayout and quantize say how rows are stored, below
// them lie slices, permuted and joined row after row. Rows then flow forwards:
//
//   slices ─ read ─▶ rows as the checkpoint has them ─ decode, encode ─▶ rows of the format ─
//   packTile ─▶ tiles ─▶ sink
#include "compiler/emit/WeightWriter.h"

#include "compiler/Error.h"
#include "dialects/pack/Formats.h"
#include "llvm/Support/Path.h"
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace osscc {
namespace {

/// Bytes that are read, converted and written at a time, about: large enough for the disk, small
/// enough for the cache.
constexpr int64_t kStripBytes = 1 << 20;

/// Rows of one tensor of the checkpoint.
struct Part {
  llvm::StringRef file;
  uint64_t offset;
  int64_t rows;
  pack::FormatAttr format; // as the checkpoint has them
  int64_t headSize;        // of pack.permute, 0 without it
};

/// A recipe in the order in which it runs.
struct Recipe {
  llvm::StringRef name;
  llvm::SmallVector<Part> parts;
  int64_t channels;
  pack::FormatAttr format;
  pack::Layout layout;
};

/// A weight as matrix: a vector has one value a row.
std::pair<int64_t, int64_t> rowsAndChannels(llvm::ArrayRef<int64_t> shape) {
  return {shape[0], shape.size() == 1 ? 1 : shape[1]};
}

Part sliceAt(pack::SliceOp slice) {
  Part part{slice.getFile(), static_cast<uint64_t>(slice.getOffset()), 0, {}, 0};
  mlir::Type type = slice.getValue().getType();
  if (auto block = mlir::dyn_cast<pack::BlockType>(type)) {
    part.rows = rowsAndChannels(block.getShape()).first;
    part.format = block.getFormat();
    return part;
  }
  auto source = mlir::cast<pack::SourceType>(type);
  part.rows = rowsAndChannels(source.getShape()).first;
  part.format = pack::FormatAttr::get(type.getContext(), source.getElement(), 0, {}, {});
  return part;
}

void addParts(mlir::Value value, int64_t headSize, llvm::SmallVector<Part> &parts) {
  mlir::Operation *step = value.getDefiningOp();
  if (auto permute = mlir::dyn_cast<pack::PermuteOp>(step))
    return addParts(permute.getSource(), static_cast<int64_t>(permute.getSize()), parts);
  if (auto slice = mlir::dyn_cast<pack::SliceOp>(step)) {
    parts.push_back(sliceAt(slice));
    parts.back().headSize = headSize;
    return;
  }
  for (mlir::Value operand : step->getOperands()) // concat, quantize, dequantize, relayout
    addParts(operand, headSize, parts);
}

Recipe readRecipe(pack::WeightOp weight) {
  auto block = mlir::cast<pack::BlockType>(weight.getType());
  Recipe recipe;
  recipe.name = weight.getSymName();
  recipe.channels = rowsAndChannels(block.getShape()).second;
  recipe.format = block.getFormat();
  recipe.layout = block.getLayout();
  addParts(mlir::cast<pack::YieldOp>(weight.getRecipe().front().back()).getValue(), 0,
           recipe.parts);
  return recipe;
}

/// The row of the checkpoint's tensor that row `row` comes from: see pack.permute.
int64_t sourceRow(int64_t row, int64_t headSize) {
  if (headSize == 0)
    return row;
  int64_t half = headSize / 2, inHead = row % headSize;
  return row - inHead + 2 * (inHead % half) + inHead / half;
}

/// The rows of all parts, one after the other, in the weight's format.
class RowReader {
public:
  RowReader(const Recipe &recipe, SourceFiles &sources) : recipe(recipe), sources(sources) {}

  /// Reads up to `most` rows to `to`. \returns how many; 0 at the end.
  llvm::Expected<int64_t> read(int64_t most, char *to) {
    int64_t done = 0, width = pack::rowBytes(recipe.format, recipe.channels);
    while (done < most && part < recipe.parts.size()) {
      const Part &from = recipe.parts[part];
      int64_t rows = std::min(most - done, from.rows - row);
      if (llvm::Error error = readRaw(from, rows))
        return error;
      if (llvm::Error error = store(from, rows, to + done * width))
        return error;
      done += rows;
      row += rows;
      if (row == from.rows)
        ++part, row = 0;
    }
    return done;
  }

private:
  /// Rows [row, row + rows) of a part as the checkpoint has them, permuted.
  llvm::Error readRaw(const Part &from, int64_t rows) {
    int64_t bytes = pack::rowBytes(from.format, recipe.channels);
    raw.resize_for_overwrite(rows * bytes);
    if (from.headSize == 0)
      return sources.read(from.file, from.offset + row * bytes, raw);
    for (int64_t i = 0; i < rows; ++i) {
      llvm::MutableArrayRef<char> one(raw.data() + i * bytes, bytes);
      uint64_t offset = from.offset + sourceRow(row + i, from.headSize) * bytes;
      if (llvm::Error error = sources.read(from.file, offset, one))
        return error;
    }
    return llvm::Error::success();
  }

  /// Rows in `raw` to the weight's format; the same bytes where the format is the checkpoint's.
  llvm::Error store(const Part &from, int64_t rows, char *to) {
    if (from.format == recipe.format) {
      std::memcpy(to, raw.data(), raw.size());
      return llvm::Error::success();
    }
    values.resize_for_overwrite(rows * recipe.channels);
    pack::decodeRows(from.format, rows, recipe.channels, raw.data(), values.data());
    if (pack::encodeRows(recipe.format, rows, recipe.channels, values.data(), to))
      return llvm::Error::success();
    return inputError(
        from.file, "tensor '" + recipe.name + "': a value is not finite, and no code stands for it",
        "--quantize=keep stores it as it is");
  }

  const Recipe &recipe;
  SourceFiles &sources;
  size_t part = 0;
  int64_t row = 0;
  llvm::SmallVector<char, 0> raw;
  llvm::SmallVector<float, 0> values;
};

llvm::Error writeRows(const Recipe &recipe, RowReader &reader, ByteSink sink) {
  int64_t width = pack::rowBytes(recipe.format, recipe.channels);
  int64_t most = std::max<int64_t>(1, kStripBytes / width);
  llvm::SmallVector<char, 0> strip;
  strip.resize_for_overwrite(most * width);
  while (true) {
    llvm::Expected<int64_t> rows = reader.read(most, strip.data());
    if (!rows || *rows == 0)
      return rows.takeError();
    if (llvm::Error error = sink({strip.data(), static_cast<size_t>(*rows * width)}))
      return error;
  }
}

llvm::Error writeTiles(const Recipe &recipe, RowReader &reader, ByteSink sink) {
  int64_t width = pack::rowBytes(recipe.format, recipe.channels);
  int64_t tileBytes = pack::tileBytes(recipe.format, recipe.channels);
  int64_t most = std::max<int64_t>(1, kStripBytes / tileBytes) * pack::kTileRows;
  llvm::SmallVector<char, 0> strip, tiles;
  strip.resize_for_overwrite(most * width);
  tiles.resize_for_overwrite(most / pack::kTileRows * tileBytes);
  while (true) {
    llvm::Expected<int64_t> rows = reader.read(most, strip.data());
    if (!rows || *rows == 0)
      return rows.takeError();
    int64_t count = 0;
    for (int64_t row = 0; row < *rows; row += pack::kTileRows)
      pack::packTile(recipe.format, std::min(pack::kTileRows, *rows - row), recipe.channels,
                     strip.data() + row * width, tiles.data() + count++ * tileBytes);
    if (llvm::Error error = sink({tiles.data(), static_cast<size_t>(count * tileBytes)}))
      return error;
  }
}

} // namespace

SourceFiles::~SourceFiles() {
  for (auto &entry : descriptors)
    ::close(entry.second);
}

llvm::Error SourceFiles::read(llvm::StringRef file, uint64_t offset,
                              llvm::MutableArrayRef<char> to) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  auto found = descriptors.find(file);
  if (found == descriptors.end()) {
    int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      return inputError(path, "cannot be read: " + std::generic_category().message(errno));
    found = descriptors.try_emplace(file, descriptor).first;
  }
  while (!to.empty()) {
    ssize_t got = ::pread(found->second, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return inputError(path, "cannot be read: " + std::generic_category().message(errno));
    if (got == 0)
      return inputError(path,
                        "ends at byte " + llvm::Twine(offset) + ", but a tensor has " +
                            llvm::Twine(to.size()) + " more",
                        "the file changed while it was compiled; fetch it again");
    offset += got;
    to = to.drop_front(got);
  }
  return llvm::Error::success();
}

llvm::Error writeWeight(pack::WeightOp weight, SourceFiles &sources, ByteSink sink) {
  Recipe recipe = readRecipe(weight);
  RowReader reader(recipe, sources);
  return recipe.layout == pack::Layout::Tiles ? writeTiles(recipe, reader, sink)
                                              : writeRows(recipe, reader, sink);
}

} // namespace osscc
