#include "targets/cpu/matmul/DotBlocks.h"

#include "targets/cpu/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc::cpu {

Value DotBlocks::extract(Value from, ArrayRef<int64_t> at) {
  return vector::ExtractOp::create(rewriter, loc, from, at);
}

Value DotBlocks::splat(Type type, int64_t value) {
  return constantInteger(rewriter, loc, value, type);
}

Value DotBlocks::startBelow(int64_t m, Value acc) {
  auto zero = static_cast<int64_t>(op.getZero());
  if (zero == 0)
    return acc;
  Value offset =
      vector::BroadcastOp::create(rewriter, loc, acc.getType(), extract(op.getOffsets(), {m}));
  // The offset is a multiple of 128, so that the shifts are exact.
  int64_t common = zero & -zero;
  if (common != tile::kOffset)
    offset = arith::ShRSIOp::create(rewriter, loc, offset,
                                    splat(acc.getType(), llvm::Log2_64(tile::kOffset / common)));
  if (common != zero)
    offset = arith::MulIOp::create(rewriter, loc, offset, splat(acc.getType(), zero / common));
  return arith::AddIOp::create(rewriter, loc, acc, offset);
}

Value joinPlanes(OpBuilder &builder, Location loc, Value high, Value low) {
  Value eight = constantInteger(builder, loc, 8, high.getType());
  Value shifted = arith::ShLIOp::create(builder, loc, high, eight);
  Value weighted = arith::SubIOp::create(builder, loc, shifted, high);
  return arith::AddIOp::create(builder, loc, weighted, low);
}

int64_t DotBlocks::channelOf(int64_t number) {
  bool ordered = !op.getOffsets() || depth() != pack::kRecordChannels / 4;
  return ordered ? number : number % 2 * (depth() / 2) + number / 2;
}

SmallVector<Value> DotBlocks::begin(Start start) {
  SmallVector<Value> sums;
  for (int64_t row = 0; row < rows() * planes(); ++row)
    for (int64_t c = 0; c < chunks(); ++c) {
      bool isHigh = row % planes() != planes() - 1;
      sums.push_back(isHigh ? splat(VectorType::get({lanes()}, type().getElementType()), 0)
                            : start(row / planes(), extract(op.getAcc(), {row / planes(), c})));
    }
  return sums;
}

void DotBlocks::finish(ArrayRef<Value> sums) {
  Value result = op.getAcc();
  for (int64_t m = 0; m < rows(); ++m)
    for (int64_t c = 0; c < chunks(); ++c) {
      int64_t last = ((m + 1) * planes() - 1) * chunks() + c;
      Value sum =
          planes() == 1 ? sums[last] : joinPlanes(rewriter, loc, sums[last - chunks()], sums[last]);
      result = vector::InsertOp::create(rewriter, loc, sum, result, ArrayRef<int64_t>{m, c});
    }
  rewriter.replaceOp(op, result);
}

void DotBlocks::expand(Start start, Step step) {
  SmallVector<Value> sums = begin(start);
  for (int64_t number = 0; number < depth(); ++number) { // outermost: a weight is loaded once
    int64_t k = channelOf(number);
    for (int64_t row = 0; row < rows() * planes(); ++row) {
      Value a = extract(op.getA(), {row, k});
      for (int64_t c = 0; c < chunks(); ++c) {
        Value &sum = sums[row * chunks() + c];
        sum = step(a, extract(op.getB(), {k, c}), sum);
      }
    }
  }
  finish(sums);
}

void DotBlocks::expand(Start start, const Narrow &step) {
  SmallVector<Value> sums = begin(start), narrow(sums.size());
  for (int64_t number = 0; number < depth(); ++number) {
    int64_t k = channelOf(number);
    bool isLast = (number + 1) % step.together == 0 || number + 1 == depth();
    for (int64_t row = 0; row < rows() * planes(); ++row) {
      Value a = extract(op.getA(), {row, k});
      for (int64_t c = 0; c < chunks(); ++c) {
        int64_t at = row * chunks() + c;
        Value product = step.multiply(a, extract(op.getB(), {k, c}));
        Value all =
            narrow[at] ? Value(arith::AddIOp::create(rewriter, loc, narrow[at], product)) : product;
        narrow[at] = isLast ? Value() : all;
        if (isLast)
          sums[at] = step.widen(all, sums[at]);
      }
    }
  }
  finish(sums);
}

} // namespace osscc::cpu
