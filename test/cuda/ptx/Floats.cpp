// Arithmetic of floats. Products and sums are rounded each, as .rn says; nothing is fused that the
// text does not fuse.
#include "test/cuda/ptx/Floats.h"

#include <cfloat>

namespace osscc::standin {

using llvm::Value;

namespace {

/// The integer type that has the lanes of a float type.
llvm::Type *bitsLike(Emitter &e, llvm::Type *type, int bits) {
  return type->getWithNewType(e.intType(bits));
}

llvm::Constant *splat(llvm::Type *type, uint64_t value) {
  return llvm::ConstantInt::get(type, value);
}

} // namespace

Value *widened(Emitter &e, Value *value, Type type) {
  if (type.bits != 16)
    return value;
  llvm::Type *single = value->getType()->getWithNewType(e.b.getFloatTy());
  if (type.kind == Type::kFloat)
    return e.b.CreateFPExt(value, single);
  llvm::Type *words = bitsLike(e, value->getType(), 32);
  Value *bits = e.b.CreateBitCast(value, bitsLike(e, value->getType(), 16));
  return e.b.CreateBitCast(e.b.CreateShl(e.b.CreateZExt(bits, words), splat(words, 16)), single);
}

// LLVM's own rounding to bfloat makes small numbers zero on CPUs that have an instruction for it.
Value *narrowed(Emitter &e, Value *value, Type type) {
  if (type.bits != 16)
    return value;
  if (type.kind == Type::kFloat) {
    llvm::Type *half = value->getType()->getWithNewType(e.b.getHalfTy());
    llvm::Type *bits = bitsLike(e, value->getType(), 16);
    // There is one bit pattern of what is no number.
    Value *none = e.b.CreateBitCast(splat(bits, 0x7fff), half);
    return e.b.CreateSelect(e.b.CreateFCmpORD(value, value), e.b.CreateFPTrunc(value, half), none);
  }
  llvm::Type *words = bitsLike(e, value->getType(), 32),
             *halves = bitsLike(e, value->getType(), 16);
  Value *bits = e.b.CreateBitCast(value, words);
  Value *isOdd = e.b.CreateAnd(e.b.CreateLShr(bits, splat(words, 16)), splat(words, 1));
  Value *rounded = e.b.CreateAdd(e.b.CreateAdd(bits, splat(words, 0x7fff)), isOdd);
  Value *isNumber = e.b.CreateFCmpORD(value, value);
  Value *found =
      e.b.CreateSelect(isNumber, e.b.CreateLShr(rounded, splat(words, 16)), splat(words, 0x7fff));
  return e.b.CreateBitCast(e.b.CreateTrunc(found, halves),
                           value->getType()->getWithNewType(e.b.getBFloatTy()));
}

Value *flushed(Emitter &e, Value *value) {
  if (!value->getType()->getScalarType()->isFloatTy())
    return value;
  llvm::Type *type = value->getType();
  Value *size = e.b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, value);
  Value *isSmall = e.b.CreateFCmpOLT(size, llvm::ConstantFP::get(type, FLT_MIN));
  Value *zero = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::copysign,
                                          llvm::Constant::getNullValue(type), value);
  return e.b.CreateSelect(isSmall, zero, value);
}

Value *clamped(Emitter &e, Value *value) {
  llvm::Type *type = value->getType();
  Value *least =
      e.b.CreateBinaryIntrinsic(llvm::Intrinsic::maxnum, value, llvm::Constant::getNullValue(type));
  return e.b.CreateBinaryIntrinsic(llvm::Intrinsic::minnum, least, llvm::ConstantFP::get(type, 1));
}

namespace {

/// What modifiers an instruction on floats has, its operands, and how its result is written.
struct Shape {
  Emitter &e;
  bool flushes, clamps, isPositive = false;
  Type type;

  explicit Shape(Emitter &e)
      : e(e), flushes(e.take("ftz")), clamps(e.take("sat")), isPositive(e.take("relu")),
        type(e.takeType()) {}

