#include "compiler/emit/RowSource.h"

#include "compiler/emit/RescaledRows.h"
#include "dialects/pack/Blocks.h"
#include "dialects/pack/Formats.h"
#include "support/Error.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

using namespace llvm;

namespace osscc {

int64_t Encoding::rowBytes(int64_t channels) const {
  return blocks ? channels / blocks->elements * blocks->bytes : pack::rowBytes(format, channels);
}

Error RowSource::read(SourceFiles &files, int64_t first, int64_t count, char *to) const {
  while (count > 0) {
    int64_t some = std::min(count, runAt(first));
    if (Error error = readRun(files, first, some, to))
      return error;
    to += some * rowBytes(first);
    first += some;
    count -= some;
  }
  return Error::success();
}

namespace {

using Rows = std::unique_ptr<RowSource>;

int64_t elementsOf(mlir::Type stored) {
  int64_t elements = 1;
  for (int64_t extent : pack::shapeOf(stored))
    elements *= extent;
  return elements;
}

/// Rows that follow each other in a file.
class SliceRows : public RowSource {
public:
  SliceRows(pack::SliceOp slice, int64_t channels)
      : RowSource(elementsOf(slice.getValue().getType()) / channels, channels),
        file(slice.getFile()), offset(static_cast<uint64_t>(slice.getOffset())) {
    mlir::Type type = slice.getValue().getType();
    encoding.blocks = pack::gguf::blocksOf(slice);
    if (auto block = mlir::dyn_cast<pack::BlockType>(type))
      encoding.format = block.getFormat();
    else
      encoding.format = pack::FormatAttr::get(
          type.getContext(), mlir::cast<pack::SourceType>(type).getElement(), 0, {}, {});
  }

  Origin originOf(int64_t row) const override { return {file, row, rows - row, encoding}; }

protected:
  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    int64_t bytes = encoding.rowBytes(channels);
    return files.read(file, offset + first * bytes,
                      MutableArrayRef(to, static_cast<size_t>(count * bytes)));
  }

private:
  StringRef file;
  uint64_t offset;
  Encoding encoding;
};

/// pack.zip: the codes and scales of a row, from two places, become its blocks.
class ZippedRows : public RowSource {
public:
  explicit ZippedRows(pack::ZipOp zip, int64_t channels)
      : RowSource(elementsOf(zip.getBlock().getType()) / channels, channels),
        codes(zip.getCodes().getDefiningOp<pack::SliceOp>()),
        scales(zip.getScales().getDefiningOp<pack::SliceOp>()),
        encoding{zip.getBlock().getType().getFormat()} {}

  Origin originOf(int64_t row) const override {
    return {codes.getFile(), row, rows - row, encoding};
  }

protected:
  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    int64_t groups = channels / kGroup;
    SmallVector<char, 0> code(count * groups * kCodeBytes), scale(count * groups);
    if (Error error =
            files.read(codes.getFile(), placeOf(codes, first * groups * kCodeBytes), code))
      return error;
    if (Error error = files.read(scales.getFile(), placeOf(scales, first * groups), scale))
      return error;
    for (int64_t group = 0; group < count * groups; ++group)
      zip(code.data() + group * kCodeBytes, scale[group], to + group * (1 + kCodeBytes));
    return Error::success();
  }

private:
  static constexpr int64_t kGroup = 32, kCodeBytes = kGroup / 2;

  static uint64_t placeOf(pack::SliceOp slice, int64_t byte) {
    return static_cast<uint64_t>(slice.getOffset()) + byte;
  }

  /// One group: byte i of the codes has channels 2 i and 2 i + 1, byte j of a block j and j + 16.
  static void zip(const char *code, char scale, char *block) {
    block[0] = scale;
    auto codeOf = [&](int64_t channel) {
      return static_cast<uint8_t>(code[channel / 2]) >> (channel % 2 * 4) & 15;
    };
    for (int64_t j = 0; j < kCodeBytes; ++j)
      block[1 + j] = static_cast<char>(codeOf(j) | codeOf(j + kCodeBytes) << 4);
  }

  mutable pack::SliceOp codes, scales;
  Encoding encoding;
};

/// pack.transpose: the values of a row lie a row of the file apart, so each is read for many rows
/// at once.
class TransposedRows : public RowSource {
public:
  TransposedRows(pack::SliceOp slice, int64_t channels)
      : RowSource(elementsOf(slice.getValue().getType()) / channels, channels), from(slice, 1),
        height(pack::shapeOf(slice.getValue().getType()).back()) {}

  Origin originOf(int64_t row) const override {
    Origin origin = from.originOf(0);
    return {origin.file, row, rows - row, origin.encoding};
  }

protected:
  int64_t runAt(int64_t first) const override { return height - first % height; }

