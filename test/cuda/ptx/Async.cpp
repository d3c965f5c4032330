// Asynchronous copies and the barriers in shared memory: the machine does them, machine/Async.cpp.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

Value *sharedAddress(Emitter &e, size_t i) {
  if (!e.operand(i).isAddress)
    e.fail("operand " + std::to_string(i + 1) + " is no address");
  return e.b.CreateTrunc(e.address(e.operand(i), Space::kShared), e.b.getInt32Ty());
}

Value *globalAddress(Emitter &e, size_t i) {
  if (!e.operand(i).isAddress)
    e.fail("operand " + std::to_string(i + 1) + " is no address");
  return e.address(e.operand(i), Space::kGlobal);
}

llvm::CallInst *call(Emitter &e, const char *name, std::vector<Value *> arguments,
                     llvm::Type *result = nullptr) {
  arguments.insert(arguments.begin(), {e.thread(), e.line()});
  return e.call(name, result ? result : e.b.getVoidTy(), arguments);
}

void takeShared(Emitter &e) {
  if (e.takeAny({"shared", "shared::cta", "shared::cluster"}).empty())
    e.fail("no space that is known");
}

void copyBulk(Emitter &e) {
  if (e.take("prefetch")) { // nothing but time depends on it
    e.take("L2"), e.take("global"), e.take("L2::cache_hint");
    return;
  }
  takeShared(e);
  if (!e.take("global") || !e.take("mbarrier::complete_tx::bytes"))
    e.fail("no form that is known");
  e.take("L2::cache_hint");
  call(e, "standin_bulk_copy",
       {sharedAddress(e, 0), globalAddress(e, 1), e.value(2, kWord), sharedAddress(e, 3)});
}

void copyAsync(Emitter &e) {
  if (!e.take("async"))
    e.fail("no form that is known");
  if (e.take("bulk"))
    return copyBulk(e);
  if (e.take("commit_group")) {
    e.call("standin_cp_commit", e.b.getVoidTy(), {e.thread()});
  } else if (e.take("wait_all")) {
    e.call("standin_cp_wait", e.b.getVoidTy(), {e.thread(), e.number(0), e.number(1)});
  } else if (e.take("wait_group")) {
    e.call("standin_cp_wait", e.b.getVoidTy(), {e.thread(), e.number(e.constant(0)), e.number(0)});
  } else if (e.take("mbarrier")) {
    e.take("arrive");
    bool isCounted = e.take("noinc");
    takeShared(e);
    e.takeType();
    call(e, "standin_cp_arrive", {sharedAddress(e, 0), e.number(isCounted)});
  } else {
    bool bypasses = e.takeAny({"ca", "cg"}) == "cg";
    takeShared(e);
    if (!e.take("global"))
      e.fail("no form that is known");
    bool hasPolicy = e.take("L2::cache_hint");
    e.takeAny({"L2::64B", "L2::128B", "L2::256B"});
    uint64_t size = e.constant(2);
    if (size != 16 && (bypasses || (size != 4 && size != 8)))
      e.fail("no size that is allowed");
    bool hasSource = e.count() > (hasPolicy ? 4 : 3);
    Value *source = hasSource ? e.value(3, kWord) : e.number(size);
    call(e, "standin_cp_async", {sharedAddress(e, 0), globalAddress(e, 1), e.number(size), source});
  }
}

void takeScope(Emitter &e) {
  e.takeAny({"release", "acquire", "relaxed"});
  e.takeAny({"cta", "cluster"});
}

void test(Emitter &e) {
  bool isParity = e.take("parity");
  takeScope(e);
  takeShared(e);
  e.takeType();
  Value *what =
      isParity ? e.b.CreateZExt(e.value(2, kWord), e.b.getInt64Ty()) : e.value(2, kAddress);
  Value *found = call(e, "standin_mbarrier_test", {sharedAddress(e, 1), what, e.number(isParity)},
                      e.b.getInt32Ty());
  e.set(0, e.b.CreateICmpNE(found, e.number(0)));
}

void arrive(Emitter &e) {
  bool expects = e.take("expect_tx");
  takeScope(e);
  takeShared(e);
  e.takeType();
  Value *number = e.has(2) ? e.value(2, kWord) : nullptr;
  Value *one = e.number(1), *none = e.number(0);
  e.set(0, call(e, "standin_mbarrier_arrive",
                {sharedAddress(e, 1), expects || !number ? one : number, expects ? number : none},
                e.b.getInt64Ty()));
}

void barrier(Emitter &e) {
  if (e.takeAny({"try_wait", "test_wait"}) != "")
    return test(e);
  if (e.take("arrive"))
    return arrive(e);
  std::string what = e.takeAny({"init", "inval", "expect_tx"});
  takeScope(e);
  takeShared(e);
  e.takeType();
  if (what == "init")
    call(e, "standin_mbarrier_init", {sharedAddress(e, 0), e.value(1, kWord)});
  else if (what == "expect_tx")
    call(e, "standin_mbarrier_expect", {sharedAddress(e, 0), e.value(1, kWord)});
  else if (what.empty())
    e.fail("no form that is known");
}

/// Grids run one after the other: who waits for the one before has waited.
void controlGrids(Emitter &e) {
  if (e.takeAny({"wait", "launch_dependents"}).empty())
    e.fail("no form that is known");
}

} // namespace

void addAsync(Emitter::Table &table) {
  table["cp"] = copyAsync;
  table["mbarrier"] = barrier;
  table["griddepcontrol"] = controlGrids;
}

const Emitter::Table &instructions() {
  static const Emitter::Table kTable = [] {
    Emitter::Table table;
    for (auto *add : {addIntegers, addBits, addFloats, addMoves, addConversions, addMemory,
                      addAtomics, addControl, addWarp, addMatrices, addAsync})
      add(table);
    return table;
  }();
  return kTable;
}

} // namespace osscc::standin
