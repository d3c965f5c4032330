// An elementwise kernel after a matmul reads and writes rows that the matmul has just had in
// registers. Folded into the epilogue it costs nothing, and the barrier between the two goes:
//
//   bias        matmul(x, w) ─ map(b) on the product
//       ==>     matmul(x, w) channels(b) { yield acc + b }
//
//   residual    matmul(x, w) ─ map(_, old) on %hidden
//       ==>     matmul(x, w) on %hidden { yield f(acc, old) }
//
//   experts     combine(x) ─ map(_, old) on %hidden
//       ==>     combine(x) on %hidden { yield f(sum, old) }
//
//   scaled      combine(x) ─ map(old) on the sum
//       ==>     combine(x) { yield f(sum) }
//
//   gated MLP   matmul(x, gate ++ up) ┬ half ┬ map(g, u)
//                                     └ half ┘
//       ==>     matmul(x, gate ++ up) in 2 parts { yield f(g, u) }
//
// These follow each other: what is fused last reads what the epilogue yielded before.
//
//   quantized   norm(x) ─ quantize_rows    ==>    norm(x) in planes
//
// Stage: tile (tile -> tile, on tensors).
#include "compiler/Passes.h"
#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "compiler/Passes.h.inc"

namespace {

/// The arguments of a matmul's epilogue: an accumulator for each part, of each of its channels a
/// value for each part, the old element.
struct Arguments {
  Block::BlockArgListType all;
  unsigned parts;

  Value accumulator(unsigned part) { return all[part]; }
  Value channel(unsigned number, unsigned part) { return all[(1 + number) * parts + part]; }
  Value old() { return all.back(); }
};

/// The matmul of one part and one group that made `value` and whose epilogue leaves the old element
/// alone, or null.
tile::MatmulOp productOf(Value value) {
  auto matmul = value.getDefiningOp<tile::MatmulOp>();
  bool fits = matmul && matmul.getParts() == 1 && matmul.getGroups() == 1 &&
              matmul.getEpilogue().front().getArguments().back().use_empty();
  return fits ? matmul : tile::MatmulOp();
}

/// Whether `value` is one number for each channel of `rows`, the same for every row.
bool isChannels(Value value, Value rows) {
  auto block = dyn_cast<pack::BlockType>(value.getType());
  int64_t width = cast<ShapedType>(rows.getType()).getDimSize(1);
  return block && block.getShape() == ArrayRef<int64_t>{width};
}

/// Copies the operations of `region` on `values`; gives what it yields.
Value copyBody(OpBuilder &builder, Region &region, ValueRange values) {
  IRMapping mapping;
  Block &body = region.front();
  mapping.map(body.getArguments(), values);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return mapping.lookup(body.getTerminator()->getOperand(0));
}

/// The value that `matmul`, of one part, stores for part `part` of the matmul that it becomes.
Value copyEpilogue(OpBuilder &builder, tile::MatmulOp matmul, Arguments arguments, unsigned part) {
  SmallVector<Value> values = {arguments.accumulator(part)};
  for (unsigned number = 0; number < matmul.getChannels().size(); ++number)
    values.push_back(arguments.channel(number, part));
  values.push_back(arguments.old());
  return copyBody(builder, matmul.getEpilogue(), values);
}

/// Replaces `map` by a matmul like `matmul` of `parts` parts into `out`. `values` gives the
/// arguments of the map's body from those of the epilogue, which has `added` channels more.
void fuse(PatternRewriter &rewriter, tile::MapOp map, tile::MatmulOp matmul, int64_t parts,
          Value out, ArrayRef<Value> added,
          function_ref<SmallVector<Value>(OpBuilder &, Arguments)> values) {
  SmallVector<Value> channels(matmul.getChannels());
  channels.append(added.begin(), added.end());
  Location loc = map.getLoc();
  auto fused = tile::MatmulOp::create(
      rewriter, loc, map.getResultTypes(), matmul.getX(), matmul.getW(), channels, matmul.getPlan(),
      out, parts, matmul.getPlanes(), matmul.getFormatAttr(), matmul.getScheduleAttr(),
      matmul.getMostRowsAttr(), matmul.getInterleaved(), matmul.getSameRow(), /*groups=*/1);
  SmallVector<Type> types(parts * (1 + channels.size()) + 1, rewriter.getF32Type());
  {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *block = rewriter.createBlock(&fused.getEpilogue(), {}, types,
                                        SmallVector<Location>(types.size(), loc));
    Arguments arguments{block->getArguments(), static_cast<unsigned>(parts)};
    Value result = copyBody(rewriter, map.getBody(), values(rewriter, arguments));
    tile::YieldOp::create(rewriter, loc, result);
  }
  rewriter.replaceOp(map, fused.getResult());
}

struct FuseBias : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    auto matmul = map.getOut().getDefiningOp<tile::MatmulOp>();
    if (!matmul || matmul.getParts() != 1 || matmul.getGroups() != 1 || !matmul->hasOneUse())
      return rewriter.notifyMatchFailure(map, "does not change a product of its own");
    if (!llvm::all_of(map.getInputs(), [&](Value in) { return isChannels(in, map.getOut()); }))
      return rewriter.notifyMatchFailure(map, "reads other rows");
    unsigned before = matmul.getChannels().size();
    fuse(rewriter, map, matmul, 1, matmul.getOut(), llvm::to_vector(map.getInputs()),
         [&](OpBuilder &builder, Arguments arguments) {
           SmallVector<Value> values;
           for (unsigned i = 0; i < map.getInputs().size(); ++i)
             values.push_back(arguments.channel(before + i, 0));
           values.push_back(copyEpilogue(builder, matmul, arguments, 0));
           return values;
         });
    return success();
  }
};

