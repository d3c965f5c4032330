// What the threads of a warp and of a block tell each other: the machine does it, machine/Warp.cpp.
#include "test/cuda/machine/Thread.h"
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

/// Every lane gives a word and gets one; the flag is written to `flag`.
Value *exchange(Emitter &e, const std::string &what, Value *value, Value *mask, Value *flag) {
  return e.call(what, e.b.getInt32Ty(), {e.thread(), e.line(), value, mask, flag});
}

Value *isSet(Emitter &e, Value *flag) {
  return e.b.CreateICmpNE(e.b.CreateLoad(e.b.getInt8Ty(), flag), e.b.getInt8(0));
}

void sync(Emitter &e) {
  if (!e.take("sync"))
    e.fail("without .sync it means something else on each chip");
}

void shuffle(Emitter &e) {
  sync(e);
  std::string mode = e.takeAny({"up", "down", "bfly", "idx"});
  e.takeType();
  uint64_t number = mode == "up" ? 0 : mode == "down" ? 1 : mode == "bfly" ? 2 : 3;
  Value *flag = e.slot(e.b.getInt8Ty());
  const Operand &to = e.operand(0);
  Value *found = e.call("standin_shfl", e.b.getInt32Ty(),
                        {e.thread(), e.line(), e.number(number), e.value(1, kWord),
                         e.value(2, kWord), e.value(3, kWord), e.value(4, kWord), flag});
  e.set(to.kind == Operand::kPair ? to.parts[0] : to, found);
  if (to.kind == Operand::kPair)
    e.set(to.parts[1], isSet(e, flag));
}

void vote(Emitter &e) {
  sync(e);
  std::string mode = e.takeAny({"all", "any", "uni", "ballot"});
  e.takeType();
  Value *mask = e.value(2, kWord);
  Value *own = e.b.CreateZExt(e.value(1, kPredicateType), e.b.getInt32Ty());
  Value *found = exchange(e, "vote", own, mask, e.slot(e.b.getInt8Ty()));
  Value *isAll = e.b.CreateICmpEQ(found, mask), *isNone = e.b.CreateICmpEQ(found, e.number(0));
  if (mode == "ballot")
    e.set(0, found);
  else if (mode == "all")
    e.set(0, isAll);
  else if (mode == "any")
    e.set(0, e.b.CreateNot(isNone));
  else if (mode == "uni")
    e.set(0, e.b.CreateOr(isAll, isNone));
  else
    e.fail("no mode that is known");
}

void match(Emitter &e) {
  bool isAll = e.takeAny({"any", "all"}) == "all";
  sync(e);
  if (e.takeType().bits != 32)
    e.fail("only words are known");
  Value *flag = e.slot(e.b.getInt8Ty());
  Value *found = exchange(e, "match", e.value(1, kWord), e.value(2, kWord), flag);
  const Operand &to = e.operand(0);
  if (isAll)
    found = e.b.CreateSelect(isSet(e, flag), found, e.number(0));
  e.set(to.kind == Operand::kPair ? to.parts[0] : to, found);
  if (to.kind == Operand::kPair)
    e.set(to.parts[1], isSet(e, flag));
}

void reduce(Emitter &e) {
  sync(e);
  std::string operation = e.takeAny({"add", "min", "max", "and", "or", "xor"});
  Type type = e.takeType();
  if (operation.empty() || type.isFloat() || type.bits != 32)
    e.fail("no operation that is known");
  std::string name = "redux." + operation;
  if (operation == "min" || operation == "max")
    name += type.isSigned() ? ".s32" : ".u32";
  e.set(0, exchange(e, name, e.value(1, kWord), e.value(2, kWord), e.slot(e.b.getInt8Ty())));
}

/// The lowest lane of the mask.
void elect(Emitter &e) {
  sync(e);
  Value *mask = e.value(1, kWord);
  exchange(e, "bar.warp", e.number(0), mask, e.slot(e.b.getInt8Ty()));
  Value *leader = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, mask, e.b.getFalse());
  const Operand &to = e.operand(0);
  if (to.kind != Operand::kPair)
    e.fail("no pair of results");
  e.set(to.parts[0], leader);
  e.set(to.parts[1], e.b.CreateICmpEQ(leader, e.field(offsetof(Thread, lane), e.b.getInt32Ty())));
}

/// bar and barrier: .aligned is what kernels promise, here no thread runs together with another
/// anyway.
void barrier(Emitter &e) {
  if (e.take("warp")) {
    sync(e);
    exchange(e, "bar.warp", e.number(0), e.value(0, kWord), e.slot(e.b.getInt8Ty()));
    return;
  }
  e.take("cta");
  std::string mode = e.takeAny({"sync", "arrive"});
  e.take("aligned");
  if (mode.empty())
    e.fail("neither .sync nor .arrive");
  e.call("standin_barrier", e.b.getVoidTy(),
         {e.thread(), e.line(), e.value(0, kWord), e.has(1) ? e.value(1, kWord) : e.number(0),
          e.number(mode == "sync")});
}

/// Time passes for the others.
void sleep(Emitter &e) {
  e.takeType();
  e.call("standin_yield", e.b.getVoidTy(), {e.thread(), e.line()});
}

} // namespace

void addWarp(Emitter::Table &table) {
  table["shfl"] = shuffle;
  table["vote"] = vote;
  table["match"] = match;
  table["redux"] = reduce;
  table["elect"] = elect;
  table["bar"] = table["barrier"] = barrier;
  table["nanosleep"] = sleep;
}

} // namespace osscc::standin
