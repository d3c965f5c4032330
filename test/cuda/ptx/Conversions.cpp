// cvt: from every type to every other.
#include "test/cuda/ptx/Floats.h"

namespace osscc::standin {
namespace {

using llvm::Value;

/// What the modifiers before the types say.
struct Rounding {
  std::string toWhole; // rni, rzi, rmi, rpi
  std::string ofFloat; // rn, rz, rna
  bool flushes, clamps, isPositive, isFinite;

  explicit Rounding(Emitter &e)
      : toWhole(e.takeAny({"rni", "rzi", "rmi", "rpi"})), ofFloat(e.takeAny({"rn", "rz", "rna"})),
        flushes(e.take("ftz")), clamps(e.take("sat")), isPositive(e.take("relu")),
        isFinite(e.take("satfinite")) {}
};

Value *wholeOf(Emitter &e, Value *value, const std::string &how) {
  if (how.empty())
    return value;
  llvm::Intrinsic::ID id = how == "rni"   ? llvm::Intrinsic::roundeven
                           : how == "rzi" ? llvm::Intrinsic::trunc
                           : how == "rmi" ? llvm::Intrinsic::floor
                                          : llvm::Intrinsic::ceil;
  return e.b.CreateUnaryIntrinsic(id, value);
}

/// Integers that do not fit become the nearest that does if the text says .sat, else lose their
/// upper bits.
void wholeToWhole(Emitter &e, Type to, Type from, const Rounding &how) {
  Value *value = e.value(1, from);
  int bits = std::max(to.bits, from.bits) * 2; // room for both ranges
  Value *wide = from.isSigned() ? e.b.CreateSExt(value, e.intType(bits))
                                : e.b.CreateZExt(value, e.intType(bits));
  if (how.clamps) {
    unsigned width = unsigned(to.bits);
    llvm::APInt least =
        to.isSigned() ? llvm::APInt::getSignedMinValue(width) : llvm::APInt(width, 0);
    llvm::APInt most =
        to.isSigned() ? llvm::APInt::getSignedMaxValue(width) : llvm::APInt::getMaxValue(width);
    auto constant = [&](const llvm::APInt &of) {
      return llvm::ConstantInt::get(wide->getType(), to.isSigned() ? of.sext(unsigned(bits))
                                                                   : of.zext(unsigned(bits)));
    };
    wide = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, wide, constant(least));
    wide = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::smin, wide, constant(most));
  }
  e.set(0, e.b.CreateTrunc(wide, e.intType(to.bits)), to.isSigned());
}

void wholeToFloat(Emitter &e, Type to, Type from, const Rounding &how) {
  if (how.ofFloat != "rn")
    e.fail("no rounding that is known");
  Value *value = e.value(1, from);
  llvm::Type *type = to.bits == 64 ? e.b.getDoubleTy() : e.b.getFloatTy();
  Value *found = from.isSigned() ? e.b.CreateSIToFP(value, type) : e.b.CreateUIToFP(value, type);
  e.set(0, narrowed(e, how.clamps ? clamped(e, found) : found, to));
}

void floatToWhole(Emitter &e, Type to, Type from, const Rounding &how) {
  if (how.toWhole.empty())
    e.fail("no rounding to whole numbers");
  Value *value = widened(e, e.value(1, from), from);
  value = wholeOf(e, how.flushes ? flushed(e, value) : value, how.toWhole);
  llvm::Intrinsic::ID id =
      to.isSigned() ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
  e.set(0, e.intrinsic(id, {e.intType(to.bits), value->getType()}, {value}), to.isSigned());
}

Value *positive(Emitter &e, Value *value) {
  llvm::Constant *zero = llvm::Constant::getNullValue(value->getType());
  return e.b.CreateSelect(e.b.CreateFCmpOLT(value, zero), zero, value);
}

/// Single precision to 16 bits; .satfinite makes the largest number of what is larger.
Value *toNarrow(Emitter &e, Value *value, Type to, const Rounding &how) {
  if (how.isPositive)
    value = positive(e, value);
  if (how.isFinite) {
    llvm::Type *type = value->getType();
    double largest = to.kind == Type::kBfloat ? 0x1.fep127 : 65504;
    Value *held = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::minnum, value,
                                            llvm::ConstantFP::get(type, largest));
    held = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::maxnum, held,
                                     llvm::ConstantFP::get(type, -largest));
    value = e.b.CreateSelect(e.b.CreateFCmpORD(value, value), held, value);
  }
  if (how.ofFloat == "rn")
    return narrowed(e, value, to);
  if (how.ofFloat != "rz" || to.kind != Type::kBfloat)
    e.fail("no rounding that is known");
  Value *bits = e.b.CreateTrunc(e.b.CreateLShr(e.bitsOf(value), e.number(16)), e.b.getInt16Ty());
  bits = e.b.CreateSelect(e.b.CreateFCmpORD(value, value), bits, e.number(0x7fff, 16));
  return e.b.CreateBitCast(bits, e.typeOf(to));
}

