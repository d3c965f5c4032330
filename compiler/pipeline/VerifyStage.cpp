// What may remain after each stage. A stage's promise is a table row: its dialects, the ops of them
// that must be gone, and whether kernels know their machine yet.
#include "compiler/Passes.h"
#include "dialects/tile/Tile.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_VERIFYSTAGEPASS
#include "compiler/Passes.h.inc"

namespace {

/// Ops of a stage's dialects that must be gone after it, and why.
struct Gone {
  ArrayRef<StringRef> ops;
  StringRef why;
};

struct StageRule {
  StringRef stage;
  ArrayRef<StringRef> dialects;
  ArrayRef<Gone> gone;
  bool knowsMachine; ///< Whether the target has had its say.
};

const StringRef kGraph[] = {"llm", "pack", "func", "tensor"};
const StringRef kTile[] = {"tile", "pack", "abi", "func", "memref", "arith", "math"};
const StringRef kKernels[] = {"tile", "pack", "abi", "func", "memref", "arith", "math", "scf"};
const StringRef kVector[] = {"abi",  "pack", "func",   "memref", "arith",
                             "math", "scf",  "vector", "llvm",   "gpu"};
const StringRef kLLVM[] = {"llvm", "pack"};

const StringRef kJoined[] = {"llm.concat"};
const StringRef kUnbound[] = {"memref.copy", "pack.get"};
const StringRef kUnplanned[] = {"memref.copy", "memref.alloc", "pack.get"};
const StringRef kWorkers[] = {"abi.barrier", "abi.next_block", "abi.finish",
                              "abi.worker",  "abi.workers",    "tile.prefetch"};
const StringRef kLibrary[] = {"math.exp", "math.log1p", "math.tanh"};

constexpr StringLiteral kOfTarget = "how threads share kernels is for the target to say";

const Gone kGoneOfPacked[] = {{kJoined, "a join of weights must be absorbed by a recipe"}};
const Gone kGoneOfTile[] = {{kUnbound, "segments and weights must be bound"},
                            {kWorkers, kOfTarget}};
const Gone kGoneOfKernels[] = {{kUnplanned, "memory must be planned, and weights bound"}};
const Gone kGoneOfVector[] = {{kLibrary, "no library function may be called"}};

const StageRule kRules[] = {
    {"import", kGraph, {}, false},
    {"graph", kGraph, {}, false},
    {"packed", kGraph, kGoneOfPacked, false},
    {"tile", kTile, kGoneOfTile, false},
    {"kernels", kKernels, kGoneOfKernels, true},
    {"vector", kVector, kGoneOfVector, true},
    {"llvm", kLLVM, {}, true},
};

/// Attributes of kernels that say how a machine's threads share them.
const StringRef kSharing[] = {"schedule", "most_rows", "own", "interleaved", "same_row"};

/// What is wrong with `op` after the stage of `rule`, or nothing.
std::string complaint(Operation *op, const StageRule &rule) {
  auto remains = [&](const Twine &why) {
    return ("'" + op->getName().getStringRef() + "' remains after the stage " + rule.stage + why)
        .str();
  };
  if (isa<ModuleOp>(op))
    return {};
  if (!llvm::is_contained(rule.dialects, op->getName().getDialectNamespace()))
    return remains("");
  for (const Gone &gone : rule.gone)
    if (llvm::is_contained(gone.ops, op->getName().getStringRef()))
      return remains(": " + gone.why);
  if (rule.knowsMachine || !isa<tile::TileDialect>(op->getDialect()))
    return {};
  auto attend = dyn_cast<tile::AttendOp>(op);
  if (attend && (attend.getPartials() || attend.getK()))
    return "'tile.attend' is shared after the stage " + rule.stage.str() + ": " + kOfTarget.str();
  for (StringRef name : kSharing)
    if (op->getAttr(name))
      return ("'" + op->getName().getStringRef() + "' has '" + name + "' after the stage " +
              rule.stage + ": " + kOfTarget)
          .str();
  return {};
}

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
      std::string wrong = complaint(op, *rule);
      if (wrong.empty())
        return;
      op->emitError() << wrong;
      clean = false;
    });
    if (!clean)
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
