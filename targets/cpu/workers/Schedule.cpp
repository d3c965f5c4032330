// Gives every matmul its blocks: the only tuning knob, from the target's table, printable, and
// overridable in a test by writing the attribute. It never decides a number.
//
// Stage: kernels, any CPU.
#include "targets/cpu/workers/Schedule.h"

#include "targets/Passes.h"
#include "targets/Target.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SCHEDULEPASS
#include "targets/Passes.h.inc"

namespace {

struct SchedulePass : osscc::impl::SchedulePassBase<SchedulePass> {
  using SchedulePassBase::SchedulePassBase;

  explicit SchedulePass(const Target &given) : machine(&given) {
    target = given.name; // for who prints the passes
  }

  void runOnOperation() override {
    if (machine)
      return schedule(*machine);
    llvm::Expected<std::unique_ptr<Target>> named = parseTarget(target);
    if (!named) {
      getOperation().emitError() << llvm::toString(named.takeError());
      return signalPassFailure();
    }
    schedule(**named);
  }

  void schedule(const Target &on) {
    getOperation().walk([&](tile::MatmulOp matmul) {
      auto packed = dyn_cast<pack::BlockType>(matmul.getW().getType());
      if (matmul.getSchedule() || !packed)
        return;
      int64_t n = cast<ShapedType>(matmul.getOut().getType()).getDimSize(1);
      matmul.setScheduleAttr(
          on.schedule(&getContext(), packed.getFormat(), n, matmul.getParts(), matmul.getPlanes()));
    });
  }

  const Target *machine = nullptr; ///< null where the option names it
};

} // namespace

std::unique_ptr<Pass> createSchedulePass(const Target &target) {
  return std::make_unique<SchedulePass>(target);
}

} // namespace osscc
