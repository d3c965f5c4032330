// What TileToGpu.cpp expands each kernel-level op by. Each writes the op's kernels and their
// launches; failure comes after an error that names the op.
#pragma once

#include "targets/cuda/Kernel.h"

#include "dialects/tile/Moments.h"
#include "dialects/tile/Recurrence.h"

namespace osscc::cuda {

llvm::LogicalResult expand(Expansion &expansion, tile::GatherOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::MapOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::NormOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::MomentsOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::QuantizeRowsOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::MatmulOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::RotateOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::AppendOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::AttendOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::RouteOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::GatherSlotsOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::CombineOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::ShortConvOp op);
llvm::LogicalResult expand(Expansion &expansion, tile::DeltaRuleOp op);

/// What the region of an op yields for `arguments`, emitted at the kernel's place.
Number inlineRegion(const Emitter &emitter, mlir::Region &region, llvm::ArrayRef<Number> arguments);

} // namespace osscc::cuda
