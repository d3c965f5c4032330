// Sums, products and quotients of integers.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

Value *widened(Emitter &e, Value *value, Type type) {
  llvm::Type *wide = e.typeOf(type.twice());
  return type.isSigned() ? e.b.CreateSExt(value, wide) : e.b.CreateZExt(value, wide);
}

void addOrSubtract(Emitter &e, bool isSum) {
  bool isClamped = e.take("sat");
  Type type = e.takeType();
  Value *a = e.value(1, type), *b = e.value(2, type);
  if (isClamped)
    e.set(0, e.b.CreateBinaryIntrinsic(
                 isSum ? llvm::Intrinsic::sadd_sat : llvm::Intrinsic::ssub_sat, a, b));
  else
    e.set(0, isSum ? e.b.CreateAdd(a, b) : e.b.CreateSub(a, b), type.isSigned());
}

/// The product as .lo, .hi or .wide says, and the type that it has.
std::pair<Value *, Type> product(Emitter &e) {
  std::string part = e.takeAny({"lo", "hi", "wide"});
  Type type = e.takeType();
  if (part.empty())
    e.fail("neither .lo nor .hi nor .wide");
  Value *a = e.value(1, type), *b = e.value(2, type);
  if (part == "lo")
    return {e.b.CreateMul(a, b), type};
  Value *whole = e.b.CreateMul(widened(e, a, type), widened(e, b, type));
  if (part == "wide")
    return {whole, type.twice()};
  return {e.b.CreateTrunc(e.b.CreateLShr(whole, e.number(uint64_t(type.bits), 2 * type.bits)),
                          e.typeOf(type)),
          type};
}

void multiply(Emitter &e) {
  auto [value, type] = product(e);
  e.set(0, value, type.isSigned());
}

void multiplyAndAdd(Emitter &e) {
  auto [value, type] = product(e);
  e.set(0, e.b.CreateAdd(value, e.value(3, type)), type.isSigned());
}

/// The host traps where the GPU gives something: ones for a quotient by zero.
void divide(Emitter &e, bool wantsRest) {
  Type type = e.takeType();
  Value *a = e.value(1, type), *b = e.value(2, type);
  Value *zero = e.number(0, type.bits), *ones = e.b.CreateNot(zero);
  Value *isZero = e.b.CreateICmpEQ(b, zero), *isUnsafe = isZero;
  if (type.isSigned())
    isUnsafe = e.b.CreateOr(isZero, e.b.CreateICmpEQ(b, ones)); // the smallest by -1
  Value *safe = e.b.CreateSelect(isUnsafe, e.number(1, type.bits), b);
  Value *quotient = type.isSigned() ? e.b.CreateSDiv(a, safe) : e.b.CreateUDiv(a, safe);
  Value *rest = type.isSigned() ? e.b.CreateSRem(a, safe) : e.b.CreateURem(a, safe);
  if (type.isSigned())
    quotient = e.b.CreateSelect(e.b.CreateICmpEQ(b, ones), e.b.CreateNeg(a), quotient);
  if (wantsRest)
    e.set(0, e.b.CreateSelect(isZero, a, rest), type.isSigned());
  else
    e.set(0, e.b.CreateSelect(isZero, ones, quotient), type.isSigned());
}

void extreme(Emitter &e, bool isLargest) {
  bool isPositive = e.take("relu");
  Type type = e.takeType();
  llvm::Intrinsic::ID id = type.isSigned()
                               ? (isLargest ? llvm::Intrinsic::smax : llvm::Intrinsic::smin)
                               : (isLargest ? llvm::Intrinsic::umax : llvm::Intrinsic::umin);
  Value *found = e.b.CreateBinaryIntrinsic(id, e.value(1, type), e.value(2, type));
  if (isPositive)
    found = e.b.CreateBinaryIntrinsic(llvm::Intrinsic::smax, found,
                                      llvm::Constant::getNullValue(found->getType()));
  e.set(0, found, type.isSigned());
}

void absolute(Emitter &e) {
  Type type = e.takeType();
  e.set(0, e.b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, e.value(1, type), e.b.getFalse()), true);
}

void negate(Emitter &e) {
  Type type = e.takeType();
  e.set(0, e.b.CreateNeg(e.value(1, type)), type.isSigned());
}

/// Sums of absolute differences.
void addDifference(Emitter &e) {
  Type type = e.takeType();
  Value *a = e.value(1, type), *b = e.value(2, type);
  Value *isLess = type.isSigned() ? e.b.CreateICmpSLT(a, b) : e.b.CreateICmpULT(a, b);
  Value *difference = e.b.CreateSelect(isLess, e.b.CreateSub(b, a), e.b.CreateSub(a, b));
  e.set(0, e.b.CreateAdd(e.value(3, type), difference), type.isSigned());
}

/// Byte (or half) i of a word, in 32 bits.
Value *part(Emitter &e, Value *word, int i, int bits, bool isSigned) {
  Value *found =
      e.b.CreateTrunc(e.b.CreateLShr(word, e.number(uint64_t(i * bits))), e.intType(bits));
  return isSigned ? e.b.CreateSExt(found, e.b.getInt32Ty())
                  : e.b.CreateZExt(found, e.b.getInt32Ty());
}

/// dp4a: four bytes by four bytes; dp2a: two halves by the lower or the upper two bytes.
void dot(Emitter &e, int parts) {
  std::string half = parts == 2 ? e.takeAny({"lo", "hi"}) : "lo";
  Type ofA = e.takeType(), ofB = e.takeType();
  Value *a = e.value(1, kWord), *b = e.value(2, kWord), *sum = e.value(3, kWord);
  for (int i = 0; i < parts; ++i)
    sum =
        e.b.CreateAdd(sum, e.b.CreateMul(part(e, a, i, 32 / parts, ofA.isSigned()),
                                         part(e, b, half == "hi" ? i + 2 : i, 8, ofB.isSigned())));
  e.set(0, sum);
}

} // namespace

void addIntegers(Emitter::Table &table) {
  table["add"] = [](Emitter &e) { addOrSubtract(e, true); };
  table["sub"] = [](Emitter &e) { addOrSubtract(e, false); };
  table["mul"] = multiply;
  table["mad"] = multiplyAndAdd;
  table["div"] = [](Emitter &e) { divide(e, false); };
  table["rem"] = [](Emitter &e) { divide(e, true); };
  table["min"] = [](Emitter &e) { extreme(e, false); };
  table["max"] = [](Emitter &e) { extreme(e, true); };
  table["abs"] = absolute;
  table["neg"] = negate;
  table["sad"] = addDifference;
  table["dp4a"] = [](Emitter &e) { dot(e, 4); };
  table["dp2a"] = [](Emitter &e) { dot(e, 2); };
}

} // namespace osscc::standin
