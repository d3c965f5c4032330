// route as a grid of one block: choosing is little work, and a plan is one order of all rows.
//
//   for each row      top times: mark the largest logit that is not marked; then the marked experts
//                     in rising order, and their softmax. Where experts are chosen by other numbers
//                     than logits, these are written down first, and groups are marked before them
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
  Value choices;   ///< <E x f32>: what experts are chosen by; null: logits
  Value ofGroups;  ///< <G x i32>: marks, null without groups
  Value groups;    ///< <G x f32>: what groups are chosen by
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
  Value isMarkedIn(Value marks, Value place) {
    Value mark = memref::LoadOp::create(builder, loc, marks, ValueRange{place});
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, mark, word(0));
  }
  Value isMarked(Value expert) { return isMarkedIn(ofExperts, expert); }
  void clear() {
    forEach(index(experts), 1, [&](Value expert) { storeOf(word(0), expert); });
  }
  Value logitOf(Value row, Value expert) {
    return memref::LoadOp::create(builder, loc, op.getLogits(), ValueRange{row, expert});
  }

  /// Marks the place of the largest of `count` numbers among those without a mark, the lowest of
  /// equals; gives the number.
  Value markLargest(Value marks, Value count, function_ref<Value(Value)> placeOf,
                    function_ref<Value(Value)> valueAt) {
    Values best =
        fold(count, {index(0), number(0), flag(false)}, [&](Value counted, ValueRange so) {
          Value place = placeOf(counted), found = so[2], value = valueAt(place);
          Value isFree = arith::XOrIOp::create(builder, loc, isMarkedIn(marks, place), flag(true));
          Value larger =
              arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, value, so[1]);
          Value none = arith::XOrIOp::create(builder, loc, found, flag(true));
          Value better = arith::AndIOp::create(builder, loc, isFree,
                                               arith::OrIOp::create(builder, loc, none, larger));
          return Values{choose(better, place, so[0]), choose(better, value, so[1]),
                        arith::OrIOp::create(builder, loc, found, isFree)};
        });
    memref::StoreOp::create(builder, loc, word(1), marks, ValueRange{best[0]});
    return best[1];
  }

  Value choiceOf(Value row, Value expert) {
    if (!choices)
      return logitOf(row, expert);
    return memref::LoadOp::create(builder, loc, choices, ValueRange{expert});
  }

  /// Marks the expert that is best among those without a mark.
  void markBest(Value row) {
    markLargest(
        ofExperts, index(experts), [](Value expert) { return expert; },
        [&](Value expert) { return choiceOf(row, expert); });
  }

  /// 1 / (1 + exp(-logit))
  Value sigmoidOf(Value logit) {
    Value one = number(1);
    Value power = math::ExpOp::create(builder, loc, arith::NegFOp::create(builder, loc, logit));
    return div(one, add(one, power));
  }

  Value powerOf(Value row, Value expert, Value largest) {
    return math::ExpOp::create(builder, loc, sub(logitOf(row, expert), largest));
  }

  void writeChoices(Value row) {
    Value largest, sum; // of a softmax, by which experts are chosen where there is a bias
    if (!op.isSigmoid() && op.getBias()) {
      largest = largestOf(row);
      sum = fold(index(experts), {number(0)}, [&](Value expert, ValueRange so) {
        return Values{add(so[0], powerOf(row, expert, largest))};
      })[0];
    }
    forEach(index(experts), 1, [&](Value expert) {
      Value value = largest ? div(powerOf(row, expert, largest), sum) : logitOf(row, expert);
      if (op.isSigmoid())
        value = sigmoidOf(value);
      if (op.getBias())
        value = add(value, memref::LoadOp::create(builder, loc, op.getBias(), ValueRange{expert}));
      memref::StoreOp::create(builder, loc, value, choices, ValueRange{expert});
    });
  }

  /// Takes the experts of all but the best groups out of the choice.
  void keepGroups(Value row) {
    Value count = index(static_cast<int64_t>(op.getGroups()));
    int64_t ofGroup = experts / static_cast<int64_t>(op.getGroups());
    forEach(count, 1, [&](Value group) {
      Value first = mul(group, ofGroup);
      Value sum =
          fold(index(static_cast<int64_t>(op.getBest())), {number(0)}, [&](Value, ValueRange so) {
            Value next = markLargest(
                ofExperts, index(ofGroup), [&](Value member) { return add(first, member); },
                [&](Value expert) { return choiceOf(row, expert); });
            return Values{add(so[0], next)};
          })[0];
      memref::StoreOp::create(builder, loc, sum, groups, ValueRange{group});
      memref::StoreOp::create(builder, loc, word(0), ofGroups, ValueRange{group});
    });
    clear();
    forEach(index(static_cast<int64_t>(op.getKept())), 1, [&](Value) {
      markLargest(
          ofGroups, count, [](Value group) { return group; },
          [&](Value group) -> Value {
            return memref::LoadOp::create(builder, loc, groups, ValueRange{group});
          });
    });
    Value never = number(-std::numeric_limits<double>::infinity());
    forEach(index(experts), 1, [&](Value expert) {
      Value isKept = isMarkedIn(ofGroups, div(expert, ofGroup));
      memref::StoreOp::create(builder, loc, choose(isKept, choiceOf(row, expert), never), choices,
                              ValueRange{expert});
    });
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
  Value writeMarked(Value row) {
    Value largest = op.isSigmoid() ? Value() : largestOf(row);
    bool ofAll = op.getRouting() == tile::Routing::All;
    return fold(index(experts), {index(0), number(0)}, [&](Value expert, ValueRange so) {
      Value logit = logitOf(row, expert);
      Value power = largest ? Value(math::ExpOp::create(builder, loc, sub(logit, largest)))
                            : sigmoidOf(logit);
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
    if (choices)
      writeChoices(row);
    if (ofGroups)
      keepGroups(row);
    forEach(index(plan.top), 1, [&](Value) { markBest(row); });
    Value sum = writeMarked(row);
    if (op.getRouting() == tile::Routing::SigmoidOfChosen)
      sum = add(sum, number(1e-20)); // as the reference does
    forEach(index(plan.top), 1, [&](Value chosen) {
      Value place = plan.ofRow(row, chosen), weight = plan.loadWeight(place);
      if (op.getRouting() != tile::Routing::Sigmoid)
        weight = div(weight, sum);
      if (double scale = op.getScale().convertToDouble(); scale != 1)
        weight = mul(weight, number(scale));
      if (op.getScales()) {
        Value expert = plan.load(Plan::Part::Slots, place);
        weight = mul(weight, memref::LoadOp::create(builder, loc, op.getScales(), expert));
      }
      plan.storeWeight(weight, place);
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
    if (!llvm::all_of(op->getOperands(),
                      [](Value operand) { return isa<MemRefType>(operand.getType()); }))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    Emitter once{rewriter, op.getLoc()};
    int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);
    Value ofExperts = once.allocate({experts}, rewriter.getI32Type());
    Value choices, ofGroups, groups;
    if (op.isSigmoid() || op.getBias() || op.getGroups() != 1)
      choices = once.allocate({experts}, rewriter.getF32Type());
    if (int64_t count = static_cast<int64_t>(op.getGroups()); count != 1) {
      ofGroups = once.allocate({count}, rewriter.getI32Type());
      groups = once.allocate({count}, rewriter.getF32Type());
    }
    Value rows = memref::DimOp::create(rewriter, op.getLoc(), op.getOut(), 0);
    createBlocks(rewriter, op.getLoc(), once.index(1), op.getOwn(), [&](OpBuilder &builder, Value) {
      RouteEmitter{{builder, op.getLoc()}, op, ofExperts, choices, ofGroups, groups}.emit(rows);
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
