// Every pass of the compiler's stages, in pipeline order: the index of the compiler. The pipeline itself is
// compiler/pipeline/Pipeline.cpp; a target's own passes are in targets/Passes.td.

#ifndef OSSCC_COMPILER_PASSES_TD
#define OSSCC_COMPILER_PASSES_TD

include "mlir/Pass/PassBase.td"
include "mlir/Rewrite/PassUtil.td"

//===- graph: llm -> llm -------------------------------------------------------------------------------------------===//

def FuseQkvPass : Pass<"llm-fuse-qkv", "mlir::func::FuncOp"> {
  let summary = "Join the query, key and value projections of a layer into one linear";
  let dependentDialects = ["osscc::llm::LlmDialect"];
  let options = RewritePassUtils.options;
}

def FuseGateUpPass : Pass<"llm-fuse-gate-up", "mlir::func::FuncOp"> {
  let summary = "Join the gate and up projections of an MLP into one linear";
  let dependentDialects = ["osscc::llm::LlmDialect"];
  let options = RewritePassUtils.options;
}

def SpecializeRowsPass : Pass<"llm-specialize-rows", "mlir::ModuleOp"> {
  let summary = "Bound the rows of one call, and compute the head for the wanted rows alone";
  let description = [{
    T stays a run-time value up to `max-rows`, which sizes the scratch memory. The head begins with `llm.output_rows`, so
    that a prefill chunk pays for one row of logits, not for all.
  }];
  let dependentDialects = ["osscc::llm::LlmDialect"];
  let options = [Option<"maxRows", "max-rows", "int64_t", "512", "Rows of one call at most">];
}

//===- pack: llm -> llm + pack -------------------------------------------------------------------------------------===//

def ChooseFormatsPass : Pass<"pack-choose-formats", "mlir::ModuleOp"> {
  let summary = "Give every weight the format in which it is stored";
  let description = [{
    Matrices take `storage`, or keep their element type or block format; rows of one value a channel (norm scales) are f32.
    `int8` is a signed code and a scale for 32 channels, `int4` an unsigned one with scale and minimum, but `int8` for the
    tables of `embed` and `logits`.
  }];
  let dependentDialects = ["osscc::pack::PackDialect"];
  let options = [Option<"storage", "storage", "std::string", "\"keep\"", "keep, f32, f16, bf16, int8 or int4">];
}

def ChooseLayoutsPass : Pass<"pack-choose-layouts", "mlir::ModuleOp"> {
  let summary = "Give every matrix the one layout of its format";
  let dependentDialects = ["osscc::pack::PackDialect"];
}

def FoldRecipesPass : Pass<"pack-fold-recipes", "mlir::ModuleOp"> {
  let summary = "Absorb joins of weights into recipes and drop weights that nobody reads";
  let dependentDialects = ["osscc::pack::PackDialect"];
  let options = RewritePassUtils.options;
}

//===- tile: llm -> tile -------------------------------------------------------------------------------------------===//

def LlmToTilePass : Pass<"llm-to-tile", "mlir::ModuleOp"> {
  let summary = "Turn every llm op into a kernel";
  let dependentDialects = ["osscc::tile::TileDialect", "osscc::abi::AbiDialect", "mlir::tensor::TensorDialect",
                           "mlir::arith::ArithDialect", "mlir::math::MathDialect"];
  let options = RewritePassUtils.options # [
    Option<"planes", "planes", "int64_t", "2",
           "Planes of 8 bits that activations take where a weight is stored in blocks: 1 or 2">,
    Option<"cached", "cached", "std::string", "\"f16\"", "What the cache holds: f16, f32 or int8">];
}

def FuseEpiloguesPass : Pass<"tile-fuse-epilogues", "mlir::func::FuncOp"> {
  let summary = "Fold elementwise kernels into the matmul that feeds them";
  let dependentDialects = ["osscc::tile::TileDialect"];
  let options = RewritePassUtils.options;
}

def FuseAttentionPass : Pass<"tile-fuse-attention", "mlir::func::FuncOp"> {
  let summary = "Fold rotation and quantization into the attention that they surround";
  let dependentDialects = ["osscc::tile::TileDialect"];
  let options = RewritePassUtils.options;
}

def BindSegmentsPass : Pass<"tile-bind-segments", "mlir::ModuleOp"> {
  let summary = "Give segments their place in the ABI: hidden rows, outputs and weights";
  let description = [{
    After bufferization a segment is a function of its hidden rows or its output. Both become parts of the call frame, and
    `pack.get` becomes the weight's memory.
  }];
  let dependentDialects = ["osscc::abi::AbiDialect", "mlir::memref::MemRefDialect"];
}

def OutlineKernelsPass : Pass<"tile-outline-kernels", "mlir::ModuleOp"> {
  let summary = "Make kernels that are equal up to their operands one function";
  let dependentDialects = ["mlir::func::FuncDialect"];
}

def PlanArenaPass : Pass<"tile-plan-arena", "mlir::ModuleOp"> {
  let summary = "Place every scratch buffer of a segment in the arena, by liveness";
  let dependentDialects = ["osscc::abi::AbiDialect"];
}

def ShareSegmentsPass : Pass<"tile-share-segments", "mlir::ModuleOp"> {
  let summary = "Make layers that are equal up to their weights and constants one function";
}

//===- lower: target-free tail -------------------------------------------------------------------------------------===//

def AbiToLLVMPass : Pass<"abi-to-llvm", "mlir::ModuleOp"> {
  let summary = "Read what the code asks of the runtime from the call frame";
  let dependentDialects = ["mlir::LLVM::LLVMDialect", "mlir::arith::ArithDialect"];
  let options = RewritePassUtils.options;
}

def EmitImagesPass : Pass<"abi-emit-images", "mlir::ModuleOp"> {
  let summary = "Compile a device's kernels to the images that the executable holds";
}

def DescribeModulePass : Pass<"abi-describe-module", "mlir::ModuleOp"> {
  let summary = "Build osscc_module, the table by which the runtime finds segments, weights and caches";
  let dependentDialects = ["mlir::LLVM::LLVMDialect"];
  let options = [
    Option<"tier", "tier", "int64_t", "0", "Which of the file's tiers this module is; the first holds osscc_module">,
    Option<"tiers", "tiers", "int64_t", "1", "How many CPU tiers the file has">
  ];
}

//===- after each stage --------------------------------------------------------------------------------------------===//

def VerifyStagePass : Pass<"verify-stage", "mlir::ModuleOp"> {
  let summary = "Check that only the stage's dialects remain";
  let options = [Option<"stage", "stage", "std::string", "", "import, graph, packed, tile, kernels, vector or llvm">];
}

#endif // OSSCC_COMPILER_PASSES_TD