  Value *operator[](size_t i) const {
    Value *value = widened(e, e.value(i, type), type);
    return flushes ? flushed(e, value) : value;
  }
  void set(Value *value) const {
    if (flushes)
      value = flushed(e, value);
    if (clamps)
      value = clamped(e, value);
    if (isPositive) {
      llvm::Constant *zero = llvm::Constant::getNullValue(value->getType());
      Value *isNegative = e.b.CreateFCmpOLT(value, zero);
      value = e.b.CreateSelect(isNegative, zero, value);
    }
    e.set(0, narrowed(e, value, type));
  }
};

template <llvm::Instruction::BinaryOps kOp> void binary(Emitter &e) {
  e.take("rn");
  Shape shape(e);
  shape.set(e.b.CreateBinOp(kOp, shape[1], shape[2]));
}

void divide(Emitter &e) {
  if (e.takeAny({"rn", "approx", "full"}).empty())
    e.fail("no rounding that is known");
  Shape shape(e);
  shape.set(e.b.CreateFDiv(shape[1], shape[2]));
}

void multiplyAndAdd(Emitter &e) {
  e.take("rn");
  Shape shape(e);
  shape.set(
      e.intrinsic(llvm::Intrinsic::fma, {shape[1]->getType()}, {shape[1], shape[2], shape[3]}));
}

void extreme(Emitter &e, bool isLargest) {
  bool keepsNan = e.take("NaN");
  Shape shape(e);
  llvm::Intrinsic::ID id =
      keepsNan ? (isLargest ? llvm::Intrinsic::maximum : llvm::Intrinsic::minimum)
               : (isLargest ? llvm::Intrinsic::maximumnum : llvm::Intrinsic::minimumnum);
  shape.set(e.b.CreateBinaryIntrinsic(id, shape[1], shape[2]));
}

/// The sign alone is changed, of what is no number too: bits of narrow floats are left as they are.
void changeSign(Emitter &e, bool isNegated) {
  bool flushes = e.take("ftz");
  Type type = e.takeType();
  Value *value = e.value(1, type);
  if (flushes)
    value = flushed(e, value);
  llvm::Type *bits = bitsLike(e, value->getType(), type.bits);
  uint64_t sign = uint64_t(1) << (type.bits - 1);
  Value *all = e.b.CreateBitCast(value, bits);
  e.set(0, isNegated ? e.b.CreateXor(all, splat(bits, sign))
                     : e.b.CreateAnd(all, splat(bits, sign - 1)));
}

void copySign(Emitter &e) {
  Type type = e.takeType();
  e.set(0,
        e.b.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, e.value(2, type), e.value(1, type)));
}

Value *one(Value *like) {
  return llvm::ConstantFP::get(like->getType(), 1);
}

/// A function of one value, in single precision whatever the type, as the hardware's approximations
/// are.
template <typename Fn> void unary(Emitter &e, Fn fn) {
  e.takeAny({"approx", "rn"});
  Shape shape(e);
  shape.set(fn(shape[1]));
}

void reciprocal(Emitter &e) {
  unary(e, [&](Value *value) { return e.b.CreateFDiv(one(value), value); });
}

void root(Emitter &e) {
  unary(e, [&](Value *value) { return e.b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, value); });
}

void reciprocalRoot(Emitter &e) {
  unary(e, [&](Value *value) -> Value * {
    if (value->getType()->isDoubleTy())
      return e.b.CreateFDiv(one(value), e.b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, value));
    return e.call("standin_rsqrt", e.b.getFloatTy(), {value});
  });
}

/// A function of the C library, of each lane.
template <const char *kName> void library(Emitter &e) {
  unary(e, [&](Value *value) -> Value * {
    auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
    if (!vector)
      return e.call(kName, e.b.getFloatTy(), {value});
    Value *all = value;
    for (unsigned i = 0; i < vector->getNumElements(); ++i)
      all = e.b.CreateInsertElement(
          all, e.call(kName, e.b.getFloatTy(), {e.b.CreateExtractElement(value, i)}), i);
    return all;
  });
}

constexpr char kExp2[] = "exp2f", kLog2[] = "log2f", kTanh[] = "tanhf", kSin[] = "sinf",
               kCos[] = "cosf";

void testKind(Emitter &e) {
  std::string what = e.takeAny({"finite", "infinite", "number", "notanumber"});
  Type type = e.takeType();
  Value *value = e.value(1, type);
  Value *size = e.b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, value);
  Value *infinity = llvm::ConstantFP::getInfinity(value->getType());
  if (what == "finite")
    e.set(0, e.b.CreateFCmpOLT(size, infinity));
  else if (what == "infinite")
    e.set(0, e.b.CreateFCmpOEQ(size, infinity));
  else if (what == "number")
    e.set(0, e.b.CreateFCmpORD(value, value));
  else if (what == "notanumber")
    e.set(0, e.b.CreateFCmpUNO(value, value));
  else
    e.fail("no kind that is known");
}

} // namespace

void addFloats(Emitter::Table &table) {
  table["add of floats"] = binary<llvm::Instruction::FAdd>;
  table["sub of floats"] = binary<llvm::Instruction::FSub>;
  table["mul of floats"] = binary<llvm::Instruction::FMul>;
  table["div of floats"] = divide;
  table["fma"] = table["mad of floats"] = multiplyAndAdd;
  table["min of floats"] = [](Emitter &e) { extreme(e, false); };
  table["max of floats"] = [](Emitter &e) { extreme(e, true); };
  table["abs of floats"] = [](Emitter &e) { changeSign(e, false); };
  table["neg of floats"] = [](Emitter &e) { changeSign(e, true); };
  table["copysign"] = copySign;
  table["rcp"] = reciprocal;
  table["sqrt"] = root;
  table["rsqrt"] = reciprocalRoot;
  table["ex2"] = library<kExp2>;
  table["lg2"] = library<kLog2>;
  table["tanh"] = library<kTanh>;
  table["sin"] = library<kSin>;
  table["cos"] = library<kCos>;
  table["testp"] = testKind;
}

} // namespace osscc::standin
