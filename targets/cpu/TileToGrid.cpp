// The pass `tile-to-grid`, and the pieces that its kernels share. One kernel function in:
//
//   tile.matmul ins(%x, %w) outs(%out)
//       ==>   tile.grid %blocks { ^bb(%block): load, unpack, dot, store }
//
// Stage: target, any CPU (tile kernels on memrefs -> tile blocks, scf, vector).
#include "targets/Passes.h"
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_TILETOGRIDPASS
#include "targets/Passes.h.inc"

namespace cpu {

void createGrid(OpBuilder &builder, Location loc, Value blocks,
                function_ref<void(OpBuilder &, Value)> body) {
  auto grid = tile::GridOp::create(builder, loc, blocks);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&grid.getBody(), {}, builder.getIndexType(), loc);
  body(builder, block->getArgument(0));
  builder.setInsertionPointToEnd(block);
  tile::YieldOp::create(builder, loc);
}

void createBlocks(OpBuilder &builder, Location loc, Value blocks, bool own,
                  function_ref<void(OpBuilder &, Value)> body) {
  if (!own)
    return createGrid(builder, loc, blocks, body);
  auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0), blocks,
                                 constantIndex(builder, loc, 1));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  body(inner, loop.getInductionVar());
}

Value constantIndex(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value constantF32(OpBuilder &builder, Location loc, double value, Type like) {
  FloatAttr scalar = builder.getF32FloatAttr(value);
  if (auto vector = dyn_cast<VectorType>(like))
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(builder, loc, scalar);
}

Value constantInteger(OpBuilder &builder, Location loc, int64_t value, Type like) {
  TypedAttr scalar = builder.getIntegerAttr(getElementTypeOrSelf(like), value);
  if (auto shaped = dyn_cast<ShapedType>(like))
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(shaped, Attribute(scalar)));
  return arith::ConstantOp::create(builder, loc, scalar);
}

void forEachChunk(OpBuilder &builder, Location loc, int64_t columns,
                  function_ref<void(OpBuilder &, ColumnChunk)> body) {
  constexpr int64_t lanes = 16;
  int64_t whole = columns / lanes * lanes;
  if (whole > 0) {
    auto loop =
        scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                           constantIndex(builder, loc, whole), constantIndex(builder, loc, lanes));
    OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
    body(inner, {loop.getInductionVar(), lanes, {}});
  }
  if (whole < columns)
    body(builder,
         {constantIndex(builder, loc, whole), lanes, constantIndex(builder, loc, columns - whole)});
}

static Value maskOf(OpBuilder &builder, Location loc, const ColumnChunk &chunk) {
  auto type = VectorType::get({chunk.lanes}, builder.getI1Type());
  return vector::CreateMaskOp::create(builder, loc, type, chunk.remaining);
}

Value loadChunk(OpBuilder &builder, Location loc, Value rows, Value row, const ColumnChunk &chunk) {
  auto type = VectorType::get({chunk.lanes}, builder.getF32Type());
  SmallVector<Value> at =
      row ? SmallVector<Value>{row, chunk.begin} : SmallVector<Value>{chunk.begin};
  if (!chunk.remaining)
    return vector::LoadOp::create(builder, loc, type, rows, at);
  return vector::MaskedLoadOp::create(builder, loc, type, rows, at, maskOf(builder, loc, chunk),
                                      constantF32(builder, loc, 0, type));
}

void storeChunk(OpBuilder &builder, Location loc, Value value, Value rows, Value row,
                const ColumnChunk &chunk) {
  SmallVector<Value> at = {row, chunk.begin};
  if (!chunk.remaining)
    vector::StoreOp::create(builder, loc, value, rows, at);
  else
    vector::MaskedStoreOp::create(builder, loc, rows, at, maskOf(builder, loc, chunk), value);
}

Value cloneOnVectors(OpBuilder &builder, Region &region, ValueRange arguments, int64_t lanes) {
  auto onVector = [&](Type type) { return VectorType::get({lanes}, type); };
  IRMapping mapping;
  Block &block = region.front();
  mapping.map(block.getArguments(), arguments);
  // A value from outside the region, a hoisted constant, is the same for every lane.
  auto lanesOf = [&](Value value, Location loc) -> Value {
    if (Value mapped = mapping.lookupOrNull(value))
      return mapped;
    return vector::BroadcastOp::create(builder, loc, onVector(value.getType()), value);
  };
  for (Operation &op : block.without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      auto value = DenseElementsAttr::get(cast<ShapedType>(onVector(constant.getType())),
                                          Attribute(constant.getValue()));
      mapping.map(constant.getResult(),
                  arith::ConstantOp::create(builder, op.getLoc(), value).getResult());
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lanesOf(operand, op.getLoc()));
    OperationState state(op.getLoc(), op.getName(), operands, {onVector(op.getResult(0).getType())},
                         op.getAttrs());
    mapping.map(op.getResult(0), builder.create(state)->getResult(0));
  }
  Value result = block.getTerminator()->getOperand(0);
  return lanesOf(result, block.getTerminator()->getLoc());
}

Value foldLanes(OpBuilder &builder, Location loc, Value lanes) {
  for (int64_t width = cast<VectorType>(lanes.getType()).getDimSize(0); width > 1; width /= 2) {
    auto half = [&](int64_t from) -> Value {
      return vector::ExtractStridedSliceOp::create(builder, loc, lanes, ArrayRef<int64_t>{from},
                                                   ArrayRef<int64_t>{width / 2},
                                                   ArrayRef<int64_t>{1});
    };
    lanes = arith::AddFOp::create(builder, loc, half(0), half(width / 2));
  }
  return vector::ExtractOp::create(builder, loc, lanes, ArrayRef<int64_t>{0});
}

} // namespace cpu

namespace {

struct TileToGridPass : osscc::impl::TileToGridPassBase<TileToGridPass> {
  using TileToGridPassBase::TileToGridPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    cpu::populateMatmulKernel(patterns);
    cpu::populateRowKernels(patterns);
    cpu::populateGatherBlocks(patterns);
    cpu::populateQuantizeRows(patterns);
    cpu::populateRotateKernel(patterns);
    cpu::populateAttendKernel(patterns);
    cpu::populateAppendKernel(patterns);
    cpu::populatePrefetchKernel(patterns);
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
