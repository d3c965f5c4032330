// Gives every matmul its blocks: the only tuning knob, from the target's table, printable, and
// overridable in a test by writing the attribute. It never decides a number. Stage: tile.
#include "compiler/Passes.h"
#include "targets/Target.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SCHEDULEPASS
#include "compiler/Passes.h.inc"

namespace {

struct SchedulePass : osscc::impl::SchedulePassBase<SchedulePass> {
  using SchedulePassBase::SchedulePassBase;

  void runOnOperation() override {
    llvm::Expected<std::unique_ptr<Target>> machine = parseTarget(target);
    if (!machine) {
      getOperation().emitError() << llvm::toString(machine.takeError());
      return signalPassFailure();
    }
    getOperation().walk([&](tile::MatmulOp matmul) {
      auto packed = dyn_cast<pack::BlockType>(matmul.getW().getType());
      if (matmul.getSchedule() || !packed)
        return;
      int64_t n = cast<ShapedType>(matmul.getOut().getType()).getDimSize(1);
      matmul.setScheduleAttr((*machine)->schedule(&getContext(), packed.getFormat(), n,
                                                  matmul.getParts(), matmul.getPlanes()));
    });
  }
};

} // namespace
} // namespace osscc
