// A recipe's rows flow from the checkpoint to the sink:
//
//   RowSource ─ read ─▶ rows as the checkpoint has them ─ decode, encode ─▶ rows of the format ─
//   packTile ─▶ tiles ─▶ sink
//
// A strip of rows takes this way on a thread of its own; the sink gets the strips in their order.
#include "compiler/emit/WeightWriter.h"

#include "compiler/emit/RowSource.h"
#include "compiler/emit/StripQueue.h"
#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/Formats.h"
#include "dialects/pack/gguf/Types.h"
#include "support/Error.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

namespace osscc {
namespace {

/// Bytes that are read, converted and written at a time, about: large enough for the disk, small
/// enough for the cache.
constexpr int64_t kStripBytes = 1 << 20;

/// A recipe in the order in which it runs.
struct Recipe {
  llvm::StringRef name;
  std::unique_ptr<RowSource> rows;
  int64_t channels;
  int64_t matrixRows; // of each matrix of a stack, whose tiles are its own; else all
  pack::FormatAttr format;
  pack::Layout layout;
};

llvm::Expected<Recipe> readRecipe(pack::WeightOp weight) {
  auto block = mlir::cast<pack::BlockType>(weight.getType());
  llvm::ArrayRef<int64_t> shape = block.getShape();
  bool vectors = shape.size() == 1 || weight.getRole() == pack::Role::Vectors;
  // Vectors are put in order value by value, but what is transposed is a matrix until then.
  bool isMatrix = !vectors || !weight.getRecipe().getOps<pack::TransposeOp>().empty();
  int64_t channels = isMatrix ? shape.back() : 1;
  auto yield = mlir::cast<pack::YieldOp>(weight.getRecipe().front().back());
  auto rows = openRows(yield.getValue(), channels);
  if (!rows)
    return rows.takeError();
  int64_t matrixRows = shape.size() == 3 ? shape[1] : (*rows)->rows;
  return Recipe{weight.getSymName(), std::move(*rows),  channels,
                matrixRows,          block.getFormat(), block.getLayout()};
}

/// Reads rows of one strip, on a thread of its own.
class RowReader {
public:
  RowReader(const Recipe &recipe, SourceFiles &sources) : recipe(recipe), sources(sources) {}

  /// Reads rows [first, first + count) to `to`, in the weight's format.
  llvm::Error read(int64_t first, int64_t count, char *to) {
    int64_t width = pack::rowBytes(recipe.format, recipe.channels);
    while (count > 0) {
      Origin from = recipe.rows->originOf(first);
      int64_t some = std::min(count, from.alike);
      raw.resize_for_overwrite(some * from.encoding.rowBytes(recipe.channels));
      if (llvm::Error error = recipe.rows->read(sources, first, some, raw.data()))
        return error;
      if (llvm::Error error = store(from, first, some, to))
        return error;
      first += some;
      count -= some;
      to += some * width;
    }
    return llvm::Error::success();
  }

private:
  /// Rows in `raw`, row `first` of the weight first, to the weight's format; the same bytes where
  /// the format is the checkpoint's.
  llvm::Error store(const Origin &from, int64_t first, int64_t rows, char *to) {
    const Encoding &encoding = from.encoding;
    if (std::optional<int64_t> damaged = decode(encoding, rows))
      return inputError(from.file,
                        "tensor '" + recipe.name + "': row " +
                            llvm::Twine(recipe.rows->originOf(first + *damaged).row) +
                            " has a block whose scale or minimum is not finite",
                        "the file looks damaged; fetch it again");
    if (encoding.format == recipe.format && !encoding.blocks) {
      std::memcpy(to, raw.data(), raw.size());
      return llvm::Error::success();
    }
    if (!pack::encodeRows(recipe.format, rows, recipe.channels, values.data(), to))
      return inputError(from.file,
                        "tensor '" + recipe.name +
                            "': a value is not finite, and no code stands for it",
                        "--quantize=keep stores it as it is");
    if (encoding.blocks && recipe.format.isBlock())
      addLoss(*encoding.blocks, rows, to);
    return llvm::Error::success();
  }

  /// Rows in `raw` to `values`, unless they are stored as they are. \returns the first row whose
  /// scales are not finite.
  std::optional<int64_t> decode(const Encoding &from, int64_t rows) {
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
  void addLoss(const pack::gguf::Type &blocks, int64_t rows, const char *stored) {
    llvm::SmallVector<float, 0> kept(values.size());
    pack::decodeRows(recipe.format, rows, recipe.channels, stored, kept.data());
    Loss loss{pack::rowOf(recipe.format).name.str(), uint64_t(values.size())};
    for (auto [value, found] : llvm::zip_equal(values, kept)) {
      loss.squares += double(value) * value;
      loss.errors += (double(found) - value) * (double(found) - value);
    }
    sources.addLoss(blocks.name, loss);
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

/// Rows [first, first + count) of a table.
llvm::Expected<Strip> makeTable(const Recipe &recipe, SourceFiles &sources, int64_t first,
                                int64_t count) {
  llvm::Expected<Strip> rows = makeRows(recipe, sources, first, count);
  if (!rows || !recipe.format.isBlock()) // of floats a row is as it is
    return rows;
  int64_t width = pack::rowBytes(recipe.format, recipe.channels);
  int64_t bytes = pack::tableRowBytes(recipe.format, recipe.channels);
  Strip table;
  table.resize_for_overwrite(count * bytes);
  for (int64_t row = 0; row < count; ++row)
    pack::packTableRow(recipe.format, recipe.channels, rows->data() + row * width,
                       table.data() + row * bytes);
  return table;
}

auto makerOf(pack::Layout layout) {
  if (layout == pack::Layout::Tiles)
    return makeTiles;
  return layout == pack::Layout::Table ? makeTable : makeRows;
}

} // namespace

llvm::Error writeWeight(pack::WeightOp weight, SourceFiles &sources,
                        llvm::ThreadPoolInterface &threads, ByteSink sink) {
  llvm::Expected<Recipe> read = readRecipe(weight);
  if (!read)
    return read.takeError();
  const Recipe &recipe = *read;
  auto make = makerOf(recipe.layout);
  int64_t rows = recipe.rows->rows, bytes = pack::tileBytes(recipe.format, recipe.channels);
  int64_t step = std::max<int64_t>(1, kStripBytes / bytes) * pack::kTileRows;
  StripQueue queue(threads);
  for (int64_t first = 0; first < rows || !queue.isEmpty();) {
    while (first < rows && !queue.isFull()) {
      int64_t count = std::min(step, recipe.matrixRows - first % recipe.matrixRows);
      queue.add(
          [&recipe, &sources, make, first, count] { return make(recipe, sources, first, count); });
      first += count;
    }
    llvm::Expected<Strip> strip = queue.next();
    if (!strip)
      return strip.takeError();
    if (llvm::Error error = sink(*strip))
      return error;
  }
  return llvm::Error::success();
}

} // namespace osscc
