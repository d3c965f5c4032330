// Arithmetic, memory and control flow in the code of a kernel, so that it reads as what it
// computes. Memory is addressed by pointers, since a kernel chooses how wide it loads.
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <concepts>

namespace osscc::cuda {

struct Emitter;

/// Threads of a warp.
inline constexpr int64_t kWarp = 32;

/// A value in the code that is emitted, with the operators of its type: floats, integers of 32 or
/// 64 bits, bits. Integers divide and shift right without a sign, and compare with one.
struct Number {
  const Emitter *emitter = nullptr;
  mlir::Value value;

  // NOLINTNEXTLINE(google-explicit-constructor)
  operator mlir::Value() const { return value; }
  explicit operator bool() const { return static_cast<bool>(value); }
};

/// The right side of an operator: a value, or a constant of the left side's type.
struct Operand {
  // NOLINTBEGIN(google-explicit-constructor)
  Operand(Number number) : number(number) {}
  Operand(std::integral auto value)
      : integer(static_cast<int64_t>(value)), real(static_cast<double>(value)) {}
  Operand(double value) : integer(static_cast<int64_t>(value)), real(value) {}
  // NOLINTEND(google-explicit-constructor)

  Number number;
  int64_t integer = 0;
  double real = 0;
};

Number operator+(Number a, const Operand &b);
Number operator-(Number a, const Operand &b);
Number operator*(Number a, const Operand &b);
Number operator/(Number a, const Operand &b);
Number operator%(Number a, const Operand &b);
Number operator&(Number a, const Operand &b);
Number operator|(Number a, const Operand &b);
Number operator<<(Number a, const Operand &b);
Number operator>>(Number a, const Operand &b);
Number operator<(Number a, const Operand &b);
Number operator>(Number a, const Operand &b);
Number operator==(Number a, Number b); // of its own, since it may be reversed
Number operator==(Number a, const Operand &b);

/// Memory as a kernel sees it: rows of `width` elements, `stride` elements apart. A row begins at
/// whole multiples of `align` bytes.
struct Rows {
  Number base;
  mlir::Type element;
  int64_t width, stride, align;
};

/// Emits code at one place of a kernel.
struct Emitter {
  mutable mlir::OpBuilder builder;
  mlir::Location loc;

  Number number(mlir::Value value) const { return {this, value}; }
  mlir::Type f32() const { return builder.getF32Type(); }
  mlir::Type i32() const { return builder.getI32Type(); }
  mlir::Type i64() const { return builder.getI64Type(); }
  mlir::Type vectorOf(int64_t count, mlir::Type element) const {
    return mlir::VectorType::get({count}, element);
  }
  Number integer(int64_t value) const;
  Number wide(int64_t value) const; ///< of 64 bits
  Number real(double value) const;
  Number constant(mlir::Type type, const Operand &value) const;

  Number fma(Number a, Number b, Number c) const;
  Number larger(Number a, const Operand &b) const;  ///< of floats: a number before none
  Number smaller(Number a, const Operand &b) const; ///< likewise
  Number select(Number which, Number a, const Operand &b) const;
  Number exp(Number x) const;
  Number sqrt(Number x) const;
  Number abs(Number x) const;
  Number toFloat(Number integer) const;
  /// The integer nearest to a float, ties to even, in 32 bits.
  Number nearest(Number x) const;
  Number extend(Number integer, mlir::Type type) const; ///< without a sign
  Number extendSigned(Number integer, mlir::Type type) const;
  Number truncate(Number integer, mlir::Type type) const;
  Number widen(Number narrow, mlir::Type type) const; ///< a float
  Number narrow(Number wide, mlir::Type type) const;  ///< a float, to the nearest
  Number bitcast(Number x, mlir::Type type) const;
  /// Element `at` of a vector.
  Number lane(Number vector, int64_t at) const;
  /// Calls an intrinsic of LLVM.
  Number intrinsic(llvm::StringRef name, mlir::Type type, mlir::ValueRange operands) const;

  Number threadId() const;
  Number blockId(int64_t dimension) const;
  void barrier() const;
  Number shuffleXor(Number value, int64_t mask) const;
  /// The same sum, or maximum, in all threads of a warp, or of each `width` neighbours in it.
  Number warpSum(Number value, int64_t width = kWarp) const;
  Number warpMaximum(Number value, int64_t width = kWarp) const;

  /// `at` elements of `element` behind `base`.
  Number advance(Number base, mlir::Type element, Number at) const;
  /// The value of `type` at `base`; `constant` where nobody writes it while the kernel runs.
  Number load(mlir::Type type, Number base, int64_t align, bool constant = false) const;
  void store(Number value, Number base, int64_t align) const;
  /// Where a row's element lies.
  Number place(const Rows &rows, Number row, const Operand &column) const;
  Number load(const Rows &rows, Number row, const Operand &column) const;
  void store(Number value, const Rows &rows, Number row, const Operand &column) const;

  using Numbers = llvm::SmallVector<Number>;
  using Body = llvm::function_ref<Numbers(Number, llvm::ArrayRef<Number>)>;
  /// Runs `body` for begin, begin + step, ... below `end`; what it gives goes round.
  Numbers loop(Number begin, const Operand &end, const Operand &step, const Numbers &start,
               Body body) const;
  void forEach(Number begin, const Operand &end, const Operand &step,
               llvm::function_ref<void(Number)> body) const;
  void when(Number condition, llvm::function_ref<void()> body) const;
  /// Values of the one or the other.
  Numbers choose(Number condition, llvm::function_ref<Numbers()> yes,
                 llvm::function_ref<Numbers()> no) const;

  // What the call says of its rows; integers of 32 bits.
  Number token(Number row) const;
  Number position(Number row) const;
  Number sequence(Number row) const;
  Number outputRow(Number row) const;

  mlir::Value toIndex(Number integer) const;
  Number fromIndex(mlir::Value index) const;
};

} // namespace osscc::cuda
