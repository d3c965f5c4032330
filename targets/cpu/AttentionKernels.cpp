// attend and append: the kernels that know how keys and values lie in a page of the cache.
//
//   page of a layer:   keys [heads][rows / 16][size][16]   so that 16 positions are one vector
//                      values [heads][rows][size]          so that 16 channels are one vector
//
// attend: a block is one row and one key-value head. Online softmax (Milakov and Gimelshein, 2018)
// walks the past in blocks of 16 positions aligned to the absolute position, so a row's numbers do
// not depend on how its past was fed. Query heads of one key-value head read its keys together.
// Running sums stay in 16 lanes and fold once, at the end.
#include "targets/cpu/Kernels.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {
namespace {

constexpr int64_t kBlock = tile::kAttentionBlock;

/// The keys and values of one layer in the page that holds a position.
struct Page {
  Value keys, values;
};

/// Emits index arithmetic and page access for `attend` and `append`, which describe the cache
/// alike.
template <typename Op> struct PageAccess {
  OpBuilder &builder;
  Location loc;
  Op op;

  Value index(int64_t value) { return constantIndex(builder, loc, value); }
  Value add(Value a, Value b) { return arith::AddIOp::create(builder, loc, a, b); }
  Value mul(Value a, int64_t b) { return arith::MulIOp::create(builder, loc, a, index(b)); }
  Value div(Value a, int64_t b) { return arith::DivUIOp::create(builder, loc, a, index(b)); }
  Value rem(Value a, int64_t b) { return arith::RemUIOp::create(builder, loc, a, index(b)); }

  Page pageOf(Value sequence, Value position) {
    int64_t heads = op.getHeads(), size = op.getSize(), pageRows = op.getPageRows();
    Type f32 = builder.getF32Type();
    Value number = div(position, pageRows);
    Value behind =
        add(op.getOffset(), index(heads * size * pageRows * static_cast<int64_t>(sizeof(float))));
    Value keys = abi::PageOp::create(builder, loc,
                                     MemRefType::get({heads, pageRows / kBlock, size, kBlock}, f32),
                                     op.getGroup(), sequence, number, op.getOffset());
    Value values = abi::PageOp::create(builder, loc, MemRefType::get({heads, pageRows, size}, f32),
                                       op.getGroup(), sequence, number, behind);
    return {keys, values};
  }
};

struct AppendKernel : OpRewritePattern<tile::AppendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AppendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getK().getType()) || !isa<MemRefType>(op.getV().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getK(), 0);
    createGrid(rewriter, loc, rows, [&](OpBuilder &builder, Value row) {
      PageAccess<tile::AppendOp> access{builder, loc, op};
      Value position = abi::PositionOp::create(builder, loc, row);
      Page page = access.pageOf(abi::SequenceOp::create(builder, loc, row), position);
      Value slot = access.rem(position, op.getPageRows());
      int64_t size = op.getSize();
      auto loop = scf::ForOp::create(builder, loc, access.index(0),
                                     access.index(op.getHeads() * size), access.index(1));
      OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
      PageAccess<tile::AppendOp> at{inner, loc, op};
      Value channel = loop.getInductionVar(), head = at.div(channel, size),
            lane = at.rem(channel, size);
      Value key = memref::LoadOp::create(inner, loc, op.getK(), ValueRange{row, channel});
      Value value = memref::LoadOp::create(inner, loc, op.getV(), ValueRange{row, channel});
      memref::StoreOp::create(inner, loc, key, page.keys,
                              ValueRange{head, at.div(slot, kBlock), lane, at.rem(slot, kBlock)});
      memref::StoreOp::create(inner, loc, value, page.values, ValueRange{head, slot, lane});
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// Part of a head's output: channels [begin, begin + lanes), a power of two up to 16.
struct Part {
  int64_t begin, lanes;
};

SmallVector<Part> partsOf(int64_t size) {
  SmallVector<Part> parts;
  for (int64_t begin = 0; begin < size;) {
    auto lanes = static_cast<int64_t>(
        llvm::bit_floor(static_cast<uint64_t>(std::min<int64_t>(size - begin, 16))));
    parts.push_back({begin, lanes});
    begin += lanes;
  }
  return parts;
}

/// Query heads that share a block's keys in registers; each keeps its own order of sums.
constexpr int64_t kHeadsTogether = 4;

/// Emits the attention of one row and `count` query heads of one key-value head.
struct AttendHeads : PageAccess<tile::AttendOp> {
  Value row, position, sequence, keyHead, queryBegin, scratch;
  int64_t count;

  VectorType lanes() { return VectorType::get({kBlock}, builder.getF32Type()); }
  Value broadcast(Value scalar, VectorType type) {
    return vector::BroadcastOp::create(builder, loc, type, scalar);
  }
  Value channelOf(int64_t head, Value channel) {
    return add(queryBegin, add(index(head * static_cast<int64_t>(op.getSize())), channel));
  }

  /// scale * q . k of 16 positions from `slot` of the page on, for every head; -inf past the row's
  /// own position.
  SmallVector<Value> emitScores(const Page &page, Value slot, Value base) {
    SmallVector<Value> zeros(count, constantF32(builder, loc, 0, lanes()));
    auto loop = scf::ForOp::create(builder, loc, index(0), index(op.getSize()), index(1), zeros);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      Value channel = loop.getInductionVar();
      Value k = vector::LoadOp::create(builder, loc, lanes(), page.keys,
                                       ValueRange{keyHead, div(slot, kBlock), channel, index(0)});
      SmallVector<Value> sums;
      for (int64_t head = 0; head < count; ++head) {
        Value q = memref::LoadOp::create(builder, loc, op.getQ(),
                                         ValueRange{row, channelOf(head, channel)});
        sums.push_back(math::FmaOp::create(builder, loc, broadcast(q, lanes()), k,
                                           loop.getRegionIterArg(head)));
      }
      scf::YieldOp::create(builder, loc, sums);
    }
    Value scale = constantF32(builder, loc, op.getScale().convertToDouble(), lanes());
    Value positions = add(arith::SubIOp::create(builder, loc, position, base), index(1));
    auto maskType = VectorType::get({kBlock}, builder.getI1Type());
    Value seen = vector::CreateMaskOp::create(builder, loc, maskType, positions);
    Value never = constantF32(builder, loc, -std::numeric_limits<double>::infinity(), lanes());
    SmallVector<Value> scores;
    for (Value sum : loop.getResults())
      scores.push_back(arith::SelectOp::create(
          builder, loc, seen, arith::MulFOp::create(builder, loc, sum, scale), never));
    return scores;
  }

  /// outs += sum_j p[j] * v[j] over the positions of the block that exist; p begins at `weights` of
  /// the scratch.
  SmallVector<Value> emitValues(const Page &page, Value slot, Value base, int64_t weights,
                                ArrayRef<Part> parts, ValueRange outs) {
    Value positions =
        arith::MinSIOp::create(builder, loc, index(kBlock),
                               add(arith::SubIOp::create(builder, loc, position, base), index(1)));
    auto loop = scf::ForOp::create(builder, loc, index(0), positions, index(1), outs);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Value weight = memref::LoadOp::create(builder, loc, scratch,
                                          ValueRange{add(loop.getInductionVar(), index(weights))});
    Value place = add(slot, loop.getInductionVar());
    SmallVector<Value> sums;
    for (auto [part, out] : llvm::zip_equal(parts, loop.getRegionIterArgs())) {
      auto type = cast<VectorType>(out.getType());
      Value v = vector::LoadOp::create(builder, loc, type, page.values,
                                       ValueRange{keyHead, place, index(part.begin)});
      sums.push_back(math::FmaOp::create(builder, loc, broadcast(weight, type), v, out));
    }
    scf::YieldOp::create(builder, loc, sums);
    return SmallVector<Value>(loop.getResults());
  }

  /// One head's step of online softmax: state = (running maximum, running sums, outs...). The
  /// weights of the block go to the scratch.
  SmallVector<Value> emitSoftmax(Value scores, int64_t head, ValueRange state) {
    Value highest =
        vector::ReductionOp::create(builder, loc, vector::CombiningKind::MAXNUMF, scores);
    Value maximum = arith::MaxNumFOp::create(builder, loc, state[0], highest);
    Value shift =
        math::ExpOp::create(builder, loc, arith::SubFOp::create(builder, loc, state[0], maximum));
    Value weights = math::ExpOp::create(
        builder, loc, arith::SubFOp::create(builder, loc, scores, broadcast(maximum, lanes())));
    vector::StoreOp::create(builder, loc, weights, scratch, ValueRange{index(head * kBlock)});
    SmallVector<Value> next = {
        maximum, math::FmaOp::create(builder, loc, state[1], broadcast(shift, lanes()), weights)};
    for (Value out : state.drop_front(2))
      next.push_back(arith::MulFOp::create(builder, loc, out,
                                           broadcast(shift, cast<VectorType>(out.getType()))));
    return next;
  }

  /// One block of 16 positions for all heads, their states one after the other.
  SmallVector<Value> emitBlock(Value block, ArrayRef<Part> parts, ValueRange states) {
    Value base = mul(block, kBlock);
    Page page = pageOf(sequence, base);
    Value slot = rem(base, op.getPageRows());
    SmallVector<Value> scores = emitScores(page, slot, base), next;
    size_t size = parts.size() + 2;
    for (int64_t head = 0; head < count; ++head)
      llvm::append_range(next, emitSoftmax(scores[head], head, states.slice(head * size, size)));
    for (int64_t head = 0; head < count; ++head) {
      auto outs = MutableArrayRef(next).slice(head * size + 2, parts.size());
      llvm::copy(emitValues(page, slot, base, head * kBlock, parts, outs), outs.begin());
    }
    return next;
  }

  /// Writes a head's output from its last state.
  void emitOutput(int64_t head, ArrayRef<Part> parts, ValueRange state) {
    Value sum = foldLanes(builder, loc, state[1]);
    Value inverse = arith::DivFOp::create(builder, loc,
                                          constantF32(builder, loc, 1, builder.getF32Type()), sum);
    for (auto [part, out] : llvm::zip_equal(parts, state.drop_front(2))) {
      Value result = arith::MulFOp::create(builder, loc, out,
                                           broadcast(inverse, cast<VectorType>(out.getType())));
      vector::StoreOp::create(builder, loc, result, op.getOut(),
                              ValueRange{row, channelOf(head, index(part.begin))});
    }
  }

  void emit() {
    SmallVector<Part> parts = partsOf(op.getSize());
    SmallVector<Value> states;
    for (int64_t head = 0; head < count; ++head) {
      states.push_back(constantF32(builder, loc, -std::numeric_limits<double>::infinity(),
                                   builder.getF32Type()));
      states.push_back(constantF32(builder, loc, 0, lanes()));
      for (const Part &part : parts)
        states.push_back(
            constantF32(builder, loc, 0, VectorType::get({part.lanes}, builder.getF32Type())));
    }
    Value blocks = add(div(position, kBlock), index(1));
    auto loop = scf::ForOp::create(builder, loc, index(0), blocks, index(1), states);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      scf::YieldOp::create(builder, loc,
                           emitBlock(loop.getInductionVar(), parts, loop.getRegionIterArgs()));
    }
    size_t size = parts.size() + 2;
    for (int64_t head = 0; head < count; ++head)
      emitOutput(head, parts, loop.getResults().slice(head * size, size));
  }
};

