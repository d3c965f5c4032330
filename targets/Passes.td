// The passes of the target stage, in pipeline order.

#ifndef OSSCC_TARGETS_PASSES_TD
#define OSSCC_TARGETS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "mlir/Rewrite/PassUtil.td"

class CpuPass<string flag, string text> : Pass<flag, "mlir::func::FuncOp"> {
  let summary = text;
  let dependentDialects = ["osscc::abi::AbiDialect", "osscc::tile::TileDialect", "mlir::arith::ArithDialect",
                           "mlir::math::MathDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
                           "mlir::vector::VectorDialect"];
  let options = RewritePassUtils.options;
}

def TileToGridPass : CpuPass<"tile-to-grid", "Expand every kernel into a grid of blocks">;
def TileToVectorPass : CpuPass<"tile-to-vector", "Lower blocks to vectors and loops, all but the dot">;
def X86LowerDotPass : CpuPass<"x86-lower-dot", "Lower tile.dot to fused multiply-adds of the machine's registers">;

#endif // OSSCC_TARGETS_PASSES_TD
