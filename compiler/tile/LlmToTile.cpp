// Turns each llm op into one kernel, one pattern an op. Kernels name their destination; the
// residual sum writes onto the hidden rows themselves, so that a layer needs no copy of them. At
// the end a segment is a function of the rows it writes:
//
//   @embed(%hidden)    @layer_i(%hidden)    @head(%hidden, %logits)
//
// What a model carries beside the hidden rows are more such arguments behind them.
//
// Handles of rows and cache are gone: kernels read the call frame. Stage: tile (llm -> tile).
#include "compiler/Passes.h"
#include "compiler/tile/Activation.h"
#include "compiler/tile/Cache.h"
#include "compiler/tile/CreateKernels.h"
#include "compiler/tile/ElementwiseToTile.h"
#include "compiler/tile/ExpertsToTile.h"
#include "compiler/tile/RecurrenceToTile.h"
#include "compiler/tile/StreamsToTile.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/llm/Llm.h"
#include "dialects/tile/PageLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_LLMTOTILEPASS
#include "compiler/Passes.h.inc"

namespace {

/// A matmul whose epilogue stores the accumulator as it is; a weight in blocks takes its rows in
/// codes of `planes` planes.
Value createProduct(OpBuilder &builder, Location loc, Value x, Value weight, RankedTensorType type,
                    int64_t planes, int64_t groups = 1) {
  Value out = emptyLike(builder, loc, x, type);
  auto block = dyn_cast<pack::BlockType>(weight.getType());
  bool blocks = block && block.getFormat().isBlock();
  if (blocks)
    x = quantizeRows(builder, x, planes);
  auto matmul = tile::MatmulOp::create(builder, loc, TypeRange{type}, x, weight, ValueRange(),
                                       /*plan=*/Value(), out, /*parts=*/1, blocks ? planes : 0,
                                       pack::FormatAttr(), tile::ScheduleAttr(), IntegerAttr(),
                                       /*interleaved=*/false, /*same_row=*/false, groups);
  fillRegion(builder, loc, matmul.getEpilogue(), 2,
             [](OpBuilder &, Location, ValueRange arguments) { return arguments[0]; });
  return matmul.getResult()[0];
}

struct Embed : OpRewritePattern<llm::EmbedOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::EmbedOp op, PatternRewriter &rewriter) const override {
    auto type = op.getY().getType();
    Value count = abi::RowsOp::create(rewriter, op.getLoc());
    Value out = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(),
                                        type.getElementType(), ValueRange{count});
    auto rows = op.getOfPositions() ? tile::RowSource::Positions : tile::RowSource::Tokens;
    rewriter.replaceOpWithNewOp<tile::GatherOp>(op, TypeRange{type}, op.getTable(), out, rows,
                                                pack::FormatAttr());
    return success();
  }
};

struct Linear : OpRewritePattern<llm::LinearOp> {
  Linear(MLIRContext *context, int64_t planes) : OpRewritePattern(context), planes(planes) {}
  LogicalResult matchAndRewrite(llm::LinearOp op, PatternRewriter &rewriter) const override {
    Value y = createProduct(rewriter, op.getLoc(), op.getX(), op.getWeight(), op.getY().getType(),
                            planes, static_cast<int64_t>(op.getGroups()));
    if (op.getBias()) {
      auto body = [](OpBuilder &builder, Location loc, ValueRange values) -> Value {
        return arith::AddFOp::create(builder, loc, values[1], values[0]);
      };
      y = createMap(rewriter, op.getLoc(), {op.getBias()}, y, body).getResult()[0];
    }
    rewriter.replaceOp(op, y);
    return success();
  }
  int64_t planes; // of rows that multiply a weight in blocks
};

struct Logits : OpRewritePattern<llm::LogitsOp> {
  Logits(MLIRContext *context, int64_t planes) : OpRewritePattern(context), planes(planes) {}
  LogicalResult matchAndRewrite(llm::LogitsOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, createProduct(rewriter, op.getLoc(), op.getX(), op.getHead(),
                                         op.getY().getType(), planes));
    return success();
  }
  int64_t planes; // of rows that multiply a weight in blocks
};

