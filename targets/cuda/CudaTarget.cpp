// The table of compute capabilities, and the passes between kernels on memrefs and a device's
// image.
#include "targets/cuda/CudaTarget.h"

#include "targets/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace osscc {
namespace {

/// A compute capability, best first.
struct Capability {
  llvm::StringRef name;
  llvm::StringRef ptx; ///< The lowest PTX that knows it: what a driver must understand.
};

const Capability kCapabilities[] = {
    {"sm_120a", "+ptx87"}, {"sm_120", "+ptx87"}, {"sm_90a", "+ptx80"}, {"sm_90", "+ptx78"},
    {"sm_89", "+ptx78"},   {"sm_86", "+ptx71"},  {"sm_80", "+ptx70"},
};

class CudaTarget : public Target {
public:
  explicit CudaTarget(const Capability &of) : capability(of) {
    triple = "x86_64-unknown-linux-gnu"; // of the code that launches
    name = of.name.str();
    cpu = tune = "x86-64";
    device = "cuda";
    // A file's device comes before its CPUs.
    tier = &of - std::end(kCapabilities);
  }

  int64_t vectorBits() const override { return 128; }

  void addKernelPasses(OpPassManager &passes) const override {
    passes.addPass(createCudaSplitAttentionPass());
  }

  void addVectorPasses(OpPassManager &passes) const override {
    TileToGpuPassOptions options;
    options.chip = name;
    options.features = capability.ptx.str();
    passes.addPass(createTileToGpuPass(options));
    passes.addPass(createCanonicalizerPass());
    passes.addPass(createCSEPass());
  }

  void addImagePasses(OpPassManager &passes) const override {
    OpPassManager &device = passes.nest<gpu::GPUModuleOp>();
    device.addPass(createSCFToControlFlowPass());
    device.addPass(createConvertMathToLLVMPass());
    device.addPass(createConvertGpuOpsToNVVMOps());
    device.addPass(createConvertNVVMToLLVMPass());
    device.addPass(createReconcileUnrealizedCastsPass());
  }

private:
  const Capability &capability;
};

} // namespace

llvm::SmallVector<llvm::StringRef> cudaTargetNames() {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Capability &capability : llvm::reverse(kCapabilities))
    names.push_back(capability.name);
  return names;
}

std::unique_ptr<Target> makeCudaTarget(llvm::StringRef name) {
  const Capability *found = llvm::find_if(
      kCapabilities, [&](const Capability &capability) { return capability.name == name; });
  return found == std::end(kCapabilities) ? nullptr : std::make_unique<CudaTarget>(*found);
}

} // namespace osscc
