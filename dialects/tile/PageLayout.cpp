#include "dialects/tile/PageLayout.h"

namespace osscc::tile {

PageLayout::PageLayout(CacheAttr cache) {
  int64_t heads = cache.getHeads(), size = cache.getSize(), rows = cache.getRows();
  mlir::Type stored = cache.getStored();
  int64_t rowBytes = heads * rows * size * stored.getIntOrFloatBitWidth() / 8;
  values = cache.isLatent() ? 0 : rowBytes;
  int64_t scales = stored.isInteger() ? heads * rows * 4 : 0;
  keyScales = values + rowBytes;
  valueScales = keyScales + scales;
  bytes = valueScales + scales;
  keysType = mlir::MemRefType::get({heads, rows / kAttentionStep, size, kAttentionStep}, stored);
  valuesType = mlir::MemRefType::get({heads, rows, size}, stored);
  scalesType = mlir::MemRefType::get({heads, rows}, mlir::Float32Type::get(cache.getContext()));
}

} // namespace osscc::tile