/// Replaces `rms_norm` or `layer_norm`, which has a `bias` or null and is `centered`.
template <typename Norm>
void replaceByNorm(PatternRewriter &rewriter, Norm op, Value bias, bool centered) {
  auto type = cast<RankedTensorType>(op.getY().getType());
  Value out = emptyLike(rewriter, op.getLoc(), op.getX(), type);
  rewriter.replaceOpWithNewOp<tile::NormOp>(
      op, TypeRange{type}, op.getX(), op.getScale(), bias, out, op.getEpsAttr(),
      rewriter.getI64IntegerAttr(0), op.getSizeAttr(), op.getOffsetAttr(), /*own=*/UnitAttr(),
      /*interleaved=*/UnitAttr(), centered ? rewriter.getUnitAttr() : UnitAttr());
}

struct RmsNorm : OpRewritePattern<llm::RmsNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::RmsNormOp op, PatternRewriter &rewriter) const override {
    replaceByNorm(rewriter, op, /*bias=*/Value(), /*centered=*/false);
    return success();
  }
};

struct LayerNorm : OpRewritePattern<llm::LayerNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::LayerNormOp op, PatternRewriter &rewriter) const override {
    replaceByNorm(rewriter, op, op.getBias(), /*centered=*/true);
    return success();
  }
};

struct Rope : OpRewritePattern<llm::RopeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::RopeOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getY().getType());
    Value out = emptyLike(rewriter, op.getLoc(), op.getX(), type);
    rewriter.replaceOpWithNewOp<tile::RotateOp>(
        op, TypeRange{type}, op.getX(), out, rewriter.getI64IntegerAttr(op.getRope().getDims()),
        rewriter.getDenseF32ArrayAttr(op.getRope().inverseFrequencies()),
        rewriter.getF32FloatAttr(op.getRope().turnFactor()));
    return success();
  }
};

/// The byte of a page where a layer of the group begins.
Value offsetOf(OpBuilder &builder, Location loc, uint64_t layer, tile::CacheAttr cache) {
  return arith::ConstantIndexOp::create(
      builder, loc, static_cast<int64_t>(layer) * tile::PageLayout(cache).bytes);
}

struct KvAppend : OpRewritePattern<llm::KvAppendOp> {
  KvAppend(MLIRContext *context, CacheSettings settings)
      : OpRewritePattern(context), settings(settings) {}
  LogicalResult matchAndRewrite(llm::KvAppendOp op, PatternRewriter &rewriter) const override {
    tile::CacheAttr cache = settings.layoutOf(op.getCache().getType());
    Value offset = offsetOf(rewriter, op.getLoc(), op.getLayer(), cache);
    rewriter.replaceOpWithNewOp<tile::AppendOp>(op, op.getK(), op.getV(), offset, cache,
                                                DenseF32ArrayAttr(), rewriter.getF32FloatAttr(1));
    return success();
  }
  CacheSettings settings;
};

struct Attention : OpRewritePattern<llm::AttentionOp> {
  Attention(MLIRContext *context, CacheSettings settings)
      : OpRewritePattern(context), settings(settings) {}
  LogicalResult matchAndRewrite(llm::AttentionOp op, PatternRewriter &rewriter) const override {
    tile::CacheAttr cache = settings.layoutOf(op.getCache().getType());
    auto type = cast<RankedTensorType>(op.getY().getType());
    Value offset = offsetOf(rewriter, op.getLoc(), op.getLayer(), cache);
    Value out = emptyLike(rewriter, op.getLoc(), op.getQ(), type);
    tile::MaskAttr mask;
    if (op.getMask())
      mask =
          tile::MaskAttr::get(getContext(), op.getMask()->getWindow(), op.getMask()->getChunked());
    tile::TemperatureAttr temperature;
    if (std::optional<llm::TemperatureAttr> own = op.getTemperature())
      temperature = tile::TemperatureAttr::get(getContext(), own->getStep(), own->getScale(),
                                               own->getOffset());
    rewriter.replaceOpWithNewOp<tile::AttendOp>(
        op, TypeRange{type}, op.getQ(), offset, out, op.getRest(), op.getSinks(),
        /*partials=*/Value(),
        /*k=*/Value(), /*v=*/Value(), cache, op.getScaleAttr(), mask, DenseF32ArrayAttr(),
        rewriter.getF32FloatAttr(1), /*planes=*/rewriter.getI64IntegerAttr(0),
        /*interleaved=*/UnitAttr(), op.getSoftcapAttr(), temperature);
    return success();
  }
  CacheSettings settings;
};

