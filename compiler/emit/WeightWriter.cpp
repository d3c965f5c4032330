// A recipe is read backwards from its yield: relayout and quantize say how rows are stored, below
// them lie slices, permuted and joined row after row. Rows then flow forwards:
//
//   slices ─ read ─▶ rows as the checkpoint has them ─ decode, encode ─▶ rows of the format ─
//   packTile ─▶ tiles ─▶ sink
//
// A strip of rows takes this way on a thread of its own; the sink gets the strips in their order.
#include "compiler/emit/WeightWriter.h"

#include "compiler/emit/StripQueue.h"
#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/Formats.h"
#include "dialects/pack/gguf/Types.h"
#include "support/Error.h"
#include "llvm/Support/MathExtras.h"
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
  pack::FormatAttr format;        // as the checkpoint has them
  const pack::gguf::Type *blocks; // what they are decoded from, null for what has a format
  int64_t headSize;               // of pack.permute, 0 without it

  int64_t rowBytes(int64_t channels) const {
    return blocks ? channels / blocks->elements * blocks->bytes : pack::rowBytes(format, channels);
  }
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
  Part part{slice.getFile(), static_cast<uint64_t>(slice.getOffset()), 0, {}, nullptr, 0};
  part.blocks = pack::gguf::blocksOf(slice);
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

llvm::Error addParts(mlir::Value value, int64_t headSize, llvm::SmallVector<Part> &parts) {
  mlir::Operation *step = value.getDefiningOp();
  if (auto permute = mlir::dyn_cast<pack::PermuteOp>(step))
    return addParts(permute.getSource(), static_cast<int64_t>(permute.getSize()), parts);
  if (auto slice = mlir::dyn_cast<pack::SliceOp>(step)) {
    parts.push_back(sliceAt(slice));
    parts.back().headSize = headSize;
    return llvm::Error::success();
  }
  // The weight's own type says how its rows are decoded, encoded and laid out.
  if (!mlir::isa<pack::ConcatOp, pack::QuantizeOp, pack::DequantizeOp, pack::RelayoutOp>(step))
    return inputError("recipe", "unknown step '" + step->getName().getStringRef() + "'");
  for (mlir::Value operand : step->getOperands())
    if (llvm::Error error = addParts(operand, headSize, parts))
      return error;
  return llvm::Error::success();
}

llvm::Expected<Recipe> readRecipe(pack::WeightOp weight) {
  auto block = mlir::cast<pack::BlockType>(weight.getType());
  Recipe recipe;
  recipe.name = weight.getSymName();
  recipe.channels = rowsAndChannels(block.getShape()).second;
  recipe.format = block.getFormat();
  recipe.layout = block.getLayout();
  auto yield = mlir::cast<pack::YieldOp>(weight.getRecipe().front().back());
  if (llvm::Error error = addParts(yield.getValue(), 0, recipe.parts))
    return error;
  return recipe;
}

/// The row of the checkpoint's tensor that row `row` comes from: see pack.permute.
int64_t sourceRow(int64_t row, int64_t headSize) {
  if (headSize == 0)
    return row;
  int64_t half = headSize / 2, inHead = row % headSize;
  return row - inHead + 2 * (inHead % half) + inHead / half;
}

/// Reads rows of one strip, on a thread of its own.
class RowReader {
public:
  RowReader(const Recipe &recipe, SourceFiles &sources) : recipe(recipe), sources(sources) {}

