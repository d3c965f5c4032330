// Routing and the experts that it chooses become one chain of kernels. A slot is a row at one of
// its experts; slots of one expert lie together:
//
//   logits ─ route ─▶ plan ───┬───────────┬────────────┬──────────┐
//   x ─ quantize_rows ─▶ gather_slots ─ matmul ─ quantize_rows ─ matmul ─ combine ─▶ y
//                        [T, k, D]     gate, up   [T, k, F]      down
//
// Rows are quantized once and then copied, which gives the codes of copies that are quantized; what
// is weighed before its expert is copied first.
// Memory of slots has T rows of k, so that it is known to be bounded by the rows of a call.
#include "compiler/tile/ExpertsToTile.h"

#include "compiler/tile/Activation.h"
#include "compiler/tile/CreateKernels.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace osscc {
namespace {

tile::Routing routingOf(llm::RoutingAttr routing) {
  switch (routing.getKind()) {
  case llm::RoutingKind::SoftmaxOfChosen:
    return tile::Routing::Chosen;
  case llm::RoutingKind::Softmax:
    return tile::Routing::All;
  case llm::RoutingKind::Sigmoid:
    return tile::Routing::Sigmoid;
  case llm::RoutingKind::SigmoidOfChosen:
    return tile::Routing::SigmoidOfChosen;
  }
  llvm_unreachable("no such routing");
}

/// The kernels of one op.
struct Lowering {
  OpBuilder &builder;
  llm::ExpertsOp op;
  llm::RouteOp routing;
  int64_t planes; // of rows that multiply a weight in blocks
  Location loc = op.getLoc();
  int64_t top = static_cast<int64_t>(routing.getTop());
  Value plan = route();

  Value route() {
    auto type =
        RankedTensorType::get({ShapedType::kDynamic, tile::planWords(top)}, builder.getI32Type());
    Value out = emptyLike(builder, loc, routing.getLogits(), type);
    llm::RoutingAttr kind = routing.getRouting();
    return tile::RouteOp::create(builder, loc, TypeRange{type}, routing.getLogits(),
                                 routing.getBias(), routing.getScales(), out, routing.getTop(),
                                 routingOf(kind), kind.getGroups(), kind.getKept(), kind.getBest(),
                                 llvm::APFloat(kind.factor()))
        .getResult()[0];
  }

  /// A destination for slots of so many channels.
  Value emptySlots(int64_t channels, Type element) {
    int64_t rows = ShapedType::kDynamic;
    Value slots =
        emptyLike(builder, loc, op.getX(), RankedTensorType::get({rows, top, channels}, element));
    SmallVector<ReassociationIndices> joined = {{0, 1}, {2}};
    return tensor::CollapseShapeOp::create(
        builder, loc, RankedTensorType::get({rows, channels}, element), slots, joined);
  }

  /// The slots' rows of `x`, in codes where `weight` wants them. What is weighed has codes of its
  /// own in every slot.
  Value gather(Value x, Value weight) {
    bool weighed = op.getWeighsInput();
    if (isInBlocks(weight) && !weighed)
      x = quantizeRows(builder, x, planes);
    auto type = cast<RankedTensorType>(x.getType());
    Value out = emptySlots(type.getDimSize(1), type.getElementType());
    Value slots =
        tile::GatherSlotsOp::create(builder, loc, TypeRange{out.getType()}, x, plan, out, weighed)
            .getResult()[0];
    return weighed ? quantize(slots, weight) : slots;
  }

  /// Slots in codes where `weight` wants them.
  Value quantize(Value slots, Value weight) {
    if (!isInBlocks(weight))
      return slots;
    int64_t channels = cast<RankedTensorType>(slots.getType()).getDimSize(1);
    int64_t words = tile::wordsOfRow(channels, planes, readsHalves(weight));
    Value out = emptySlots(words, builder.getI32Type());
    return tile::QuantizeRowsOp::create(builder, loc, TypeRange{out.getType()}, slots, out,
                                        builder.getI64IntegerAttr(planes))
        .getResult()[0];
  }

