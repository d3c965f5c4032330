// The passes of the target stage, in pipeline order.

#ifndef OSSCC_TARGETS_PASSES_TD
#define OSSCC_TARGETS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "mlir/Rewrite/PassUtil.td"

class CpuPass<string flag, string text, list<string> dialects = []> : Pass<flag, "mlir::func::FuncOp"> {
  let summary = text;
  let dependentDialects = ["osscc::abi::AbiDialect", "osscc::tile::TileDialect", "mlir::arith::ArithDialect",
                           "mlir::math::MathDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
                           "mlir::vector::VectorDialect"] # dialects;
  let options = RewritePassUtils.options;
}

def X86MatmulToAmxPass : CpuPass<"x86-matmul-to-amx", "Expand matmuls of codes and many rows for a matrix unit",
                                 ["mlir::LLVM::LLVMDialect"]>;
def TileToGridPass : CpuPass<"tile-to-grid", "Expand every kernel into a grid of blocks">;
def TileToVectorPass : CpuPass<"tile-to-vector", "Lower blocks to vectors and loops, all but dot and lookup">;
def X86LowerDotPass : CpuPass<"x86-lower-dot", "Lower tile.dot and tile.lookup to the machine's instructions",
                              ["mlir::LLVM::LLVMDialect"]> {
  let options = RewritePassUtils.options # [
    Option<"vnni", "vnni", "bool", "false", "Multiply bytes by vpdpbusd, not by AVX2's vpmaddubsw">];
}
def DotToVectorPass : CpuPass<"dot-to-vector", "Lower what the CPU has no instruction for to plain vectors">;

#endif // OSSCC_TARGETS_PASSES_TD
