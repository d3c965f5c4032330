// What steps of 64 positions have in common, whatever the layout of keys: widened numbers, masks,
// the softmax of a step.
#pragma once

#include "targets/cpu/attention/Span.h"

namespace osscc::cpu {

/// Vectors of positions of a step.
inline constexpr int64_t kStepVectors = kPageStep / kKeyLanes;
/// Steps of a span.
inline constexpr int64_t kSpanSteps = tile::kAttentionSpan / kPageStep;

/// A head's running maximum, a scalar, and running sums, 16 lanes.
struct Softmax {
  mlir::Value maximum, sums;
};

/// The emitter of a span's steps.
struct SpanSteps : PageAccess {
  SpanOf of;
  SpanScratch scratch;

  mlir::Type f32() { return builder.getF32Type(); }
  mlir::VectorType lanes() { return floats(kKeyLanes); }

  /// Lanes of a page, widened.
  mlir::Value loadStored(mlir::Value memory, int64_t count, mlir::ValueRange at);
  /// The lanes of vector `v` of a step that belong to its first `count` positions.
  mlir::Value firstLanes(mlir::Value count, int64_t v);
  /// Vector `v` of the scales of a step's codes.
  mlir::Value loadScales(mlir::Value scales, mlir::Value slot, int64_t v);
  /// One head's softmax of a step: weights to the scratch, times the scales of the values that they
  /// weigh. \returns the factor of what came before.
  mlir::Value emitSoftmax(mlir::ValueRange scores, int64_t h,
                          llvm::ArrayRef<mlir::Value> valueScales, Softmax &state);
};

} // namespace osscc::cpu