/// d, a, b: the first operand goes to the upper half.
void pairOfFloats(Emitter &e, Type to, const Rounding &how) {
  Type single{Type::kFloat, 32, 1}, half{to.kind, 16, 1};
  Value *high = e.bitsOf(toNarrow(e, e.value(1, single), half, how));
  Value *low = e.bitsOf(toNarrow(e, e.value(2, single), half, how));
  Value *all = e.b.CreateOr(e.b.CreateShl(e.b.CreateZExt(high, e.b.getInt32Ty()), e.number(16)),
                            e.b.CreateZExt(low, e.b.getInt32Ty()));
  e.set(0, all);
}

void floatToFloat(Emitter &e, Type to, Type from, const Rounding &how) {
  if (to.lanes == 2 && from.lanes == 1)
    return pairOfFloats(e, to, how);
  Value *value = widened(e, e.value(1, from), from);
  if (how.flushes)
    value = flushed(e, value);
  if (to.bits < 64 && from.bits == 64) {
    if (how.ofFloat != "rn")
      e.fail("no rounding that is known");
    value = e.b.CreateFPTrunc(value, e.b.getFloatTy());
  } else if (to.bits == 64 && from.bits < 64) {
    value = e.b.CreateFPExt(value, e.b.getDoubleTy());
  }
  value = wholeOf(e, value, how.toWhole);
  if (how.flushes)
    value = flushed(e, value);
  if (how.clamps)
    value = clamped(e, value);
  if (to.bits == 16 && from.bits > 16)
    e.set(0, toNarrow(e, value, to, how));
  else
    e.set(0, narrowed(e, how.isPositive ? positive(e, value) : value, to));
}

/// cvt.rn.satfinite.e4m3x2.f32 d, a, b, and back to two halves.
bool bytes(Emitter &e, const Rounding &how) {
  std::string kind = e.takeAny({"e4m3x2", "e5m2x2"});
  if (kind.empty())
    return false;
  Type other = e.takeType();
  std::string name = kind.substr(0, 4);
  if (other.lanes == 1) {
    if (other.bits != 32 || !how.isFinite || how.isPositive)
      e.fail("no conversion that is known");
    Value *found =
        e.call("standin_" + kind, e.b.getInt32Ty(), {e.value(1, other), e.value(2, other)});
    e.set(0, e.b.CreateTrunc(found, e.b.getInt16Ty()));
    return true;
  }
  Value *pair = e.b.CreateZExt(e.value(1, {Type::kBits, 16, 1}), e.b.getInt32Ty());
  Value *low =
      e.call("standin_of_" + name, e.b.getFloatTy(), {e.b.CreateAnd(pair, e.number(0xff))});
  Value *high = e.call("standin_of_" + name, e.b.getFloatTy(), {e.b.CreateLShr(pair, e.number(8))});
  Value *both = llvm::PoisonValue::get(llvm::FixedVectorType::get(e.b.getFloatTy(), 2));
  both =
      e.b.CreateInsertElement(e.b.CreateInsertElement(both, low, uint64_t(0)), high, uint64_t(1));
  e.set(0, narrowed(e, both, other));
  return true;
}

/// To the 19 bits that a tensor core takes of a float.
void toTf32(Emitter &e, const Rounding &how) {
  Value *bits = e.value(1, kWord);
  if (how.ofFloat == "rna")
    bits = e.b.CreateAdd(bits, e.number(0x1000));
  else if (how.ofFloat == "rn")
    bits = e.b.CreateAdd(e.b.CreateAdd(bits, e.number(0xfff)),
                         e.b.CreateAnd(e.b.CreateLShr(bits, e.number(13)), e.number(1)));
  e.set(0, e.b.CreateAnd(bits, e.number(~0x1fffu)));
}

void convert(Emitter &e) {
  Rounding how(e);
  if (bytes(e, how))
    return;
  if (e.take("tf32")) {
    e.takeType();
    return toTf32(e, how);
  }
  Type to = e.takeType(), from = e.takeType();
  if (to.isFloat())
    from.isFloat() ? floatToFloat(e, to, from, how) : wholeToFloat(e, to, from, how);
  else
    from.isFloat() ? floatToWhole(e, to, from, how) : wholeToWhole(e, to, from, how);
}

} // namespace

void addConversions(Emitter::Table &table) {
  table["cvt"] = convert;
}

} // namespace osscc::standin
