// Kernels become functions of the device. Each stands alone in a function, which segments call; it
// stays on the host, and starts what it was:
//
//   func private @norm_1(%x, %w, %out) {          func private @norm_1(%x, %w, %out) {
//     tile.norm ins(%x, %w) outs(%out)              abi.launch @kernels::@norm_1 grid(...) (%x,
//     ...)
//   }                                     ==>     gpu.module @kernels {
//                                                   gpu.func @norm_1(%call, %x, %w, %out) kernel
//
// The files of targets/cuda have an expansion each. Stage: vector, a device.
#include "dialects/abi/AbiDialect.h"
#include "targets/Passes.h"
#include "targets/cpu/Populate.h"
#include "targets/cuda/Populate.h"
#include "targets/cuda/matmul/Block.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_TILETOGPUPASS
#include "targets/Passes.h.inc"

namespace {

/// Expands the op that stands alone in a function.
LogicalResult expandKernel(func::FuncOp function, Operation *kernel, gpu::GPUModuleOp device) {
  cuda::Expansion expansion{function, device, OpBuilder(kernel), kernel->getLoc()};
  LogicalResult done =
      llvm::TypeSwitch<Operation *, LogicalResult>(kernel)
          .Case<tile::GatherOp, tile::MapOp, tile::NormOp, tile::MomentsOp, tile::QuantizeRowsOp,
                tile::MatmulOp, tile::RotateOp, tile::AppendOp, tile::AttendOp, tile::RouteOp,
                tile::GatherSlotsOp, tile::CombineOp, tile::ShortConvOp, tile::DeltaRuleOp>(
              [&](auto op) { return cuda::expand(expansion, op); })
          .Default([](Operation *op) {
            return op->emitError() << op->getName() << " has no kernel for CUDA yet";
          });
  if (succeeded(done))
    kernel->erase();
  return done;
}

/// A function of floats by LLVM's intrinsic, which has an instruction: upstream would call the
/// vendor's library.
template <typename Op> struct ByIntrinsic : OpRewritePattern<Op> {
  StringRef intrinsic;
  ByIntrinsic(MLIRContext *context, StringRef name)
      : OpRewritePattern<Op>(context), intrinsic(name) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    std::string name = (intrinsic + (type.isF64() ? ".f64" : ".f32")).str();
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(op, type, rewriter.getStringAttr(name),
                                                       op->getOperands());
    return success();
  }
};

struct TileToGpuPass : osscc::impl::TileToGpuPassBase<TileToGpuPass> {
  using TileToGpuPassBase::TileToGpuPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    Attribute target = NVVM::NVVMTargetAttr::get(&getContext(), /*optLevel=*/3,
                                                 "nvptx64-nvidia-cuda", chip, features);
    auto device =
        gpu::GPUModuleOp::create(builder, module.getLoc(), "kernels", builder.getArrayAttr(target));
    cuda::fuseNorms(module, device);
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (function.isExternal())
        continue;
      Operation *first = &function.getBody().front().front();
      if (isa<tile::TileDialect>(first->getDialect()) &&
          failed(expandKernel(function, first, device)))
        return signalPassFailure();
    }
    SmallVector<Attribute> kernels;
    for (auto kernel : device.getOps<gpu::GPUFuncOp>())
      kernels.push_back(abi::KernelAttr::get(&getContext(), kernel.getNameAttr(), 0));
    module->setAttr("abi.kernels", builder.getArrayAttr(kernels));
    RewritePatternSet library(&getContext());
    cpu::populateExp(library);
    cpu::populateTanh(library);
    cpu::populateLog1p(library);
    library.add<ByIntrinsic<math::SqrtOp>>(&getContext(), "llvm.sqrt");
    library.add<ByIntrinsic<math::AbsFOp>>(&getContext(), "llvm.fabs");
    library.add<ByIntrinsic<math::RoundEvenOp>>(&getContext(), "llvm.roundeven");
    library.add<ByIntrinsic<math::CopySignOp>>(&getContext(), "llvm.copysign");
    library.add<ByIntrinsic<arith::MaxNumFOp>>(&getContext(), "llvm.maxnum");
    library.add<ByIntrinsic<arith::MinNumFOp>>(&getContext(), "llvm.minnum");
    library.add<ByIntrinsic<arith::MaximumFOp>>(&getContext(), "llvm.maximum");
    library.add<ByIntrinsic<arith::MinimumFOp>>(&getContext(), "llvm.minimum");
    if (failed(applyPatternsGreedily(device, std::move(library))))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
