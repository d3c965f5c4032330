// Arithmetic and memory in the code that is emitted, so that a kernel reads as what it computes.
#pragma once

#include "targets/cpu/Constants.h"

namespace osscc::cpu {

/// Emits operations at one place; the emitters of kernels derive from it. Operands are numbers of
/// one type, floats or integers, scalars or vectors; a plain number beside an index is one too.
/// Division and remainder of integers are unsigned.
struct Emitter {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  mlir::Value index(int64_t value) const { return constantIndex(builder, loc, value); }
  /// A constant f32, or a vector of it.
  mlir::Value real(double value, mlir::Type like) const {
    return constantF32(builder, loc, value, like);
  }

  mlir::Value add(mlir::Value a, mlir::Value b) const;
  mlir::Value sub(mlir::Value a, mlir::Value b) const;
  mlir::Value mul(mlir::Value a, mlir::Value b) const;
  mlir::Value div(mlir::Value a, mlir::Value b) const;
  mlir::Value rem(mlir::Value a, mlir::Value b) const;
  mlir::Value add(mlir::Value a, int64_t b) const { return add(a, index(b)); }
  mlir::Value mul(mlir::Value a, int64_t b) const { return mul(a, index(b)); }
  mlir::Value div(mlir::Value a, int64_t b) const { return div(a, index(b)); }
  mlir::Value rem(mlir::Value a, int64_t b) const { return rem(a, index(b)); }
  /// The smaller and the larger of two signed integers.
  mlir::Value smaller(mlir::Value a, mlir::Value b) const;
  mlir::Value larger(mlir::Value a, mlir::Value b) const;
  /// a * b + c with one rounding.
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c) const;

  mlir::VectorType vectorOf(int64_t lanes, mlir::Type element) const {
    return mlir::VectorType::get({lanes}, element);
  }
  mlir::VectorType floats(int64_t lanes) const { return vectorOf(lanes, builder.getF32Type()); }
  /// `scalar` in every lane of `type`.
  mlir::Value splat(mlir::Value scalar, mlir::Type type) const;
  /// The vector or the scalar at `at`, and `from` with `value` there.
  mlir::Value extract(mlir::Value from, llvm::ArrayRef<int64_t> at) const;
  mlir::Value insert(mlir::Value value, mlir::Value from, llvm::ArrayRef<int64_t> at) const;
  /// Lanes that follow each other in memory.
  mlir::Value load(mlir::VectorType type, mlir::Value memory, mlir::ValueRange at) const;
  void store(mlir::Value lanes, mlir::Value memory, mlir::ValueRange at) const;
  /// Memory of a worker's stack that begins with a line.
  mlir::Value allocate(llvm::ArrayRef<int64_t> shape, mlir::Type element) const;

  /// Runs `body` for 0, step, 2 * step, ... below `end`.
  void forEach(mlir::Value end, int64_t step, llvm::function_ref<void(mlir::Value)> body) const;
};

} // namespace osscc::cpu
