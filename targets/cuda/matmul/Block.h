// What the kernels of a matmul have in common: where weights lie, and what becomes of a finished
// sum.
#pragma once

#include "targets/cuda/Kernel.h"

namespace osscc::cuda {

/// Runs that the input channels of a matrix are cut into; each is summed for itself, then the runs
/// are added up in their order: a part of the numbers.
inline constexpr int64_t kRuns = 32;

/// The emitter of a block.
struct MatmulBlock {
  Kernel &k;
  tile::MatmulOp op;
  Rows x, out;
  Number matrix; ///< Of a stack, or null.

  int64_t parts() { return static_cast<int64_t>(op.getParts()); }
  int64_t planes() { return static_cast<int64_t>(op.getPlanes()); }
  int64_t groups() { return static_cast<int64_t>(op.getGroups()); }
  mlir::MemRefType weights() { return mlir::cast<mlir::MemRefType>(op.getW().getType()); }
  int64_t tilesOfPart();
  /// Input channels of one matrix.
  int64_t inputs();
  /// Where tile `tile` of a part begins.
  Number tileOf(Number tile, int64_t part);
  /// The sum of products from which dots of unsigned codes begin: -zero times the sum of the row's
  /// codes, of which `offset` is -128 times.
  Number startBelow(Number offset, int64_t zero);
  /// Stores the epilogue of element [row, n], of which `sums` has a sum a part.
  void finish(llvm::ArrayRef<Number> sums, Number row, Number n);
};

/// Threads of a block of few rows: half a warp is a run.
inline constexpr int64_t kMatmulThreads = kRuns * pack::kTileRows;

/// The kernel of a matmul of one row that computes the row's norm first, and its launch.
void createNormedKernel(Expansion &expansion, tile::NormOp norm, tile::MatmulOp op);
/// Lets matmuls begin with the norm before them, in calls of one row.
void fuseNorms(mlir::ModuleOp module, mlir::gpu::GPUModuleOp device);

/// Whether a matmul of many rows is one for tensor cores, which multiply codes of one plane.
bool hasTensorKernel(tile::MatmulOp op);
/// The kernel of such a matmul for many rows, and its launch.
void createTensorKernel(Expansion &expansion, tile::MatmulOp op);

} // namespace osscc::cuda
