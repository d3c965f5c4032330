// Where keys and values lie in a page of the cache (docs/design/layout.md), for attend and append,
// which describe the cache alike:
//
//   page of a layer:   keys [heads][rows / 64][size][64]   so that 16 positions are one vector
//                      values [heads][rows][size]          so that 16 channels are one vector
//   of codes also      key scales [heads][rows], value scales [heads][rows]
#pragma once

#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace osscc::cpu {

/// Positions of one vector of keys.
constexpr int64_t kKeyLanes = 16;

/// The keys and values of one layer in the page that holds a position.
struct Page {
  mlir::Value keys, values;
  mlir::Value keyScales, valueScales; ///< of codes, else null
};

/// Part of a head: channels [begin, begin + lanes), a power of two up to 16.
struct Part {
  int64_t begin, lanes;
};

/// The parts of a head of `size` channels.
llvm::SmallVector<Part> partsOf(int64_t size);

/// Emits index arithmetic and page access.
template <typename Op> struct PageAccess {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  Op op;

  mlir::Value index(int64_t value) { return constantIndex(builder, loc, value); }
  mlir::Value add(mlir::Value a, mlir::Value b) {
    return mlir::arith::AddIOp::create(builder, loc, a, b);
  }
  mlir::Value mul(mlir::Value a, int64_t b) {
    return mlir::arith::MulIOp::create(builder, loc, a, index(b));
  }
  mlir::Value div(mlir::Value a, int64_t b) {
    return mlir::arith::DivUIOp::create(builder, loc, a, index(b));
  }
  mlir::Value rem(mlir::Value a, int64_t b) {
    return mlir::arith::RemUIOp::create(builder, loc, a, index(b));
  }
  mlir::Value mul(mlir::Value a, mlir::Value b) {
    return mlir::arith::MulIOp::create(builder, loc, a, b);
  }
  mlir::Value div(mlir::Value a, mlir::Value b) {
    return mlir::arith::DivUIOp::create(builder, loc, a, b);
  }
  mlir::Value rem(mlir::Value a, mlir::Value b) {
    return mlir::arith::RemUIOp::create(builder, loc, a, b);
  }

  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;

  /// Calls `body` with every number of [begin, end); what it gives goes round.
  llvm::SmallVector<mlir::Value> loop(mlir::Value begin, mlir::Value end, mlir::ValueRange start,
                                      Body body) {
    auto loop = mlir::scf::ForOp::create(builder, loc, begin, end, index(1), start);
    mlir::OpBuilder::InsertionGuard guard(builder);
    mlir::Block *block = loop.getBody();
    if (start.empty())
      builder.setInsertionPoint(block->getTerminator());
    else
      builder.setInsertionPointToEnd(block);
    llvm::SmallVector<mlir::Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
    if (!start.empty())
      mlir::scf::YieldOp::create(builder, loc, next);
    return llvm::SmallVector<mlir::Value>(loop.getResults());
  }

  mlir::VectorType vector(int64_t lanes, mlir::Type element) {
    return mlir::VectorType::get({lanes}, element);
  }

  /// What the cache holds.
  mlir::Type stored() { return op.getCached().value_or(builder.getF16Type()); }
  bool codes() { return stored().isInteger(); }

  Page pageOf(mlir::Value sequence, mlir::Value position) {
    int64_t heads = op.getHeads(), size = op.getSize(), pageRows = op.getPageRows();
    mlir::Value number = div(position, pageRows);
    int64_t bytes = heads * size * pageRows * stored().getIntOrFloatBitWidth() / 8;
    auto at = [&](mlir::MemRefType type, int64_t behind) -> mlir::Value {
      return abi::PageOp::create(builder, loc, type, op.getGroup(), sequence, number,
                                 add(op.getOffset(), index(behind)));
    };
    auto keys = mlir::MemRefType::get(
        {heads, pageRows / tile::kAttentionStep, size, tile::kAttentionStep}, stored());
    auto values = mlir::MemRefType::get({heads, pageRows, size}, stored());
    Page page{at(keys, 0), at(values, bytes), {}, {}};
    if (codes()) {
      auto scales = mlir::MemRefType::get({heads, pageRows}, builder.getF32Type());
      page.keyScales = at(scales, 2 * bytes);
      page.valueScales = at(scales, 2 * bytes + heads * pageRows * 4);
    }
    return page;
  }
};

} // namespace osscc::cpu
