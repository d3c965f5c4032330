// A recipe is read backwards from its yield: relayout and quantize say how rows are stored, below
// them lie slices, joined row after row. Rows then flow forwards:
//
//   slices ─ read ─▶ rows as the checkpoint has them ─ convert ─▶ rows of the format's code ─
//   packTile ─▶ tiles ─▶ sink
#include "compiler/emit/WeightWriter.h"

#include "compiler/Error.h"
#include "dialects/pack/Formats.h"
#include "llvm/Support/Path.h"
#include <cerrno>
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
  pack::Float code;
};

/// A recipe in the order in which it runs.
struct Recipe {
  llvm::SmallVector<Part> parts;
  int64_t channels;
  pack::Float code;
  pack::Layout layout;
};

/// A source as matrix: a vector is one row.
std::pair<int64_t, int64_t> rowsAndChannels(llvm::ArrayRef<int64_t> shape) {
  return shape.size() == 1 ? std::pair<int64_t, int64_t>(1, shape[0])
                           : std::pair<int64_t, int64_t>(shape[0], shape[1]);
}

void addParts(mlir::Value source, llvm::SmallVector<Part> &parts) {
  if (auto join = source.getDefiningOp<pack::ConcatOp>()) {
    for (mlir::Value part : join.getParts())
      addParts(part, parts);
    return;
  }
  auto slice = mlir::cast<pack::SliceOp>(source.getDefiningOp());
  pack::SourceType type = slice.getValue().getType();
  parts.push_back({slice.getFile(), static_cast<uint64_t>(slice.getOffset()),
                   rowsAndChannels(type.getShape()).first, *pack::floatOf(type.getElement())});
}

Recipe readRecipe(pack::WeightOp weight) {
  auto block = mlir::cast<pack::BlockType>(weight.getType());
  Recipe recipe;
  recipe.channels = rowsAndChannels(block.getShape()).second;
  recipe.code = *pack::floatOf(block.getFormat().getCode());
  recipe.layout = block.getLayout();
  mlir::Value value = mlir::cast<pack::YieldOp>(weight.getRecipe().front().back()).getValue();
  if (auto relayout = value.getDefiningOp<pack::RelayoutOp>())
    value = relayout.getSource();
  addParts(mlir::cast<pack::QuantizeOp>(value.getDefiningOp()).getSource(), recipe.parts);
  return recipe;
}

/// The rows of all parts, one after the other, in the format's code.
class RowReader {
public:
  RowReader(const Recipe &recipe, SourceFiles &sources) : recipe(recipe), sources(sources) {}

  /// Reads up to `most` rows to `to`. \returns how many; 0 at the end.
  llvm::Expected<int64_t> read(int64_t most, char *to) {
    int64_t done = 0, width = recipe.channels * pack::floatBytes(recipe.code);
    while (done < most && part < recipe.parts.size()) {
      const Part &from = recipe.parts[part];
      int64_t rows = std::min(most - done, from.rows - row);
      int64_t rowBytes = recipe.channels * pack::floatBytes(from.code);
      raw.resize_for_overwrite(rows * rowBytes);
      if (llvm::Error error = sources.read(from.file, from.offset + row * rowBytes, raw))
        return error;
      pack::convert(from.code, raw.data(), recipe.code, to + done * width, rows * recipe.channels);
      done += rows;
      row += rows;
      if (row == from.rows)
        ++part, row = 0;
    }
    return done;
  }

private:
  const Recipe &recipe;
  SourceFiles &sources;
  size_t part = 0;
  int64_t row = 0;
  llvm::SmallVector<char, 0> raw;
};

llvm::Error writeRows(const Recipe &recipe, RowReader &reader, ByteSink sink) {
  int64_t width = recipe.channels * pack::floatBytes(recipe.code);
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
  int64_t width = recipe.channels * pack::floatBytes(recipe.code);
  int64_t tileBytes = pack::tileBytes(recipe.code, recipe.channels);
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
      pack::packTile(recipe.code, std::min(pack::kTileRows, *rows - row), recipe.channels,
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
