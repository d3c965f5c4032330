// Moves, choices and comparisons.
#include "test/cuda/machine/Thread.h"
#include "test/cuda/ptx/Floats.h"

#include <cstddef>

namespace osscc::standin {
namespace {

using llvm::CmpInst;
using llvm::Value;

void move(Emitter &e) {
  Type type = e.takeType();
  e.set(0, e.value(1, type.kind == Type::kPredicate ? type : type.asBits()));
}

/// Generic addresses are the host's; those of shared memory count from the beginning of the block's
/// window.
void changeSpace(Emitter &e) {
  bool isToSpace = e.take("to");
  Space space = e.takeSpace();
  Type type = e.takeType();
  if (space == Space::kGeneric || type.bits != 64)
    e.fail("no space, or no address of 64 bits");
  Value *address = e.value(1, kAddress);
  if (space == Space::kShared) {
    Value *window =
        e.b.CreatePtrToInt(e.field(offsetof(Thread, shared), e.b.getPtrTy()), e.b.getInt64Ty());
    address = isToSpace ? e.b.CreateSub(address, window) : e.b.CreateAdd(address, window);
  }
  e.set(0, address);
}

void choose(Emitter &e) {
  Type type = e.takeType().asBits();
  Value *is = e.value(3, kPredicateType);
  e.set(0, e.b.CreateSelect(is, e.value(1, type), e.value(2, type)));
}

void chooseBySign(Emitter &e) {
  Type type = e.takeType().asBits(), ofSign = e.takeType();
  Value *sign = e.value(3, ofSign), *zero = llvm::Constant::getNullValue(sign->getType());
  Value *is = ofSign.isFloat() ? e.b.CreateFCmpOGE(sign, zero) : e.b.CreateICmpSGE(sign, zero);
  e.set(0, e.b.CreateSelect(is, e.value(1, type), e.value(2, type)));
}

struct Comparison {
  CmpInst::Predicate ofSigned, ofUnsigned, ofFloats;
};

constexpr CmpInst::Predicate kNone = CmpInst::BAD_ICMP_PREDICATE;

const std::map<std::string, Comparison> kComparisons = {
    {"eq", {CmpInst::ICMP_EQ, CmpInst::ICMP_EQ, CmpInst::FCMP_OEQ}},
    {"ne", {CmpInst::ICMP_NE, CmpInst::ICMP_NE, CmpInst::FCMP_ONE}},
    {"lt", {CmpInst::ICMP_SLT, CmpInst::ICMP_ULT, CmpInst::FCMP_OLT}},
    {"le", {CmpInst::ICMP_SLE, CmpInst::ICMP_ULE, CmpInst::FCMP_OLE}},
    {"gt", {CmpInst::ICMP_SGT, CmpInst::ICMP_UGT, CmpInst::FCMP_OGT}},
    {"ge", {CmpInst::ICMP_SGE, CmpInst::ICMP_UGE, CmpInst::FCMP_OGE}},
    {"lo", {kNone, CmpInst::ICMP_ULT, kNone}},
    {"ls", {kNone, CmpInst::ICMP_ULE, kNone}},
    {"hi", {kNone, CmpInst::ICMP_UGT, kNone}},
    {"hs", {kNone, CmpInst::ICMP_UGE, kNone}},
    {"equ", {kNone, kNone, CmpInst::FCMP_UEQ}},
    {"neu", {kNone, kNone, CmpInst::FCMP_UNE}},
    {"ltu", {kNone, kNone, CmpInst::FCMP_ULT}},
    {"leu", {kNone, kNone, CmpInst::FCMP_ULE}},
    {"gtu", {kNone, kNone, CmpInst::FCMP_UGT}},
    {"geu", {kNone, kNone, CmpInst::FCMP_UGE}},
    {"num", {kNone, kNone, CmpInst::FCMP_ORD}},
    {"nan", {kNone, kNone, CmpInst::FCMP_UNO}},
};

/// Operands 1 and 2 compared, and combined with operand 3 if there is one; then the same of the
/// opposite.
std::pair<Value *, Value *> compared(Emitter &e) {
  const Comparison *how = nullptr;
  for (const auto &[name, comparison] : kComparisons)
    if (e.take(name))
      how = &comparison;
  std::string combination = e.takeAny({"and", "or", "xor"});
  bool flushes = e.take("ftz");
  Type type = e.takeType();
  CmpInst::Predicate predicate = !how              ? kNone
                                 : type.isFloat()  ? how->ofFloats
                                 : type.isSigned() ? how->ofSigned
                                                   : how->ofUnsigned;
  if (predicate == kNone)
    e.fail("no comparison that fits the type");
  Value *a = widened(e, e.value(1, type), type), *b = widened(e, e.value(2, type), type);
  if (flushes)
    a = flushed(e, a), b = flushed(e, b);
  Value *is = e.b.CreateCmp(predicate, a, b), *isNot = e.b.CreateNot(is);
  if (!combination.empty()) {
    Value *other = e.value(3, kPredicateType);
    auto op = combination == "and"  ? llvm::Instruction::And
              : combination == "or" ? llvm::Instruction::Or
                                    : llvm::Instruction::Xor;
    is = e.b.CreateBinOp(op, is, other);
    isNot = e.b.CreateBinOp(op, isNot, other);
  }
  return {is, isNot};
}

void compare(Emitter &e) {
  auto [is, isNot] = compared(e);
  const Operand &to = e.operand(0);
  if (to.kind == Operand::kPair) {
    e.set(to.parts[0], is);
    e.set(to.parts[1], isNot);
  } else {
    e.set(0, is);
  }
}

/// The same with a word as the result: ones, or 1 of a float.
void compareToWord(Emitter &e) {
  Type type = e.takeType();
  Value *is = compared(e).first;
  if (type.isFloat())
    e.set(0, e.b.CreateUIToFP(is, e.typeOf(type)));
  else
    e.set(0, e.b.CreateSExt(is, e.typeOf(type)));
}

} // namespace

void addMoves(Emitter::Table &table) {
  table["mov"] = move;
  table["cvta"] = changeSpace;
  table["selp"] = choose;
  table["slct"] = chooseBySign;
  table["setp"] = compare;
  table["set"] = compareToWord;
}

} // namespace osscc::standin
