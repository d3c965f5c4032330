// Registration and attributes of the tile dialect.
#include "dialects/tile/Moments.h"
#include "dialects/tile/Recurrence.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/tile/TileDialect.cpp.inc"
#include "dialects/tile/TileDialectEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/tile/TileDialectAttrs.cpp.inc"

using namespace mlir;

namespace osscc::tile {

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/tile/TileDialectAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/tile/TileOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/tile/TileRecurrence.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/tile/TileMoments.cpp.inc"
      >();
}

LogicalResult ScheduleAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t m,
                                   int64_t n, int64_t k, int64_t lanes, int64_t columns,
                                   int64_t few, int64_t level) {
  if (m < 1 || k < 2 || k % 2 != 0)
    return emitError() << "a schedule takes at least one row and an even number of channels a step";
  if (n < pack::kTileRows || n % pack::kTileRows != 0)
    return emitError() << "n is a whole number of tiles of " << pack::kTileRows << " rows, found "
                       << n;
  if (lanes < 1 || pack::kTileRows % lanes != 0)
    return emitError() << "lanes divide a tile of " << pack::kTileRows << " rows, found " << lanes;
  if (columns < pack::kTileRows || columns % pack::kTileRows != 0 || n % columns != 0)
    return emitError() << "columns are whole tiles and divide n, found " << columns << " of " << n;
  if (few < 0 || few > kFewRows)
    return emitError() << "few is at most " << kFewRows << ", found " << few;
  if (level != 1 && level != 2)
    return emitError() << "level is 1 or 2, found " << level;
  return success();
}

LogicalResult CacheAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t group,
                                int64_t heads, int64_t size, int64_t rows, Type stored,
                                int64_t ring, int64_t values) {
  if (group < 0 || heads < 1 || size < 1 || ring < 0)
    return emitError() << "a cache has heads of channels, found " << heads << " of " << size
                       << " in group " << group << " with " << ring << " pages";
  if (rows < 1 || rows % kAttentionStep != 0)
    return emitError() << "a page is a whole number of " << kAttentionStep << " positions, found "
                       << rows;
  if (!stored.isF16() && !stored.isF32() && !stored.isInteger(8))
    return emitError() << "caches f16, f32 or i8, found " << stored;
  if (values < 0 || (values > 0 && values >= size))
    return emitError() << "latents of " << size << " channels have " << values << " of the value";
  return success();
}

LogicalResult MaskAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, int64_t window,
                               bool /*chunked*/) {
  if (window < 1)
    return emitError() << "a window has a position at least, found " << window;
  return success();
}

LogicalResult TemperatureAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                      int64_t step, FloatAttr scale, int64_t offset) {
  bool fits = step > 0 && offset >= 0 && scale && scale.getValue().isFinite() &&
              !scale.getValue().isNegative();
  if (!fits)
    return emitError() << "a temperature has a step of positions, an offset and a finite scale, "
                          "none of them negative";
  return success();
}

} // namespace osscc::tile