  /// Rows of one matrix: columns of the file's.
  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    int64_t member = first / height, inMatrix = first % height;
    int64_t width = originOf(0).encoding.rowBytes(1);
    SmallVector<char, 0> column(count * width);
    for (int64_t channel = 0; channel < channels; ++channel) {
      int64_t line = (member * channels + channel) * height;
      if (Error error = from.read(files, line + inMatrix, count, column.data()))
        return error;
      for (int64_t row = 0; row < count; ++row)
        std::memcpy(to + (row * channels + channel) * width, column.data() + row * width, width);
    }
    return Error::success();
  }

private:
  SliceRows from; // a value a row
  int64_t height; // rows of a matrix
};

/// pack.transpose of what is no slice: a matrix is read whole for some of its columns.
class TransposedMatrices : public RowSource {
public:
  TransposedMatrices(Rows from, int64_t channels)
      : RowSource(from->rows * from->channels / channels, channels), from(std::move(from)) {}

  Origin originOf(int64_t row) const override {
    Origin origin = from->originOf(0);
    return {origin.file, row, rows - row, origin.encoding};
  }

protected:
  int64_t runAt(int64_t first) const override { return height() - first % height(); }

  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    int64_t width = originOf(0).encoding.rowBytes(1), line = height() * width;
    SmallVector<char, 0> matrix(channels * line);
    if (Error error = from->read(files, first / height() * channels, channels, matrix.data()))
      return error;
    for (int64_t row = 0; row < count; ++row)
      for (int64_t channel = 0; channel < channels; ++channel)
        std::memcpy(to + (row * channels + channel) * width,
                    matrix.data() + channel * line + (first % height() + row) * width, width);
    return Error::success();
  }

private:
  /// Rows of a matrix: the source's columns.
  int64_t height() const { return from->channels; }

  Rows from;
};

/// pack.permute: rows of pairs become two halves.
class PermutedRows : public RowSource {
public:
  PermutedRows(Rows from, pack::PermuteOp permute)
      : RowSource(from->rows, from->channels), from(std::move(from)), permute(permute),
        half(static_cast<int64_t>(permute.getSize()) / 2), pairs(permute.turnedRows() / 2) {}

  Origin originOf(int64_t row) const override {
    Origin origin = from->originOf(permute.sourceRow(row));
    origin.alike = rows - row; // a source of several encodings is joined above, not below
    return origin;
  }

protected:
  int64_t runAt(int64_t first) const override {
    int64_t pair = first % half;
    return (pair < pairs ? pairs : half) - pair;
  }

  /// Rows that follow each other in the source, or of pairs every other one.
  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    int64_t bytes = rowBytes(first), source = permute.sourceRow(first);
    if (count == 1 || permute.sourceRow(first + 1) == source + 1)
      return from->read(files, source, count, to);
    SmallVector<char, 0> lines((2 * count - 1) * bytes);
    if (Error error = from->read(files, source, 2 * count - 1, lines.data()))
      return error;
    for (int64_t row = 0; row < count; ++row)
      std::memcpy(to + row * bytes, lines.data() + 2 * row * bytes, bytes);
    return Error::success();
  }

private:
  Rows from;
  mutable pack::PermuteOp permute;
  int64_t half, pairs;
};

/// pack.select: of each so many rows of the source a run.
class SelectedRows : public RowSource {
public:
  SelectedRows(Rows from, int64_t rows, int64_t first, int64_t each)
      : RowSource(rows, from->channels), from(std::move(from)), first(first), each(each),
        count(rows / (this->from->rows / each)) {}

  Origin originOf(int64_t row) const override {
    Origin origin = from->originOf(sourceRow(row));
    origin.alike = std::min(origin.alike, runAt(row));
    return origin;
  }

protected:
  int64_t runAt(int64_t row) const override { return count - row % count; }
  Error readRun(SourceFiles &files, int64_t row, int64_t some, char *to) const override {
    return from->read(files, sourceRow(row), some, to);
  }

private:
  int64_t sourceRow(int64_t row) const { return row / count * each + first + row % count; }

  Rows from;
  int64_t first, each, count;
};

/// pack.concat: in each of `members`, the parts' rows one after the other. pack.stack: the same, as
/// one member.
class JoinedRows : public RowSource {
public:
  JoinedRows(std::vector<Rows> parts, int64_t members, int64_t rows, int64_t channels)
      : RowSource(rows, channels), parts(std::move(parts)), members(members) {}

  Origin originOf(int64_t row) const override {
    auto [part, first, left] = find(row);
    Origin origin = part->originOf(first);
    origin.alike = std::min(origin.alike, left);
    return origin;
  }

protected:
  int64_t runAt(int64_t first) const override { return find(first).left; }
  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    Place place = find(first);
    return place.part->read(files, place.row, count, to);
  }

