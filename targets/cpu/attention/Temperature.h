// What the scores of a row are multiplied by, for attention whose scores grow with the position.
#pragma once

#include "targets/cpu/Emitter.h"

#include "dialects/tile/Tile.h"

namespace osscc::cpu {

/// 1 + scale * log(1 + floor((position + offset) / step)), an f32; `position` is an index.
mlir::Value emitTemperature(const Emitter &emit, mlir::Value position,
                            tile::TemperatureAttr temperature);

} // namespace osscc::cpu
