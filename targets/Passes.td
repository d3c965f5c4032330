// The passes that targets add to the stages kernels and vector, in pipeline order.

#ifndef OSSCC_TARGETS_PASSES_TD
#define OSSCC_TARGETS_PASSES_TD

include "mlir/Pass/PassBase.td"
include "mlir/Rewrite/PassUtil.td"

//===- kernels: how CPU workers share them --------------------------------------------------------------------------===//

// The machine whose numbers a pass goes by; targets give it to their passes themselves.
defvar OfTarget = [Option<"target", "target", "std::string", "\"x86-64-v3\"", "The CPU whose numbers count">];

def SchedulePass : Pass<"tile-schedule", "mlir::func::FuncOp"> {
  let summary = "Choose the blocks of every matmul from the target's table";
  let dependentDialects = ["osscc::tile::TileDialect"];
  let options = OfTarget;
}

def PrefetchWeightsPass : Pass<"tile-prefetch-weights", "mlir::func::FuncOp"> {
  let summary = "Ask for a matmul's weights before the workers meet in front of it";
  let dependentDialects = ["osscc::tile::TileDialect"];
  let options = OfTarget;
}

def SplitAttentionPass : Pass<"tile-split-attention", "mlir::ModuleOp"> {
  let summary = "Give attention memory in which workers leave what they made of spans of one row's past";
  let dependentDialects = ["mlir::memref::MemRefDialect"];
  let options = OfTarget;
}

def OneRowPass : Pass<"tile-one-row", "mlir::ModuleOp"> {
  let summary = "Give segments a second form for one row, with fewer places where workers meet";
  let dependentDialects = ["osscc::abi::AbiDialect", "mlir::arith::ArithDialect", "mlir::memref::MemRefDialect",
                           "mlir::scf::SCFDialect"];
  let options = OfTarget;
}

def InterleaveRowsPass : Pass<"tile-interleave-rows", "mlir::ModuleOp"> {
  let summary = "Let the records of 16 quantized rows lie together, as a matrix unit loads them";
}

def PlaceBarriersPass : Pass<"tile-place-barriers", "mlir::ModuleOp"> {
  let summary = "Place a barrier between every two grids";
  let dependentDialects = ["osscc::abi::AbiDialect"];
}

//===- vector: tile -> vectors of a machine -------------------------------------------------------------------------===//

class CpuPass<string flag, string text, list<string> dialects = []> : Pass<flag, "mlir::func::FuncOp"> {
  let summary = text;
  let dependentDialects = ["osscc::abi::AbiDialect", "osscc::tile::TileDialect", "mlir::arith::ArithDialect",
                           "mlir::math::MathDialect", "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
                           "mlir::vector::VectorDialect"] # dialects;
  let options = RewritePassUtils.options;
}

def X86MatmulToAmxPass : CpuPass<"x86-matmul-to-amx", "Expand matmuls of codes and many rows for a matrix unit",
                                 ["mlir::LLVM::LLVMDialect"]>;
def TileToGridPass : CpuPass<"tile-to-grid", "Expand every kernel into a grid of blocks"> {
  let options = RewritePassUtils.options # OfTarget;
}
def TileToVectorPass : CpuPass<"tile-to-vector", "Lower blocks to vectors and loops, all but dot and lookup">;
def X86LowerDotPass : CpuPass<"x86-lower-dot", "Lower tile.dot and tile.lookup to the machine's instructions",
                              ["mlir::LLVM::LLVMDialect"]> {
  let options = RewritePassUtils.options # [
    Option<"vnni", "vnni", "bool", "false", "Multiply bytes by vpdpbusd, not by AVX2's vpmaddubsw">];
}
def ArmLoadRowsPass : CpuPass<"arm-load-rows", "Load rows whole: multiplications take a lane of a register">;
def ArmLowerDotPass : CpuPass<"arm-lower-dot", "Lower tile.dot and tile.lookup to the machine's instructions",
                              ["mlir::LLVM::LLVMDialect"]> {
  let options = RewritePassUtils.options # [
    Option<"dotprod", "dotprod", "bool", "false", "Multiply bytes by sdot, not by widening multiplications">,
    Option<"i8mm", "i8mm", "bool", "false", "And by usdot, or by usmmla where there are several rows">];
}
def DotToVectorPass : CpuPass<"dot-to-vector", "Lower what the CPU has no instruction for to plain vectors">;

//===- a device's kernels --------------------------------------------------------------------------------------------===//

def CudaSplitAttentionPass : Pass<"cuda-split-attention", "mlir::ModuleOp"> {
  let summary = "Give attention memory in which blocks leave what they made of spans of few rows' past";
  let dependentDialects = ["mlir::memref::MemRefDialect"];
}

def TileToGpuPass : Pass<"tile-to-gpu", "mlir::ModuleOp"> {
  let summary = "Expand every kernel into functions of a device and their launches";
  let dependentDialects = ["osscc::abi::AbiDialect", "mlir::arith::ArithDialect", "mlir::gpu::GPUDialect",
                           "mlir::LLVM::LLVMDialect", "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
                           "mlir::NVVM::NVVMDialect", "mlir::scf::SCFDialect", "mlir::vector::VectorDialect"];
  let options = [Option<"chip", "chip", "std::string", "\"sm_80\"", "The compute capability">,
                 Option<"features", "features", "std::string", "\"+ptx70\"", "The PTX version, as LLVM takes it">];
}

#endif // OSSCC_TARGETS_PASSES_TD
