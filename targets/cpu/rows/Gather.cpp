// gather of tokens from a table of blocks: each channel of the token's row is decoded where it lies
// in its tile, as dialects/pack/Blocks decodes it.
#include "targets/cpu/Emitter.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/rows/GatherRows.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one row.
struct RowReader : Emitter {
  Value table, token;
  pack::FormatAttr format;

  pack::BlockGeometry geometry() { return pack::geometryOf(format); }
  Value tile() { return div(token, pack::kTileRows); }
  Value lane() { return rem(token, pack::kTileRows); }
  Value word(int32_t value) {
    return arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(value));
  }
  Value loadByte(Value at) {
    Value byte = memref::LoadOp::create(builder, loc, table, ValueRange{tile(), at});
    return arith::ExtUIOp::create(builder, loc, builder.getI32Type(), byte);
  }

  /// The byte `base` bytes behind the begin of channel `c`'s group.
  Value inGroup(Value c, int64_t base) {
    Value group = mul(div(c, pack::kGroup), geometry().groupBytes() * pack::kTileRows);
    return add(group, index(base));
  }

  /// The unsigned code of channel `c`, or its entry of the table.
  Value code(Value c) {
    bool wide = geometry().codeBytes == pack::kGroup;
    Value channel = rem(c, pack::kGroup), k = wide ? channel : rem(channel, pack::kGroup / 2);
    Value at = add(inGroup(c, 0),
                   add(mul(div(k, 4), 4 * pack::kTileRows), add(mul(lane(), 4), rem(k, 4))));
    Value byte = loadByte(at);
    if (wide)
      return byte;
    Value high = div(channel, pack::kGroup / 2);
    Value shift = arith::IndexCastOp::create(builder, loc, builder.getI32Type(), mul(high, 4));
    Value code = arith::AndIOp::create(builder, loc,
                                       arith::ShRUIOp::create(builder, loc, byte, shift), word(15));
    return isa<Float4E2M1FNType>(format.getCode()) ? entry(code) : code;
  }
  Value entry(Value code) {
    Value result = word(pack::kDoubledE2M1[0]);
    for (int32_t i = 1; i < 16; ++i) {
      Value is = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, code, word(i));
      result = arith::SelectOp::create(builder, loc, is, word(pack::kDoubledE2M1[i]), result);
    }
    return result;
  }

  /// The scale, or the minimum, of channel `c`'s group: `bytes` bytes a row behind those of
  /// `before`.
  Value scale(Value c, int64_t before, int64_t bytes) {
    Value at = add(inGroup(c, before * pack::kTileRows), mul(lane(), bytes));
    if (bytes == 2) {
      auto pair = VectorType::get({2}, builder.getI8Type());
      auto half = VectorType::get({1}, builder.getF16Type());
      Value stored = vector::LoadOp::create(builder, loc, pair, table, ValueRange{tile(), at});
      Value value = vector::ExtractOp::create(builder, loc,
                                              vector::BitCastOp::create(builder, loc, half, stored),
                                              ArrayRef<int64_t>{0});
      return arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
    }
    // Half of 2^(code - 127): see LowerScales.
    Value code = loadByte(at);
    Value small = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, code, word(2));
    Value normal = arith::ShLIOp::create(
        builder, loc, arith::SubIOp::create(builder, loc, code, word(1)), word(23));
    Value shift = arith::SelectOp::create(builder, loc, small, code, word(0));
    Value denormal = arith::ShLIOp::create(builder, loc, word(0x00200000), shift);
    return arith::BitcastOp::create(builder, loc, builder.getF32Type(),
                                    arith::SelectOp::create(builder, loc, small, denormal, normal));
  }

  Value value(Value c) {
    pack::BlockGeometry shape = geometry();
    Value number = arith::SubIOp::create(builder, loc, code(c), word(shape.zero));
    Value value =
        arith::MulFOp::create(builder, loc, scale(c, shape.codeBytes, shape.scaleBytes),
                              arith::SIToFPOp::create(builder, loc, builder.getF32Type(), number));
    if (shape.minimumBytes == 0)
      return value;
    int64_t before = shape.codeBytes + shape.scaleBytes;
    return arith::AddFOp::create(builder, loc, value, scale(c, before, shape.minimumBytes));
  }
};

struct GatherBlocks : OpRewritePattern<tile::GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::GatherOp op, PatternRewriter &rewriter) const override {
    if (!op.getFormat() || !isa<MemRefType>(op.getTable().getType()))
      return rewriter.notifyMatchFailure(op, "does not read a table of blocks in memory");
    createTokenGather(rewriter, op, [&](OpBuilder &builder, Value row) {
      Location loc = op.getLoc();
      int64_t width = cast<MemRefType>(op.getOut().getType()).getDimSize(1);
      Value token = abi::TokenOp::create(builder, loc, row);
      auto loop =
          scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0),
                             constantIndex(builder, loc, width), constantIndex(builder, loc, 1));
      OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
      Value c = loop.getInductionVar();
      Value value = RowReader{{inner, loc}, op.getTable(), token, *op.getFormat()}.value(c);
      memref::StoreOp::create(inner, loc, value, op.getOut(), ValueRange{row, c});
    });
    return success();
  }
};

} // namespace

void populateGatherBlocks(RewritePatternSet &patterns) {
  patterns.addWithLabel<GatherBlocks>({"gather-blocks"}, patterns.getContext());
}

} // namespace osscc::cpu