struct AttendKernel : OpRewritePattern<tile::AttendOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::AttendOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    if (op.getPageRows() % kBlock != 0)
      return rewriter.notifyMatchFailure(op, "a page is not a whole number of attention blocks");
    Location loc = op.getLoc();
    int64_t heads = op.getHeads(), size = op.getSize();
    int64_t group = cast<MemRefType>(op.getQ().getType()).getDimSize(1) / (heads * size);
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    auto weights = MemRefType::get({kHeadsTogether * kBlock}, rewriter.getF32Type());
    Value scratch =
        memref::AllocaOp::create(rewriter, loc, weights, rewriter.getI64IntegerAttr(64));
    Value blocks = arith::MulIOp::create(rewriter, loc, rows, constantIndex(rewriter, loc, heads));
    createGrid(rewriter, loc, blocks, [&](OpBuilder &builder, Value block) {
      PageAccess<tile::AttendOp> access{builder, loc, op};
      Value row = access.div(block, heads), keyHead = access.rem(block, heads);
      Value position = abi::PositionOp::create(builder, loc, row);
      Value sequence = abi::SequenceOp::create(builder, loc, row);
      Value first = access.mul(keyHead, group * size);
      for (int64_t head = 0; head < group; head += kHeadsTogether) {
        Value begin = access.add(first, access.index(head * size));
        AttendHeads{{builder, loc, op},
                    row,
                    position,
                    sequence,
                    keyHead,
                    begin,
                    scratch,
                    std::min(kHeadsTogether, group - head)}
            .emit();
      }
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateAttentionKernels(RewritePatternSet &patterns) {
  patterns.addWithLabel<AppendKernel>({"append"}, patterns.getContext());
  patterns.addWithLabel<AttendKernel>({"attend"}, patterns.getContext());
}

} // namespace osscc::cpu