struct FuseResidual : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    if (map.getInputs().size() != 1)
      return rewriter.notifyMatchFailure(map, "does not read one input");
    tile::MatmulOp matmul = productOf(map.getInputs()[0]);
    if (!matmul || !matmul->hasOneUse())
      return rewriter.notifyMatchFailure(map, "does not read a product of its own");
    fuse(rewriter, map, matmul, 1, map.getOut(), {},
         [&](OpBuilder &builder, Arguments arguments) -> SmallVector<Value> {
           return {copyEpilogue(builder, matmul, arguments, 0), arguments.old()};
         });
    return success();
  }
};

struct FuseCombined : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    if (map.getInputs().size() > 1)
      return rewriter.notifyMatchFailure(map, "reads more than one input");
    bool inPlace = map.getInputs().empty(); // changes the sum where it lies
    auto combine = (inPlace ? map.getOut() : map.getInputs()[0]).getDefiningOp<tile::CombineOp>();
    if (!combine || !combine->hasOneUse() ||
        !combine.getEpilogue().front().getArguments().back().use_empty())
      return rewriter.notifyMatchFailure(map, "does not read a sum of its own");
    Location loc = map.getLoc();
    auto fused = tile::CombineOp::create(
        rewriter, loc, map.getResultTypes(), combine.getX(), combine.getPlan(),
        inPlace ? combine.getOut() : map.getOut(), combine.getUnweighed());
    Type f32 = rewriter.getF32Type();
    {
      OpBuilder::InsertionGuard guard(rewriter);
      Block *block = rewriter.createBlock(&fused.getEpilogue(), {}, {f32, f32}, {loc, loc});
      Value sum = copyBody(rewriter, combine.getEpilogue(), block->getArguments());
      SmallVector<Value> values = {sum};
      if (!inPlace)
        values.push_back(block->getArgument(1));
      Value result = copyBody(rewriter, map.getBody(), values);
      tile::YieldOp::create(rewriter, loc, result);
    }
    rewriter.replaceOp(map, fused.getResult());
    return success();
  }
};

/// Whether `value` is channels [half * width, (half + 1) * width) of the 2 * width channels of some
/// rows; gives the rows.
Value halfOf(Value value, int64_t half) {
  auto slice = value.getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || slice.getStaticOffsets()[0] != 0 || !slice.hasUnitStride())
    return {};
  int64_t width = slice.getStaticSizes()[1];
  bool fits = slice.getStaticOffsets()[1] == half * width &&
              slice.getSourceType().getDimSize(1) == 2 * width;
  return fits ? slice.getSource() : Value();
}

struct FuseGlu : OpRewritePattern<tile::MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MapOp map, PatternRewriter &rewriter) const override {
    if (map.getInputs().size() != 2)
      return rewriter.notifyMatchFailure(map, "does not read two inputs");
    Value gate = halfOf(map.getInputs()[0], 0), up = halfOf(map.getInputs()[1], 1);
    if (!gate || gate != up)
      return rewriter.notifyMatchFailure(map, "inputs are not the halves of one block of rows");
    tile::MatmulOp matmul = productOf(gate);
    if (!matmul)
      return rewriter.notifyMatchFailure(map, "the halves are not a product");
    int64_t width = cast<ShapedType>(map.getOut().getType()).getDimSize(1);
    if (width % pack::kTileRows != 0)
      return rewriter.notifyMatchFailure(map, "the halves are not whole tiles");
    fuse(rewriter, map, matmul, 2, map.getOut(), {},
         [&](OpBuilder &builder, Arguments arguments) -> SmallVector<Value> {
           return {copyEpilogue(builder, matmul, arguments, 0),
                   copyEpilogue(builder, matmul, arguments, 1), arguments.old()};
         });
    return success();
  }
};

struct FuseQuantize : OpRewritePattern<tile::QuantizeRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::QuantizeRowsOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getX().getDefiningOp<tile::NormOp>();
    if (!norm || !onlyReadBy(norm, op) || norm.getSize() != 0)
      return rewriter.notifyMatchFailure(op, "does not read a norm of whole rows of its own");
    rewriter.replaceOpWithNewOp<tile::NormOp>(
        op, op.getResultTypes(), norm.getX(), norm.getW(), norm.getBias(), op.getOut(),
        norm.getEpsAttr(), op.getPlanesAttr(), norm.getSizeAttr(), norm.getOffsetAttr(),
        /*own=*/UnitAttr(), /*interleaved=*/UnitAttr(), norm.getCenteredAttr());
    return success();
  }

  /// Whether nothing else needs the rows; their number is that of the norm's destination too.
  static bool onlyReadBy(tile::NormOp norm, Operation *reader) {
    return llvm::all_of(norm->getUsers(), [&](Operation *user) { return user == reader; });
  }
};

struct FuseEpiloguesPass : osscc::impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  using FuseEpiloguesPassBase::FuseEpiloguesPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<FuseBias>({"fuse-bias"}, &getContext());
    patterns.addWithLabel<FuseResidual>({"fuse-residual"}, &getContext());
    patterns.addWithLabel<FuseCombined>({"fuse-combined"}, &getContext());
    patterns.addWithLabel<FuseGlu>({"fuse-glu"}, &getContext());
    patterns.addWithLabel<FuseQuantize>({"fuse-quantize"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
