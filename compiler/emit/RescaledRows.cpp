#include "compiler/emit/RescaledRows.h"

#include "dialects/pack/Floats.h"
#include "support/Error.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;

namespace osscc {

namespace {

class RescaledRows : public RowSource {
public:
  RescaledRows(pack::SliceOp codes, pack::SliceOp scales, int64_t rows, int64_t channels,
               int64_t size)
      : RowSource(rows, channels), codes(codes), scales(scales), size(size),
        width(cast<pack::SourceType>(scales.getType()).getElement().isF32() ? 4 : 2) {
    mlir::MLIRContext *context = codes->getContext();
    encoding.format = pack::FormatAttr::get(context, mlir::Float32Type::get(context), 0, {}, {});
  }

  Origin originOf(int64_t row) const override {
    return {codes.getFile(), row, rows - row, encoding};
  }

protected:
  /// Rows that share their scales.
  int64_t runAt(int64_t first) const override { return size - first % size; }

  Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const override {
    SmallVector<char, 0> bytes(count * channels);
    auto blocks = static_cast<int64_t>(divideCeil(channels, size));
    SmallVector<char, 0> factors(blocks * width);
    if (Error error = files.read(codes.getFile(), placeOf(codes, first * channels), bytes))
      return error;
    if (Error error =
            files.read(scales.getFile(), placeOf(scales, first / size * blocks * width), factors))
      return error;
    for (int64_t row = 0; row < count; ++row)
      for (int64_t channel = 0; channel < channels; ++channel) {
        auto code = static_cast<uint8_t>(bytes[row * channels + channel]);
        float value = pack::e4m3ToFloat(code) * scaleAt(factors.data() + channel / size * width);
        std::memcpy(to + (row * channels + channel) * 4, &value, 4);
      }
    return Error::success();
  }

private:
  /// Of bf16 the upper half of an f32.
  float scaleAt(const char *bytes) const {
    uint32_t bits = width == 4 ? support::endian::read32le(bytes)
                               : uint32_t(support::endian::read16le(bytes)) << 16;
    return bit_cast<float>(bits);
  }
  static uint64_t placeOf(pack::SliceOp slice, int64_t byte) {
    return static_cast<uint64_t>(slice.getOffset()) + byte;
  }

  mutable pack::SliceOp codes, scales;
  int64_t size;
  int64_t width; ///< Of a scale, in bytes.
  Encoding encoding;
};

} // namespace

Expected<std::unique_ptr<RowSource>> openRescaled(pack::RescaleOp rescale) {
  auto codes = rescale.getCodes().getDefiningOp<pack::SliceOp>();
  auto scales = rescale.getScales().getDefiningOp<pack::SliceOp>();
  if (!codes || !scales)
    return inputError("recipe", "codes are rescaled that are no slices, or by none");
  ArrayRef<int64_t> shape = pack::shapeOf(rescale.getValue().getType());
  return std::make_unique<RescaledRows>(codes, scales, shape[0], shape[1],
                                        static_cast<int64_t>(rescale.getSize()));
}

} // namespace osscc
