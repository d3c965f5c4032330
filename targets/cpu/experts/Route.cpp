// route as a grid of one block: choosing is little work, and a plan is one order of all rows.
//
//   for each row      top times: mark the largest logit that is not marked; then the marked experts
//                     in rising order, and their softmax
//   counting sort     slots of the lower expert first, of one expert in the order of the rows
//
// Whatever the logits are, each row chooses `top` experts that are there and differ: who computes a
// plan late, of memory that has become something else, still finds places inside it.
#include "targets/cpu/Grid.h"
#include "targets/cpu/Populate.h"
#include "targets/cpu/experts/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <limits>

using namespace mlir;

namespace osscc::cpu {
namespace {

/// The emitter of one plan.
struct RouteEmitter : Emitter {
  tile::RouteOp op;
  Value ofExperts; ///< <E x i32>: marks, then counts, then the next slot
  Plan plan = Plan::in(*this, op.getOut());
  int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);

  using Values = SmallVector<Value>;
  using Step = function_ref<Values(Value number, ValueRange carried)>;

  /// Runs `step` for 0, 1, ... below `end` on what it carries from one to the next.
  Values fold(Value end, ValueRange initial, Step step) {
    auto loop = scf::ForOp::create(builder, loc, index(0), end, index(1), initial);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(loop.getBody());
    Values next = step(loop.getInductionVar(), loop.getRegionIterArgs());
    scf::YieldOp::create(builder, loc, next);
    return Values(loop.getResults());
  }

  Value word(int64_t value) { return constantInteger(builder, loc, value, builder.getI32Type()); }
  Value flag(bool value) {
    return constantInteger(builder, loc, value ? 1 : 0, builder.getI1Type());
  }
  Value number(double value) { return real(value, builder.getF32Type()); }
  Value choose(Value condition, Value a, Value b) {
    return arith::SelectOp::create(builder, loc, condition, a, b);
  }
  Value loadOf(Value expert) {
    return memref::LoadOp::create(builder, loc, ofExperts, ValueRange{expert});
  }
  void storeOf(Value value, Value expert) {
    memref::StoreOp::create(builder, loc, value, ofExperts, ValueRange{expert});
  }
  Value isMarked(Value expert) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, loadOf(expert), word(0));
  }
  void clear() {
    forEach(index(experts), 1, [&](Value expert) { storeOf(word(0), expert); });
  }
  Value logitOf(Value row, Value expert) {
    return memref::LoadOp::create(builder, loc, op.getLogits(), ValueRange{row, expert});
  }

  /// Marks the expert of the row's largest logit among those without a mark, the lowest of equals.
  void markLargest(Value row) {
    Values best =
        fold(index(experts), {index(0), number(0), flag(false)}, [&](Value expert, ValueRange so) {
          Value found = so[2], logit = logitOf(row, expert);
          Value isFree = arith::XOrIOp::create(builder, loc, isMarked(expert), flag(true));
          Value larger =
              arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, logit, so[1]);
          Value none = arith::XOrIOp::create(builder, loc, found, flag(true));
          Value better = arith::AndIOp::create(builder, loc, isFree,
                                               arith::OrIOp::create(builder, loc, none, larger));
          return Values{choose(better, expert, so[0]), choose(better, logit, so[1]),
                        arith::OrIOp::create(builder, loc, found, isFree)};
        });
    storeOf(word(1), best[0]);
  }

  Value largestOf(Value row) {
    Value least = number(-std::numeric_limits<double>::infinity());
    return fold(index(experts), {least}, [&](Value expert, ValueRange so) {
      Value logit = logitOf(row, expert);
      Value larger = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, logit, so[0]);
      return Values{choose(larger, logit, so[0])};
    })[0];
  }

  /// Writes the marked experts of a row, for now in the place of slots, and their powers as
  /// weights; gives the sum that they are parts of.
  Value writeMarked(Value row, Value largest) {
    bool ofAll = op.getRouting() == tile::Routing::All;
    return fold(index(experts), {index(0), number(0)}, [&](Value expert, ValueRange so) {
      Value power = math::ExpOp::create(builder, loc, sub(logitOf(row, expert), largest));
      Value marked = isMarked(expert), sum = add(so[1], power);
      auto write = scf::IfOp::create(builder, loc, marked, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(write.thenBlock());
        Value place = plan.ofRow(row, so[0]);
        plan.store(expert, Plan::Part::Slots, place);
        plan.storeWeight(power, place);
      }
      return Values{choose(marked, add(so[0], 1), so[0]), ofAll ? sum : choose(marked, sum, so[1])};
    })[1];
  }

  void routeRow(Value row) {
    clear();
    forEach(index(plan.top), 1, [&](Value) { markLargest(row); });
    Value sum = writeMarked(row, largestOf(row));
    forEach(index(plan.top), 1, [&](Value chosen) {
      Value place = plan.ofRow(row, chosen);
      plan.storeWeight(div(plan.loadWeight(place), sum), place);
    });
  }

  void countSlots() {
    clear();
    forEach(plan.slots, 1, [&](Value place) {
      Value expert = plan.load(Plan::Part::Slots, place);
      storeOf(add(loadOf(expert), word(1)), expert);
    });
  }

  /// Lists the experts that have rows; their counts become their first slots.
  void placeExperts() {
    Values ends = fold(index(experts), {index(0), word(0)}, [&](Value expert, ValueRange so) {
      Value count = loadOf(expert), begin = so[1];
      Value some = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, count, word(0));
      auto write = scf::IfOp::create(builder, loc, some, /*withElseRegion=*/false);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToStart(write.thenBlock());
        plan.store(expert, Plan::Part::Experts, so[0]);
        Value slot = arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), begin);
        plan.store(slot, Plan::Part::Begins, so[0]);
      }
      storeOf(begin, expert);
      return Values{choose(some, add(so[0], 1), so[0]), add(begin, count)};
    });
    plan.storeActive(ends[0]);
  }

  /// Gives each row the next slot of each of its experts.
  void placeRows(Value rows) {
    forEach(rows, 1, [&](Value row) {
      forEach(index(plan.top), 1, [&](Value chosen) {
        Value place = plan.ofRow(row, chosen);
        Value expert = plan.load(Plan::Part::Slots, place), next = loadOf(expert);
        storeOf(add(next, word(1)), expert);
        Value slot = arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), next);
        plan.store(row, Plan::Part::Rows, slot);
        plan.store(slot, Plan::Part::Slots, place);
      });
    });
  }

  void emit(Value rows) {
    forEach(rows, 1, [&](Value row) { routeRow(row); });
    countSlots();
    placeExperts();
    placeRows(rows);
  }
};

struct RouteKernel : OpRewritePattern<tile::RouteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::RouteOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Emitter once{rewriter, op.getLoc()};
    int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);
    Value ofExperts = once.allocate({experts}, rewriter.getI32Type());
    Value rows = memref::DimOp::create(rewriter, op.getLoc(), op.getOut(), 0);
    createBlocks(rewriter, op.getLoc(), once.index(1), op.getOwn(), [&](OpBuilder &builder, Value) {
      RouteEmitter{{builder, op.getLoc()}, op, ofExperts}.emit(rows);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void populateRoute(RewritePatternSet &patterns) {
  patterns.addWithLabel<RouteKernel>({"route"}, patterns.getContext());
}

} // namespace osscc::cpu