struct Glu : OpRewritePattern<llm::GluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::GluOp op, PatternRewriter &rewriter) const override {
    auto type = op.getY().getType();
    int64_t width = type.getDimSize(1);
    Location loc = op.getLoc();
    Value gate = op.getGate(), up = op.getUp();
    if (!up) {
      up = sliceChannels(rewriter, loc, gate, width, width);
      gate = sliceChannels(rewriter, loc, gate, 0, width);
    }
    Value out = emptyLike(rewriter, loc, gate, type);
    auto body = [&](OpBuilder &builder, Location loc, ValueRange values) {
      return emitActivation(builder, loc, op.getActivation(), values[0], values[1]);
    };
    rewriter.replaceOp(op, createMap(rewriter, loc, {gate, up}, out, body));
    return success();
  }
};

struct Add : OpRewritePattern<llm::AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::AddOp op, PatternRewriter &rewriter) const override {
    // The hidden rows are the destination, the other summand is what a matmul may fold.
    Value out = op.getA(), summand = op.getB();
    Value written = out;
    while (auto map = written.getDefiningOp<tile::MapOp>())
      written = map.getOut();
    while (auto scale = written.getDefiningOp<llm::ScaleOp>())
      written = scale.getX();
    if (isa_and_nonnull<llm::LinearOp, tile::MatmulOp, llm::ExpertsOp, tile::CombineOp,
                        llm::RmsNormOp, llm::LayerNormOp, tile::NormOp>(written.getDefiningOp()))
      std::swap(out, summand);
    auto body = [](OpBuilder &builder, Location loc, ValueRange values) -> Value {
      return arith::AddFOp::create(builder, loc, values[0], values[1]);
    };
    rewriter.replaceOp(op, createMap(rewriter, op.getLoc(), {summand}, out, body));
    return success();
  }
};

struct Split : OpRewritePattern<llm::SplitOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::SplitOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> parts;
    int64_t from = 0;
    for (Value part : op.getParts()) {
      int64_t count = cast<RankedTensorType>(part.getType()).getDimSize(1);
      parts.push_back(sliceChannels(rewriter, op.getLoc(), op.getX(), from, count));
      from += count;
    }
    rewriter.replaceOp(op, parts);
    return success();
  }
};

struct OutputRows : OpRewritePattern<llm::OutputRowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(llm::OutputRowsOp op, PatternRewriter &rewriter) const override {
    auto type = op.getY().getType();
    Value count = abi::OutputRowsOp::create(rewriter, op.getLoc());
    Value out = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(),
                                        type.getElementType(), ValueRange{count});
    rewriter.replaceOpWithNewOp<tile::GatherOp>(op, TypeRange{type}, op.getX(), out,
                                                tile::RowSource::Outputs, pack::FormatAttr());
    return success();
  }
};

/// Kernels keep the number of rows, so each `tensor.dim` is that of the segment's argument or of
/// the first destination.
void forwardRowCounts(func::FuncOp segment) {
  segment.walk([](tensor::DimOp dim) {
    Value rows = dim.getSource();
    while (Operation *op = rows.getDefiningOp()) {
      if (auto kernel = dyn_cast<DestinationStyleOpInterface>(op))
        rows = kernel.getDpsInits()[0];
      else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
        rows = slice.getSource();
      else
        break;
    }
    if (auto empty = rows.getDefiningOp<tensor::EmptyOp>())
      dim.replaceAllUsesWith(empty.getDynamicSizes()[0]);
    else
      dim.getSourceMutable().assign(rows);
  });
}

