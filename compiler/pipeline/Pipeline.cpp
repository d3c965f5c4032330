// The stages, one function each, in the order in which a module passes through them.
// docs/design/pipeline.md is the picture.
//
//   graph ─▶ pack ─▶ tile ─▶ kernels ─▶ vector ─▶ llvm
//                           └── the target's ──┘
#include "compiler/pipeline/Pipeline.h"

#include "compiler/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace osscc {
namespace {

void addGraphStage(PassManager &passes, const PipelineOptions &options) {
  passes.addPass(createVerifyStagePass({"import"}));
  passes.addNestedPass<func::FuncOp>(createFuseQkvPass());
  passes.addNestedPass<func::FuncOp>(createFuseGateUpPass());
  passes.addPass(createSpecializeRowsPass({options.maxRows}));
  passes.addPass(createVerifyStagePass({"graph"}));
}

void addPackStage(PassManager &passes, const PipelineOptions &options) {
  passes.addPass(createChooseFormatsPass({options.storage}));
  passes.addPass(createChooseLayoutsPass());
  passes.addPass(createFoldRecipesPass());
  passes.addPass(createVerifyStagePass({"packed"}));
}

void addTileStage(PassManager &passes, const PipelineOptions &options) {
  LlmToTilePassOptions kernels;
  kernels.planes = options.planes;
  kernels.cached = options.cached;
  passes.addPass(createLlmToTilePass(kernels));
  passes.addNestedPass<func::FuncOp>(createFuseEpiloguesPass());
  passes.addNestedPass<func::FuncOp>(createFuseAttentionPass());
  bufferization::OneShotBufferizePassOptions oneShot;
  oneShot.bufferizeFunctionBoundaries = true;
  oneShot.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  passes.addPass(bufferization::createOneShotBufferizePass(oneShot));
  passes.addPass(createBindSegmentsPass());
  // Row counts and views of equal buffers become one value each, so that equal kernels look equal.
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createVerifyStagePass({"tile"}));
}

void addKernelStage(PassManager &passes, const Target &target) {
  target.addKernelPasses(passes);
  passes.addPass(createOutlineKernelsPass());
  passes.addPass(createPlanArenaPass());
  passes.addPass(createShareSegmentsPass());
  passes.addPass(createVerifyStagePass({"kernels"}));
}

void addVectorStage(PassManager &passes, const Target &target) {
  target.addVectorPasses(passes);
  passes.addPass(createVerifyStagePass({"vector"}));
}

void addLowerStage(PassManager &passes, const Target &target, const PipelineOptions &options) {
  // Insertions and extractions of register tiles cancel out; offsets fold.
  passes.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  passes.addNestedPass<func::FuncOp>(createCSEPass());
  passes.addNestedPass<func::FuncOp>(memref::createExpandStridedMetadataPass());
  passes.addNestedPass<func::FuncOp>(createLowerAffinePass());
  passes.addPass(createAbiToLLVMPass());
  if (!target.device.empty()) {
    target.addImagePasses(passes);
    passes.addPass(createEmitImagesPass());
  }
  passes.addNestedPass<func::FuncOp>(createSCFToControlFlowPass());
  passes.addNestedPass<func::FuncOp>(createConvertVectorToLLVMPass());
  passes.addNestedPass<func::FuncOp>(createConvertMathToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addNestedPass<func::FuncOp>(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createDescribeModulePass({options.tier, options.tiers}));
  passes.addPass(createVerifyStagePass({"llvm"}));
}

} // namespace

llvm::StringRef stageName(Stage stage) {
  constexpr llvm::StringLiteral names[] = {"graph", "packed", "tile", "kernels", "vector", "llvm"};
  return names[static_cast<size_t>(stage)];
}

void addStage(PassManager &passes, const Target &target, const PipelineOptions &options,
              Stage stage) {
  switch (stage) {
  case Stage::Graph:
    return addGraphStage(passes, options);
  case Stage::Packed:
    return addPackStage(passes, options);
  case Stage::Tile:
    return addTileStage(passes, options);
  case Stage::Kernels:
    return addKernelStage(passes, target);
  case Stage::Vector:
    return addVectorStage(passes, target);
  case Stage::LLVM:
    return addLowerStage(passes, target, options);
  }
}

} // namespace osscc
