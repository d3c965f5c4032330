// Gives every matmul its blocks: the only tuning knob, from the target's table, printable, and
// overridable in a test by writing the attribute. It never decides a number.
//
// Stage: kernels, any CPU.
#include "targets/cpu/Passes.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SCHEDULEPASS
#include "targets/Passes.h.inc"

namespace {

struct SchedulePass : cpu::PassOfCpu<osscc::impl::SchedulePassBase<SchedulePass>> {
  using PassOfCpu::PassOfCpu;

  void runOnOperation() override {
    getOperation().walk([&](tile::MatmulOp matmul) {
      if (matmul.getSchedule() || !isa<MemRefType>(matmul.getW().getType()))
        return;
      matmul.setScheduleAttr(machine().schedule(&getContext(), matmul.outputs(), matmul.getParts(),
                                                matmul.getPlanes()));
    });
  }
};

} // namespace

std::unique_ptr<Pass> createSchedulePass(const CpuTarget &target) {
  return std::make_unique<SchedulePass>(target);
}

} // namespace osscc
