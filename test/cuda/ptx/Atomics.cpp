// atom and red.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::AtomicRMWInst;
using llvm::Value;

AtomicRMWInst::BinOp operation(Emitter &e, const std::string &name, Type type) {
  static const std::map<std::string, AtomicRMWInst::BinOp> kPlain = {
      {"and", AtomicRMWInst::And},      {"or", AtomicRMWInst::Or},
      {"xor", AtomicRMWInst::Xor},      {"exch", AtomicRMWInst::Xchg},
      {"inc", AtomicRMWInst::UIncWrap}, {"dec", AtomicRMWInst::UDecWrap}};
  if (auto found = kPlain.find(name); found != kPlain.end())
    return found->second;
  if (name == "add")
    return type.isFloat() ? AtomicRMWInst::FAdd : AtomicRMWInst::Add;
  if (type.isFloat() || (name != "min" && name != "max"))
    e.fail("no operation that is known");
  if (name == "min")
    return type.isSigned() ? AtomicRMWInst::Min : AtomicRMWInst::UMin;
  return type.isSigned() ? AtomicRMWInst::Max : AtomicRMWInst::UMax;
}

void atomic(Emitter &e, bool hasResult) {
  constexpr auto kOrdering = llvm::AtomicOrdering::SequentiallyConsistent;
  e.takeAny({"relaxed", "acquire", "release", "acq_rel"});
  e.takeAny({"cta", "cluster", "gpu", "sys"});
  Space space = e.takeSpace();
  std::string name =
      e.takeAny({"add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"});
  Type type = e.takeType();
  if (type.lanes > 1 || type.bits < 32)
    e.fail("no type that is known");
  size_t at = hasResult ? 1 : 0;
  Value *pointer =
      e.pointer(e.address(e.operand(at), space), space, type.bits / 8, Touch::kOrdered);
  llvm::Align align(uint64_t(type.bits / 8));
  Value *found = nullptr;
  if (name == "cas") {
    Value *pair =
        e.b.CreateAtomicCmpXchg(pointer, e.value(at + 1, type.asBits()),
                                e.value(at + 2, type.asBits()), align, kOrdering, kOrdering);
    found = e.b.CreateExtractValue(pair, 0);
  } else {
    found = e.b.CreateAtomicRMW(operation(e, name, type), pointer, e.value(at + 1, type), align,
                                kOrdering);
  }
  if (hasResult)
    e.set(0, found, type.isSigned());
}

} // namespace

void addAtomics(Emitter::Table &table) {
  table["atom"] = [](Emitter &e) { atomic(e, true); };
  table["red"] = [](Emitter &e) { atomic(e, false); };
}

} // namespace osscc::standin
