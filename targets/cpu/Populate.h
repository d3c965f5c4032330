// The patterns that `tile-to-grid` and `tile-to-vector` are made of.
#pragma once

#include "mlir/IR/PatternMatch.h"
#include "targets/cpu/Tuning.h"

namespace osscc::cpu {

// One kernel on memrefs becomes a grid of blocks. The tuning must outlive the patterns.
void populateMatmulKernel(mlir::RewritePatternSet &patterns, const Tuning &tuning);   ///< matmul
void populatePrefetchKernel(mlir::RewritePatternSet &patterns, const Tuning &tuning); ///< prefetch
void populateQuantizeRows(mlir::RewritePatternSet &patterns); ///< quantize_rows
void populateNorm(mlir::RewritePatternSet &patterns);         ///< norm
void populateMap(mlir::RewritePatternSet &patterns);          ///< map
void populateGatherRows(mlir::RewritePatternSet &patterns);   ///< gather from rows of floats
void populateGatherBlocks(mlir::RewritePatternSet &patterns); ///< gather from a table of blocks
void populateRotateKernel(mlir::RewritePatternSet &patterns); ///< rotate
void populateAttendKernel(mlir::RewritePatternSet &patterns, const Tuning &tuning); ///< attend
void populateAppendKernel(mlir::RewritePatternSet &patterns);                       ///< append
void populateRoute(mlir::RewritePatternSet &patterns);                              ///< route
void populateSlots(mlir::RewritePatternSet &patterns); ///< gather_slots and combine

// What stands in a block becomes vectors.
void populateUnpack(mlir::RewritePatternSet &patterns);       ///< unpack of floats
void populateUnpackBlocks(mlir::RewritePatternSet &patterns); ///< unpack and scales of blocks
void populateAccumulate(mlir::RewritePatternSet &patterns);   ///< accumulate
void populateExp(mlir::RewritePatternSet &patterns);          ///< the one exp
void populateTanh(mlir::RewritePatternSet &patterns);         ///< the one tanh
void populateLog1p(mlir::RewritePatternSet &patterns);        ///< the one log1p

} // namespace osscc::cpu
