// One span of a row's past: what attend computes between two merges (docs/design/numerics.md).
#pragma once

#include "targets/cpu/Tuning.h"
#include "targets/cpu/attention/Pages.h"

namespace osscc::cpu {

/// Memory of one worker: f32 queries of a block's heads [share * size], the span's record [share *
/// tile::partialFloats(value size)], and weights of a step.
struct SpanScratch {
  mlir::Value queries, record, weights;
};

/// Floats of `weights`.
int64_t weightFloats(const Tuning &tuning);

/// What a span belongs to.
struct SpanOf {
  mlir::Value position, sequence, keyHead;
  int64_t share;           ///< query heads of the block, which have the key-value head in common
  double scale;            ///< of the scores
  double softcap;          ///< that no score exceeds; 0: none
  mlir::Value first;       ///< the first position that a mask lets the row see; null: all are seen
  mlir::Value temperature; ///< what the row's scores are multiplied by besides; null: nothing
};

/// Emits attention of the queries over the positions of span `number` that the row sees. Leaves
/// sums that are not yet divided in the scratch's record.
void emitSpan(PageAccess access, const Tuning &tuning, const SpanOf &of, const SpanScratch &scratch,
              mlir::Value number);

/// The same over latents, whose rows are key and value in one.
void emitLatentSpan(PageAccess access, const SpanOf &of, const SpanScratch &scratch,
                    mlir::Value number);

} // namespace osscc::cpu
