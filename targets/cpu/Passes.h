// The passes of targets/Passes.td that need to know the CPU that they are for.
#pragma once

#include "targets/Passes.h"
#include "targets/cpu/CpuTarget.h"

namespace osscc {

// The target must outlive the pass.
std::unique_ptr<mlir::Pass> createSchedulePass(const CpuTarget &target);
std::unique_ptr<mlir::Pass> createPrefetchWeightsPass(const CpuTarget &target);
std::unique_ptr<mlir::Pass> createSplitAttentionPass(const CpuTarget &target);
std::unique_ptr<mlir::Pass> createOneRowPass(const CpuTarget &target);
std::unique_ptr<mlir::Pass> createTileToGridPass(const CpuTarget &target);

namespace cpu {

/// The CPU that `name` names, or null after an error at `loc`.
std::unique_ptr<Target> parseCpu(llvm::StringRef name, mlir::Location loc);

/// A pass for one CPU: the one that it is made for, or, made by osscc-opt, the one that its option
/// `target` names.
template <typename Base> class PassOfCpu : public Base {
public:
  using Base::Base;
  PassOfCpu() = default;
  explicit PassOfCpu(const CpuTarget &given) : cpu(&given) {
    this->target = given.name; // for who prints the passes
  }

  mlir::LogicalResult initialize(mlir::MLIRContext *context) override {
    if (cpu)
      return mlir::success();
    named = parseCpu(this->target, mlir::UnknownLoc::get(context));
    cpu = named ? named->asCpu() : nullptr;
    return mlir::success(cpu);
  }

  /// The CPU, once the pass runs.
  const CpuTarget &machine() const { return *cpu; }

private:
  const CpuTarget *cpu = nullptr;
  std::shared_ptr<const Target> named; ///< Where the option names it; copies of the pass share it.
};

} // namespace cpu
} // namespace osscc
