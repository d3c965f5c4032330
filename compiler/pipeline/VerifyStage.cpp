// What may remain after each stage. A stage's promise is a table row: its dialects, and the ops of
// them that must be gone.
#include "compiler/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_VERIFYSTAGEPASS
#include "compiler/Passes.h.inc"

namespace {

struct StageRule {
  StringRef stage;
  ArrayRef<StringRef> dialects;
  ArrayRef<StringRef> gone; // ops of those dialects that must not remain
  StringRef why;
};

const StringRef kGraph[] = {"llm", "pack", "func", "tensor"};
const StringRef kTile[] = {"tile", "pack", "abi", "func", "tensor", "arith", "math"};
const StringRef kKernels[] = {"tile", "pack", "abi", "func", "memref", "arith", "math", "scf"};
const StringRef kVector[] = {"abi",  "pack", "func",   "memref", "arith",
                             "math", "scf",  "vector", "llvm"};
const StringRef kLLVM[] = {"llvm", "pack"};

const StringRef kJoined[] = {"llm.concat"};
const StringRef kCopies[] = {"memref.copy", "memref.alloc", "pack.get"};
const StringRef kLibrary[] = {"math.exp"};

const StageRule kRules[] = {
    {"import", kGraph, {}, ""},
    {"graph", kGraph, {}, ""},
    {"packed", kGraph, kJoined, "a join of weights must be absorbed by a recipe"},
    {"tile", kTile, {}, ""},
    {"kernels", kKernels, kCopies, "memory must be planned, and weights bound"},
    {"vector", kVector, kLibrary, "no library function may be called"},
    {"llvm", kLLVM, {}, ""},
};

struct VerifyStagePass : osscc::impl::VerifyStagePassBase<VerifyStagePass> {
  using VerifyStagePassBase::VerifyStagePassBase;

  void runOnOperation() override {
    const StageRule *rule =
        llvm::find_if(kRules, [&](const StageRule &r) { return r.stage == stage; });
    if (rule == std::end(kRules)) {
      getOperation().emitError() << "unknown stage '" << stage << "'";
      return signalPassFailure();
    }
    bool clean = true;
    getOperation().walk([&](Operation *op) {
      StringRef dialect = op->getName().getDialectNamespace();
      if (!isa<ModuleOp>(op) && !llvm::is_contained(rule->dialects, dialect)) {
        op->emitError() << "'" << op->getName() << "' remains after the stage " << stage;
        clean = false;
      } else if (llvm::is_contained(rule->gone, op->getName().getStringRef())) {
        op->emitError() << "'" << op->getName() << "' remains after the stage " << stage << ": "
                        << rule->why;
        clean = false;
      }
    });
    if (!clean)
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