/// Where the kernels begin that made `rows`, each in the place of the one before: the destination
/// of the first of them, or of the last alone, or null for rows that no kernel made.
OpOperand *destinationOf(Value rows, bool first) {
  OpOperand *init = nullptr;
  while (auto kernel = rows.getDefiningOp<DestinationStyleOpInterface>()) {
    init = &kernel.getDpsInitsMutable()[0];
    if (!first)
      break;
    rows = init->get();
  }
  return init;
}

/// Rows that a segment makes anew are written where they are handed on: a layer's into the argument
/// in whose place they come, if nobody reads it, those of other segments (embedding, logits) into
/// one more argument.
void nameDestinations(func::FuncOp segment) {
  auto end = cast<func::ReturnOp>(segment.getBody().front().getTerminator());
  auto kindAttr = segment->getAttrOfType<StringAttr>("abi.segment");
  StringRef kind = kindAttr ? kindAttr.getValue() : "";
  if (kind.empty() && end.getNumOperands() != 1)
    return;
  bool isWritten = false;
  for (auto [number, result] : llvm::enumerate(end.getOperands())) {
    OpOperand *init = destinationOf(result, !kind.empty());
    isWritten |= init != nullptr;
    bool isNew = init && init->get().getDefiningOp<tensor::EmptyOp>();
    auto place = static_cast<unsigned>(number);
    if (kind != "layer") {
      if (!isNew && kind != "embed")
        continue;
      place = segment.getNumArguments();
      if (failed(segment.insertArgument(place, result.getType(), {}, segment.getLoc())))
        return;
    }
    if (isNew && place < segment.getNumArguments() && segment.getArgument(place).use_empty())
      init->set(segment.getArgument(place));
  }
  for (unsigned i = 0; isWritten && i < segment.getNumArguments(); ++i)
    segment.setArgAttr(i, "bufferization.writable", BoolAttr::get(segment.getContext(), true));
}

/// Drops the handles of rows and cache, which no kernel reads.
LogicalResult dropHandles(func::FuncOp segment) {
  for (unsigned i = segment.getNumArguments(); i-- > 0;) {
    BlockArgument argument = segment.getArgument(i);
    if (!isa<llm::RowsType, llm::CacheType, llm::StateType>(argument.getType()))
      continue;
    if (!argument.use_empty())
      return argument.getUsers().begin()->emitError() << "no pattern turned this op into a kernel";
    if (failed(segment.eraseArgument(i)))
      return failure();
  }
  return success();
}

struct LlmToTilePass : osscc::impl::LlmToTilePassBase<LlmToTilePass> {
  using LlmToTilePassBase::LlmToTilePassBase;

  template <typename... Patterns>
  void addAll(RewritePatternSet &patterns, std::initializer_list<StringRef> labels) {
    const StringRef *label = labels.begin();
    (patterns.addWithLabel<Patterns>({*label++}, &getContext()), ...);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto settings = CacheSettings::of(module, cachedType(&getContext(), cached));
    describeModel(module, settings);
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<Linear>({"linear"}, &getContext(), planes);
    patterns.addWithLabel<Logits>({"logits"}, &getContext(), planes);
    patterns.addWithLabel<KvAppend>({"kv-append"}, &getContext(), settings);
    patterns.addWithLabel<Attention>({"attention"}, &getContext(), settings);
    populateExpertsToTile(patterns, planes);
    populateElementwiseToTile(patterns);
    populateRecurrenceToTile(patterns);
    populateStreamsToTile(patterns);
    addAll<Embed, RmsNorm, LayerNorm, Rope, Glu, Add, Split, OutputRows>(
        patterns,
        {"embed", "rms-norm", "layer-norm", "rope", "glu", "add", "split", "output-rows"});
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(module, frozen)))
      return signalPassFailure();
    for (auto segment : module.getOps<func::FuncOp>()) {
      if (failed(dropHandles(segment)))
        return signalPassFailure();
      forwardRowCounts(segment);
      nameDestinations(segment);
    }
  }
};

} // namespace
} // namespace osscc
