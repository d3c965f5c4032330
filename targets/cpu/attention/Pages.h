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

/// A layer's place in the cache, as attend and append have it in their attributes.
struct CachePlace {
  mlir::Value offset; ///< of the layer's keys, bytes from the begin of a page
  int64_t group, heads, size, pageRows;
  mlir::Type stored; ///< f16, f32 or i8
};

template <typename Op> CachePlace cacheOf(Op op) {
  auto integer = [](uint64_t value) { return static_cast<int64_t>(value); };
  return {op.getOffset(),
          integer(op.getGroup()),
          integer(op.getHeads()),
          integer(op.getSize()),
          integer(op.getPageRows()),
          op.getCached().value_or(mlir::Float16Type::get(op.getContext()))};
}

/// Emits index arithmetic and page access.
struct PageAccess {
  mlir::OpBuilder &builder;
  mlir::Location loc;
  CachePlace cache;

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

  mlir::Type stored() { return cache.stored; }
  bool codes() { return stored().isInteger(); }

  Page pageOf(mlir::Value sequence, mlir::Value position) {
    int64_t heads = cache.heads, size = cache.size, pageRows = cache.pageRows;
    mlir::Type type = cache.stored;
    mlir::Value number = div(position, pageRows);
    int64_t bytes = heads * size * pageRows * type.getIntOrFloatBitWidth() / 8;
    auto at = [&](mlir::MemRefType part, int64_t behind) -> mlir::Value {
      return abi::PageOp::create(builder, loc, part, cache.group, sequence, number,
                                 add(cache.offset, index(behind)));
    };
    auto keys = mlir::MemRefType::get(
        {heads, pageRows / tile::kAttentionStep, size, tile::kAttentionStep}, type);
    auto values = mlir::MemRefType::get({heads, pageRows, size}, type);
    Page page{at(keys, 0), at(values, bytes), {}, {}};
    if (codes()) {
      auto scales = mlir::MemRefType::get({heads, pageRows}, builder.getF32Type());
      page.keyScales = at(scales, 2 * bytes);
      page.valueScales = at(scales, 2 * bytes + heads * pageRows * 4);
    }
    return page;
  }
};

/// A row whose keys and values go to the page of its position.
struct AppendedRow {
  mlir::Value k, v, row, slot;
  Page page;
  llvm::SmallVector<Turn> turns; ///< of the keys, where they are rotated on the way
};

AppendedRow appendedRow(PageAccess access, mlir::Value k, mlir::Value v,
                        std::optional<llvm::ArrayRef<float>> frequencies, mlir::Value row);

/// Emits the append of one head.
void emitAppend(PageAccess access, const AppendedRow &from, mlir::Value head);

} // namespace osscc::cpu
