// The registers of a dot's blocks, one by one: what every lowering of tile.dot does alike.
#pragma once

#include "dialects/tile/Tile.h"
#include "mlir/IR/PatternMatch.h"

namespace osscc::cpu {

/// 255 * high + low, the high plane's weight by a shift.
mlir::Value joinPlanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value high,
                       mlir::Value low);

/// The registers of a dot's blocks: rows, depth, and chunks of the channels.
struct DotBlocks {
  mlir::PatternRewriter &rewriter;
  tile::DotOp op;
  mlir::Location loc = op.getLoc();

  mlir::VectorType type() { return op.getAcc().getType(); }
  int64_t rows() { return type().getDimSize(0); }
  int64_t chunks() { return type().getDimSize(1); }
  int64_t lanes() { return type().getDimSize(2); }
  int64_t depth() { return op.getB().getType().getDimSize(0); }
  int64_t planes() { return op.getA().getType().getDimSize(0) / rows(); }

  /// One element of `a`, or codes of a word, times lanes of `b`, onto lanes of an accumulator.
  using Step =
      llvm::function_ref<mlir::Value(mlir::Value a, mlir::Value b, mlir::Value accumulator)>;
  /// How the accumulator of row `m` begins.
  using Start = llvm::function_ref<mlir::Value(int64_t m, mlir::Value accumulator)>;

  /// Replaces the dot by `step`s on registers, of floats with rising k. Of two planes the low one
  /// has the start of both, and 255 times the high one's sum is added to it.
  void expand(Start start, Step step);

  /// The same of integers, where `multiply` makes sums that are narrower than the accumulator: up
  /// to `together` of them are added before `widen` adds them to it.
  struct Narrow {
    int64_t together;
    llvm::function_ref<mlir::Value(mlir::Value a, mlir::Value b)> multiply;
    llvm::function_ref<mlir::Value(mlir::Value sums, mlir::Value accumulator)> widen;
  };
  void expand(Start start, const Narrow &step);

  /// acc - zero * the sum of row `m`'s codes: what unsigned bytes add too much.
  mlir::Value startBelow(int64_t m, mlir::Value acc);

  mlir::Value extract(mlir::Value from, llvm::ArrayRef<int64_t> at);
  /// `value` in every lane of `type`, or alone where that is no vector.
  mlir::Value splat(mlir::Type type, int64_t value);

  // What expand() is made of, for instructions that take several registers at a time.

  /// The accumulators of rows in planes, [rows][planes][chunks], as they begin.
  llvm::SmallVector<mlir::Value> begin(Start start);
  /// Replaces the dot by the sums that its accumulators have become.
  void finish(llvm::ArrayRef<mlir::Value> sums);
  /// The k that comes as `number`-th. Sums of integers have no order: those over 32 channels
  /// take 0, 4, 1, 5, ..., of which codes of 4 bits have two in a byte, so that it leaves its
  /// register early.
  int64_t channelOf(int64_t number);
};

} // namespace osscc::cpu
