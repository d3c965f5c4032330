// Logic, shifts and fields of bits.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

template <llvm::Instruction::BinaryOps kOp> void logic(Emitter &e) {
  Type type = e.takeType();
  e.set(0, e.b.CreateBinOp(kOp, e.value(1, type), e.value(2, type)));
}

void invert(Emitter &e) {
  e.set(0, e.b.CreateNot(e.value(1, e.takeType())));
}

void isZero(Emitter &e) {
  Value *a = e.value(1, e.takeType());
  Value *is = e.b.CreateICmpEQ(a, llvm::Constant::getNullValue(a->getType()));
  e.set(0, e.b.CreateZExt(is, a->getType()));
}

/// A value shifted by a word: by its width or more nothing is left but the sign.
Value *shifted(Emitter &e, Value *value, Value *amount, bool isLeft, bool isSigned) {
  int bits = int(value->getType()->getIntegerBitWidth());
  Value *isAll = e.b.CreateICmpUGE(amount, e.number(uint64_t(bits)));
  Value *safe = e.b.CreateZExtOrTrunc(
      e.b.CreateSelect(isAll, e.number(isSigned ? uint64_t(bits - 1) : 0), amount),
      value->getType());
  if (isSigned)
    return e.b.CreateAShr(value, safe);
  Value *moved = isLeft ? e.b.CreateShl(value, safe) : e.b.CreateLShr(value, safe);
  return e.b.CreateSelect(isAll, e.number(0, bits), moved);
}

void shift(Emitter &e, bool isLeft) {
  Type type = e.takeType();
  Value *found =
      shifted(e, e.value(1, type), e.value(2, kWord), isLeft, type.isSigned() && !isLeft);
  e.set(0, found, type.isSigned());
}

/// Two words as one of 64 bits, of which one half of the shifted value is taken.
void funnel(Emitter &e) {
  bool isLeft = e.takeAny({"l", "r"}) == "l";
  std::string mode = e.takeAny({"wrap", "clamp"});
  e.takeType();
  if (mode.empty())
    e.fail("neither .wrap nor .clamp");
  Value *low = e.b.CreateZExt(e.value(1, kWord), e.b.getInt64Ty());
  Value *high = e.b.CreateZExt(e.value(2, kWord), e.b.getInt64Ty());
  Value *both = e.b.CreateOr(low, e.b.CreateShl(high, e.number(32, 64)));
  Value *amount = e.value(3, kWord);
  amount = mode == "wrap" ? e.b.CreateAnd(amount, e.number(31))
                          : e.b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, amount, e.number(32));
  amount = e.b.CreateZExt(amount, e.b.getInt64Ty());
  Value *found = isLeft ? e.b.CreateLShr(e.b.CreateShl(both, amount), e.number(32, 64))
                        : e.b.CreateLShr(both, amount);
  e.set(0, e.b.CreateTrunc(found, e.b.getInt32Ty()));
}

Value *lowByte(Emitter &e, size_t i) {
  return e.b.CreateAnd(e.value(i, kWord), e.number(0xff));
}

/// So many ones, all if the width or more are asked for.
Value *ones(Emitter &e, Value *count, int bits) {
  Value *beyond = shifted(e, e.b.CreateNot(e.number(0, bits)), count, true, false);
  return e.b.CreateNot(beyond);
}

void extractField(Emitter &e) {
  Type type = e.takeType();
  Value *value = e.value(1, type), *from = lowByte(e, 2), *length = lowByte(e, 3);
  if (!type.isSigned()) {
    e.set(0, e.b.CreateAnd(shifted(e, value, from, false, false), ones(e, length, type.bits)));
    return;
  }
  Value *moved = shifted(e, value, from, false, true);
  Value *width = e.number(uint64_t(type.bits));
  Value *above =
      e.b.CreateSub(width, e.b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, length, width));
  Value *found = shifted(e, shifted(e, moved, above, true, false), above, false, true);
  Value *isNone = e.b.CreateICmpEQ(length, e.number(0));
  e.set(0, e.b.CreateSelect(isNone, e.number(0, type.bits), found), true);
}

void insertField(Emitter &e) {
  Type type = e.takeType();
  Value *value = e.value(1, type), *into = e.value(2, type);
  Value *from = lowByte(e, 3), *length = lowByte(e, 4);
  Value *mask = shifted(e, ones(e, length, type.bits), from, true, false);
  Value *moved = shifted(e, value, from, true, false);
  e.set(0, e.b.CreateOr(e.b.CreateAnd(moved, mask), e.b.CreateAnd(into, e.b.CreateNot(mask))));
}