  /// Slots by the matrices of their experts, whose rows are `parts` parts. `epilogue` takes what
  /// matmul's does.
  Value multiply(Value slots, Value weight, Value bias, int64_t parts, int64_t channels,
                 Body epilogue) {
    Value out = emptySlots(channels, builder.getF32Type());
    SmallVector<Value, 1> biases;
    if (bias)
      biases.push_back(bias);
    auto matmul = tile::MatmulOp::create(builder, loc, TypeRange{out.getType()}, slots, weight,
                                         biases, plan, out, parts, isInBlocks(weight) ? planes : 0,
                                         pack::FormatAttr(), tile::ScheduleAttr(), IntegerAttr(),
                                         /*interleaved=*/false, /*same_row=*/false,
                                         /*groups=*/1);
    fillRegion(builder, loc, matmul.getEpilogue(), parts * (1 + biases.size()) + 1, epilogue);
    return matmul.getResult()[0];
  }

  /// The value of part `part` with its bias, of the arguments of an epilogue.
  static Value biased(OpBuilder &builder, Location loc, ValueRange arguments, bool hasBias,
                      unsigned part, unsigned parts) {
    if (!hasBias)
      return arguments[part];
    return arith::AddFOp::create(builder, loc, arguments[part], arguments[parts + part]);
  }

  /// gate_up and the activation. Parts are whole tiles; other widths are gated by a kernel of
  /// their own.
  Value gate(Value slots) {
    int64_t width = llm::shapeOf(op.getGateUp().getType())[1] / 2;
    bool hasBias = static_cast<bool>(op.getGateUpBias());
    if (width % pack::kTileRows == 0)
      return multiply(slots, op.getGateUp(), op.getGateUpBias(), 2, width,
                      [&](OpBuilder &inner, Location at, ValueRange values) {
                        return emitActivation(inner, at, op.getActivation(),
                                              biased(inner, at, values, hasBias, 0, 2),
                                              biased(inner, at, values, hasBias, 1, 2));
                      });
    Value both = multiply(slots, op.getGateUp(), op.getGateUpBias(), 1, 2 * width,
                          [&](OpBuilder &inner, Location at, ValueRange values) {
                            return biased(inner, at, values, hasBias, 0, 1);
                          });
    Value halves[] = {sliceChannels(builder, loc, both, 0, width),
                      sliceChannels(builder, loc, both, width, width)};
    return createMap(builder, loc, halves, emptySlots(width, builder.getF32Type()),
                     [&](OpBuilder &inner, Location at, ValueRange values) {
                       return emitActivation(inner, at, op.getActivation(), values[0], values[1]);
                     })
        .getResult()[0];
  }

  Value run() {
    Value gated = gate(gather(op.getX(), op.getGateUp()));
    auto type = op.getY().getType();
    bool hasBias = static_cast<bool>(op.getDownBias());
    Value results =
        multiply(quantize(gated, op.getDown()), op.getDown(), op.getDownBias(), 1,
                 type.getDimSize(1), [&](OpBuilder &inner, Location at, ValueRange values) {
                   return biased(inner, at, values, hasBias, 0, 1);
                 });
    Value out = emptyLike(builder, loc, op.getX(), type);
    auto combine = tile::CombineOp::create(builder, loc, TypeRange{type}, results, plan, out,
                                           op.getWeighsInput());
    fillRegion(builder, loc, combine.getEpilogue(), 2,
               [](OpBuilder &, Location, ValueRange values) { return values[0]; });
    return combine.getResult()[0];
  }
};

struct Experts : OpRewritePattern<llm::ExpertsOp> {
  Experts(MLIRContext *context, int64_t planes) : OpRewritePattern(context), planes(planes) {}
  LogicalResult matchAndRewrite(llm::ExpertsOp op, PatternRewriter &rewriter) const override {
    auto routing = op.getIds().getDefiningOp<llm::RouteOp>();
    if (!routing || op.getWeights() != routing.getWeights())
      return rewriter.notifyMatchFailure(op, "ids and weights are not those of one routing");
    rewriter.replaceOp(op, Lowering{rewriter, op, routing, planes}.run());
    return success();
  }
  int64_t planes;
};

} // namespace

void populateExpertsToTile(RewritePatternSet &patterns, int64_t planes) {
  patterns.addWithLabel<Experts>({"experts"}, patterns.getContext(), planes);
}

} // namespace osscc