private:
  struct Place {
    const RowSource *part;
    int64_t row, left; // its rows from there to the end of the member
  };
  Place find(int64_t row) const {
    int64_t member = row / (rows / members), inMember = row % (rows / members);
    for (const Rows &part : parts) {
      int64_t height = part->rows / members;
      if (inMember < height)
        return {part.get(), member * height + inMember, height - inMember};
      inMember -= height;
    }
    llvm_unreachable("the parts' rows add up to the whole's");
  }

  std::vector<Rows> parts;
  int64_t members;
};

/// The members of a stack whose rows are joined: all that lies in front of the dimension.
int64_t membersOf(mlir::Type stored, int64_t along) {
  int64_t members = 1;
  for (int64_t extent : pack::shapeOf(stored).take_front(along))
    members *= extent;
  return members;
}

/// In each of `members` of `whole`, the rows of the values one after the other.
Expected<Rows> openJoin(mlir::ValueRange values, mlir::Type whole, int64_t members,
                        int64_t channels) {
  std::vector<Rows> parts;
  for (mlir::Value value : values) {
    Expected<Rows> part = openRows(value, channels);
    if (!part)
      return part.takeError();
    parts.push_back(std::move(*part));
  }
  return std::make_unique<JoinedRows>(std::move(parts), members, elementsOf(whole) / channels,
                                      channels);
}

Expected<Rows> openTranspose(pack::TransposeOp transpose, int64_t channels) {
  mlir::Value source = transpose.getSource();
  auto slice = source.getDefiningOp<pack::SliceOp>();
  if (slice && !pack::gguf::blocksOf(slice))
    return std::make_unique<TransposedRows>(slice, channels);
  Expected<Rows> from = openRows(source, pack::shapeOf(source.getType()).back());
  if (!from)
    return from.takeError();
  Encoding encoding = (*from)->originOf(0).encoding;
  if (encoding.blocks || encoding.format.isBlock())
    return inputError("recipe", "what is transposed is no matrix of floats");
  return std::make_unique<TransposedMatrices>(std::move(*from), channels);
}

Expected<Rows> openSelect(pack::SelectOp select, int64_t channels) {
  Expected<Rows> from = openRows(select.getSource(), channels);
  if (!from)
    return from.takeError();
  return std::make_unique<SelectedRows>(
      std::move(*from), elementsOf(select.getResult().getType()) / channels,
      static_cast<int64_t>(select.getFirst()), static_cast<int64_t>(select.getEach()));
}

Expected<Rows> openPermute(pack::PermuteOp permute, int64_t channels) {
  Expected<Rows> from = openRows(permute.getSource(), channels);
  if (!from)
    return from.takeError();
  return std::make_unique<PermutedRows>(std::move(*from), permute);
}

} // namespace

Expected<Rows> openRows(mlir::Value value, int64_t channels) {
  return TypeSwitch<mlir::Operation *, Expected<Rows>>(value.getDefiningOp())
      .Case([&](pack::SliceOp slice) { return std::make_unique<SliceRows>(slice, channels); })
      .Case([&](pack::ZipOp zip) -> Expected<Rows> {
        if (!zip.getCodes().getDefiningOp<pack::SliceOp>() ||
            !zip.getScales().getDefiningOp<pack::SliceOp>())
          return inputError("recipe", "codes and scales are zipped that are no slices");
        return std::make_unique<ZippedRows>(zip, channels);
      })
      .Case([&](pack::TransposeOp transpose) { return openTranspose(transpose, channels); })
      .Case([&](pack::SelectOp select) { return openSelect(select, channels); })
      .Case([&](pack::RescaleOp rescale) { return openRescaled(rescale); })
      .Case([&](pack::PermuteOp permute) { return openPermute(permute, channels); })
      .Case([&](pack::ConcatOp join) {
        mlir::Type whole = join.getWhole().getType();
        int64_t members = membersOf(whole, static_cast<int64_t>(join.getAlong()));
        return openJoin(join.getParts(), whole, members, channels);
      })
      .Case([&](pack::StackOp stack) { // as they follow each other
        return openJoin(stack.getParts(), stack.getWhole().getType(), /*members=*/1, channels);
      })
      // The weight's own type says how its rows are decoded, encoded and laid out.
      .Case<pack::QuantizeOp, pack::DequantizeOp, pack::RelayoutOp>(
          [&](mlir::Operation *step) { return openRows(step->getOperand(0), channels); })
      .Default([](mlir::Operation *step) -> Expected<Rows> {
        return inputError("recipe", "unknown step '" + step->getName().getStringRef() + "'");
      });
}

} // namespace osscc