/// The place of the highest bit that is not the sign; ones if there is none.
void findBit(Emitter &e) {
  bool isAmount = e.take("shiftamt");
  Type type = e.takeType();
  Value *value = e.value(1, type);
  if (type.isSigned()) {
    Value *isNegative = e.b.CreateICmpSLT(value, e.number(0, type.bits));
    value = e.b.CreateSelect(isNegative, e.b.CreateNot(value), value);
  }
  Value *zeros = e.b.CreateZExtOrTrunc(
      e.b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, value, e.b.getFalse()), e.b.getInt32Ty());
  Value *isNone = e.b.CreateICmpEQ(value, e.number(0, type.bits));
  Value *found = isAmount ? zeros : e.b.CreateSub(e.number(uint64_t(type.bits - 1)), zeros);
  e.set(0, e.b.CreateSelect(isNone, e.number(~0u), found));
}

void countBits(Emitter &e, llvm::Intrinsic::ID id) {
  Value *value = e.value(1, e.takeType());
  Value *found = id == llvm::Intrinsic::ctlz ? e.b.CreateBinaryIntrinsic(id, value, e.b.getFalse())
                                             : e.b.CreateUnaryIntrinsic(id, value);
  e.set(0, e.b.CreateZExtOrTrunc(found, e.b.getInt32Ty()));
}

void reverse(Emitter &e) {
  e.set(0, e.b.CreateUnaryIntrinsic(llvm::Intrinsic::bitreverse, e.value(1, e.takeType())));
}

/// Each nibble of the selector names one of eight bytes; its top bit asks for that byte's sign
/// eight times.
void permute(Emitter &e) {
  e.takeType();
  Value *low = e.b.CreateZExt(e.value(1, kWord), e.b.getInt64Ty());
  Value *high = e.b.CreateZExt(e.value(2, kWord), e.b.getInt64Ty());
  Value *bytes = e.b.CreateOr(low, e.b.CreateShl(high, e.number(32, 64)));
  Value *selector = e.value(3, kWord), *all = e.number(0);
  for (uint64_t i = 0; i < 4; ++i) {
    Value *nibble = e.b.CreateLShr(selector, e.number(4 * i));
    Value *place = e.b.CreateShl(e.b.CreateAnd(nibble, e.number(7)), e.number(3));
    Value *byte = e.b.CreateTrunc(e.b.CreateLShr(bytes, e.b.CreateZExt(place, e.b.getInt64Ty())),
                                  e.b.getInt8Ty());
    Value *wantsSign = e.b.CreateICmpNE(e.b.CreateAnd(nibble, e.number(8)), e.number(0));
    byte = e.b.CreateSelect(wantsSign, e.b.CreateAShr(byte, e.b.getInt8(7)), byte);
    all = e.b.CreateOr(all, e.b.CreateShl(e.b.CreateZExt(byte, e.b.getInt32Ty()), e.number(8 * i)));
  }
  e.set(0, all);
}

/// Bit 4 a + 2 b + c of the table is the result for bits a, b, c.
void anyLogic(Emitter &e) {
  Type type = e.takeType();
  Value *inputs[] = {e.value(1, type), e.value(2, type), e.value(3, type)};
  uint64_t table = e.constant(4);
  Value *all = e.number(0, type.bits);
  for (int i = 0; i < 8; ++i) {
    if (!(table >> i & 1))
      continue;
    Value *term = e.b.CreateNot(e.number(0, type.bits));
    for (int k = 0; k < 3; ++k)
      term = e.b.CreateAnd(term, i >> (2 - k) & 1 ? inputs[k] : e.b.CreateNot(inputs[k]));
    all = e.b.CreateOr(all, term);
  }
  e.set(0, all);
}

} // namespace

void addBits(Emitter::Table &table) {
  table["and"] = logic<llvm::Instruction::And>;
  table["or"] = logic<llvm::Instruction::Or>;
  table["xor"] = logic<llvm::Instruction::Xor>;
  table["not"] = invert;
  table["cnot"] = isZero;
  table["shl"] = [](Emitter &e) { shift(e, true); };
  table["shr"] = [](Emitter &e) { shift(e, false); };
  table["shf"] = funnel;
  table["bfe"] = extractField;
  table["bfi"] = insertField;
  table["bfind"] = findBit;
  table["clz"] = [](Emitter &e) { countBits(e, llvm::Intrinsic::ctlz); };
  table["popc"] = [](Emitter &e) { countBits(e, llvm::Intrinsic::ctpop); };
  table["brev"] = reverse;
  table["prmt"] = permute;
  table["lop3"] = anyLogic;
}

} // namespace osscc::standin