  /// Reads rows [first, first + count) of all parts together to `to`, in the weight's format.
  llvm::Error read(int64_t first, int64_t count, char *to) {
    int64_t width = pack::rowBytes(recipe.format, recipe.channels), begin = 0;
    for (const Part &part : recipe.parts) {
      int64_t from = std::max(first, begin), end = std::min(first + count, begin + part.rows);
      if (from < end) {
        if (llvm::Error error = readRaw(part, from - begin, end - from))
          return error;
        if (llvm::Error error = store(part, from - begin, end - from, to + (from - first) * width))
          return error;
      }
      begin += part.rows;
    }
    return llvm::Error::success();
  }

private:
  /// Rows [row, row + rows) of a part as the checkpoint has them, permuted.
  llvm::Error readRaw(const Part &from, int64_t row, int64_t rows) {
    int64_t bytes = from.rowBytes(recipe.channels);
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

  /// Rows in `raw`, row `row` of the part first, to the weight's format; the same bytes where the
  /// format is the checkpoint's.
  llvm::Error store(const Part &from, int64_t row, int64_t rows, char *to) {
    if (std::optional<int64_t> damaged = decode(from, rows))
      return inputError(from.file,
                        "tensor '" + recipe.name + "': row " +
                            llvm::Twine(sourceRow(row + *damaged, from.headSize)) +
                            " has a block whose scale or minimum is not finite",
                        "the file looks damaged; fetch it again");
    if (from.format == recipe.format && !from.blocks) {
      std::memcpy(to, raw.data(), raw.size());
      return llvm::Error::success();
    }
    if (!pack::encodeRows(recipe.format, rows, recipe.channels, values.data(), to))
      return inputError(from.file,
                        "tensor '" + recipe.name +
                            "': a value is not finite, and no code stands for it",
                        "--quantize=keep stores it as it is");
    if (from.blocks && recipe.format.isBlock())
      addLoss(from, rows, to);
    return llvm::Error::success();
  }

  /// Rows in `raw` to `values`, unless they are stored as they are. \returns the first row whose
  /// scales are not finite.
  std::optional<int64_t> decode(const Part &from, int64_t rows) {
    if (!from.blocks) {
      if (from.format != recipe.format) {
        values.resize_for_overwrite(rows * recipe.channels);
        pack::decodeRows(from.format, rows, recipe.channels, raw.data(), values.data());
      }
      return pack::firstRowNotFinite(from.format, rows, recipe.channels, raw.data());
    }
    values.resize_for_overwrite(rows * recipe.channels);
    pack::gguf::decodeBlocks(*from.blocks, raw, values);
    std::optional<size_t> value = pack::gguf::firstNotFinite(values);
    return value ? std::optional<int64_t>(*value / recipe.channels) : std::nullopt;
  }

  /// What the weight's format makes of `values`, against them.
  void addLoss(const Part &from, int64_t rows, const char *stored) {
    llvm::SmallVector<float, 0> kept(values.size());
    pack::decodeRows(recipe.format, rows, recipe.channels, stored, kept.data());
    Loss loss{pack::rowOf(recipe.format).name.str(), uint64_t(values.size())};
    for (auto [value, found] : llvm::zip_equal(values, kept)) {
      loss.squares += double(value) * value;
      loss.errors += (double(found) - value) * (double(found) - value);
    }
    sources.addLoss(from.blocks->name, loss);
  }

  const Recipe &recipe;
  SourceFiles &sources;
  Strip raw;
  llvm::SmallVector<float, 0> values;
};

/// Rows [first, first + count) as they are stored row by row.
llvm::Expected<Strip> makeRows(const Recipe &recipe, SourceFiles &sources, int64_t first,
                               int64_t count) {
  Strip rows;
  rows.resize_for_overwrite(count * pack::rowBytes(recipe.format, recipe.channels));
  if (llvm::Error error = RowReader(recipe, sources).read(first, count, rows.data()))
    return error;
  return rows;
}

/// The tiles of rows [first, first + count).
llvm::Expected<Strip> makeTiles(const Recipe &recipe, SourceFiles &sources, int64_t first,
                                int64_t count) {
  llvm::Expected<Strip> rows = makeRows(recipe, sources, first, count);
  if (!rows)
    return rows.takeError();
  int64_t width = pack::rowBytes(recipe.format, recipe.channels);
  int64_t bytes = pack::tileBytes(recipe.format, recipe.channels);
  Strip tiles;
  tiles.resize_for_overwrite(llvm::divideCeil(count, pack::kTileRows) * bytes);
  for (int64_t row = 0; row < count; row += pack::kTileRows)
    pack::packTile(recipe.format, std::min(pack::kTileRows, count - row), recipe.channels,
                   rows->data() + row * width, tiles.data() + row / pack::kTileRows * bytes);
  return tiles;
}

} // namespace

SourceFiles::~SourceFiles() {
  for (auto &entry : descriptors)
    ::close(entry.second);
}

llvm::Expected<int> SourceFiles::open(llvm::StringRef file, llvm::StringRef path) {
  std::lock_guard<std::mutex> guard(lock);
  auto found = descriptors.find(file);
  if (found != descriptors.end())
    return found->second;
  int descriptor = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return inputError(path, "cannot be read: " + std::generic_category().message(errno));
  descriptors[file] = descriptor;
  return descriptor;
}

void SourceFiles::addLoss(llvm::StringRef blocks, const Loss &loss) {
  std::lock_guard<std::mutex> guard(lock);
  Loss &all = lossOf[blocks.str()];
  all.stored = loss.stored;
  all.values += loss.values;
  all.squares += loss.squares;
  all.errors += loss.errors;
}

llvm::Error SourceFiles::read(llvm::StringRef file, uint64_t offset,
                              llvm::MutableArrayRef<char> to) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  llvm::Expected<int> descriptor = open(file, path);
  if (!descriptor)
    return descriptor.takeError();
  while (!to.empty()) {
    ssize_t got = ::pread(*descriptor, to.data(), to.size(), static_cast<off_t>(offset));
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

llvm::Error writeWeight(pack::WeightOp weight, SourceFiles &sources,
                        llvm::ThreadPoolInterface &threads, ByteSink sink) {
  llvm::Expected<Recipe> read = readRecipe(weight);
  if (!read)
    return read.takeError();
  const Recipe &recipe = *read;
  auto make = recipe.layout == pack::Layout::Tiles ? makeTiles : makeRows;
  int64_t rows = 0, bytes = pack::tileBytes(recipe.format, recipe.channels);
  for (const Part &part : recipe.parts)
    rows += part.rows;
  int64_t step = std::max<int64_t>(1, kStripBytes / bytes) * pack::kTileRows;
  StripQueue queue(threads);
  for (int64_t first = 0; first < rows || !queue.isEmpty();) {
    for (; first < rows && !queue.isFull(); first += step)
      queue.add([&recipe, &sources, make, first, count = std::min(step, rows - first)] {
        return make(recipe, sources, first, count);
      });
    llvm::Expected<Strip> strip = queue.next();
    if (!strip)
      return strip.takeError();
    if (llvm::Error error = sink(*strip))
      return error;
  }
  return llvm::Error::success();
}

} // namespace osscc
