// route: a warp chooses the experts of one row; then one block plans who computes what:
//
//   choose    top times: mark the largest number that is not marked; then the marked experts in
//             rising order, and their weights
//   plan      counting sort: slots of the lower expert first, of one expert in the order of the
//             rows; a thread is an expert
#include "targets/cuda/Populate.h"
#include "targets/cuda/experts/Plan.h"

#include "dialects/abi/AbiDialect.h"
#include <limits>

using namespace mlir;

namespace osscc::cuda {
namespace {

using Numbers = Emitter::Numbers;

constexpr int64_t kPlanThreads = 256;
/// Bytes of static shared memory that a block may have.
constexpr int64_t kMostShared = 40 << 10;
constexpr double kNever = -std::numeric_limits<double>::infinity();

/// Numbers that the threads of a block share.
struct SharedNumbers {
  const Emitter &emit;
  Number base;
  Type type;

  Number load(Number at) const { return emit.load(type, emit.advance(base, type, at), 4); }
  void store(Number value, Number at) const { emit.store(value, emit.advance(base, type, at), 4); }
};

/// The emitter of one row's choice.
struct Chooser {
  Kernel &k;
  tile::RouteOp op;
  Plan plan;
  Rows logits;
  Number row, lane;
  int64_t experts;
  SharedNumbers choices, marks, powers, groups;

  void forExperts(function_ref<void(Number)> body) {
    k.forEach(lane, experts, kWarp, body);
    k.barrier();
  }
  void clear(int64_t count) {
    k.forEach(lane, count, kWarp, [&](Number at) { marks.store(k.integer(0), at); });
    k.barrier();
  }

  /// 1 / (1 + exp(-logit))
  Number sigmoid(Number logit) { return k.real(1) / (k.exp(k.real(0) - logit) + 1); }

  /// Of all experts, in rising order.
  Number sumOfPowers() {
    return k.loop(k.integer(0), experts, 1, {k.real(0)},
                  [&](Number expert, ArrayRef<Number> so) -> Numbers {
                    return {so[0] + powers.load(expert)};
                  })[0];
  }

  void writeChoices() {
    bool byShares = !op.isSigmoid() && op.getBias();
    Number sum = byShares ? sumOfPowers() : k.real(1);
    forExperts([&](Number expert) {
      Number logit = k.load(logits, row, expert);
      Number value = op.isSigmoid() ? sigmoid(logit) : logit;
      if (byShares)
        value = powers.load(expert) / sum;
      if (op.isSigmoid())
        powers.store(value, expert);
      if (op.getBias())
        value = value + k.load(k.rows(op.getBias()), k.integer(0), expert);
      // What is no number is chosen last.
      choices.store(k.select(value == value, value, kNever), expert);
    });
  }

  /// Whether candidate a (value, place, whether there is one) goes before b.
  Number isBetter(ArrayRef<Number> a, ArrayRef<Number> b) {
    Number equal = (a[0] == b[0]) & (a[1] < b[1]);
    Number larger = (a[0] > b[0]) | equal;
    Number onlyOne = b[2] == 0;
    return (a[2] == 1) & (onlyOne | larger);
  }
  Numbers better(ArrayRef<Number> a, ArrayRef<Number> b) {
    Number first = isBetter(a, b);
    Numbers best;
    for (auto [x, y] : llvm::zip(a, b))
      best.push_back(k.select(first, x, y));
    return best;
  }

  /// Marks the place of the largest of the numbers from `begin` on that have no mark, the lowest of
  /// equals; gives the number.
  Number markLargest(const SharedNumbers &numbers, Number begin, int64_t count) {
    Numbers best = {k.real(kNever), k.integer(0), k.integer(0)};
    best = k.loop(begin + lane, begin + count, kWarp, best, [&](Number at, ArrayRef<Number> so) {
      Number isFree = k.select(marks.load(at) == 0, k.integer(1), 0);
      return better({numbers.load(at), at, isFree}, so);
    });
    for (int64_t mask = kWarp / 2; mask > 0; mask /= 2) {
      Numbers other;
      for (Number part : best)
        other.push_back(k.shuffleXor(part, mask));
      best = better(other, best);
    }
    k.barrier(); // all have read the marks
    k.when(lane == 0, [&] { marks.store(k.integer(1), best[1]); });
    k.barrier();
    return best[0];
  }

  /// Takes the experts of all but the best groups out of the choice.
  void keepGroups() {
    auto count = static_cast<int64_t>(op.getGroups());
    int64_t ofGroup = experts / count;
    k.forEach(k.integer(0), count, 1, [&](Number group) {
      Number sum = k.loop(k.integer(0), static_cast<int64_t>(op.getBest()), 1, {k.real(0)},
                          [&](Number, ArrayRef<Number> so) -> Numbers {
                            return {so[0] + markLargest(choices, group * ofGroup, ofGroup)};
                          })[0];
      k.when(lane == 0, [&] { groups.store(sum, group); });
      k.barrier();
    });
    clear(experts);
    k.forEach(k.integer(0), static_cast<int64_t>(op.getKept()), 1,
              [&](Number) { (void)markLargest(groups, k.integer(0), count); });
    // Marks of groups lie where those of experts will: the choice is made of them first.
    forExperts([&](Number expert) {
      Number isKept = marks.load(expert / ofGroup) == 1;
      choices.store(k.select(isKept, choices.load(expert), kNever), expert);
    });
    clear(experts);
  }

  /// exp(logit - the largest), where weights are a softmax.
  void writePowers() {
    Number largest = k.loop(lane, experts, kWarp, {k.real(kNever)},
                            [&](Number expert, ArrayRef<Number> so) -> Numbers {
                              return {k.larger(so[0], k.load(logits, row, expert))};
                            })[0];
    largest = k.warpMaximum(largest);
    forExperts(
        [&](Number expert) { powers.store(k.exp(k.load(logits, row, expert) - largest), expert); });
  }

  /// Writes the marked experts in rising order, for now in the place of slots, and their powers as
  /// weights; gives the sum that they are parts of.
  Number writeMarked() {
    bool ofAll = op.getRouting() == tile::Routing::All;
    return k.loop(k.integer(0), experts, 1, {k.integer(0), k.real(0)},
                  [&](Number expert, ArrayRef<Number> so) -> Numbers {
                    Number power = powers.load(expert), isMarked = marks.load(expert) == 1;
                    k.when(isMarked, [&] {
                      Number place = row * plan.top + so[0];
                      plan.store(expert, Plan::Slots, place);
                      plan.store(k.bitcast(power, k.i32()), Plan::Weights, place);
                    });
                    Number sum = so[1] + power;
                    return {k.select(isMarked, so[0] + 1, so[0]),
                            ofAll ? sum : k.select(isMarked, sum, so[1])};
                  })[1];
  }

  void writeWeights(Number sum) {
    if (op.getRouting() == tile::Routing::SigmoidOfChosen)
      sum = sum + 1e-20; // as the reference does
    k.forEach(k.integer(0), plan.top, 1, [&](Number chosen) {
      Number place = row * plan.top + chosen;
      Number weight = k.bitcast(plan.load(Plan::Weights, place), k.f32());
      if (op.getRouting() != tile::Routing::Sigmoid)
        weight = weight / sum;
      if (double scale = op.getScale().convertToDouble(); scale != 1)
        weight = weight * scale;
      if (op.getScales())
        weight =
            weight * k.load(k.rows(op.getScales()), k.integer(0), plan.load(Plan::Slots, place));
      plan.store(k.bitcast(weight, k.i32()), Plan::Weights, place);
    });
  }

  void emit() {
    clear(experts);
    if (!op.isSigmoid())
      writePowers();
    writeChoices();
    if (op.getGroups() != 1)
      keepGroups();
    k.forEach(k.integer(0), plan.top, 1,
              [&](Number) { (void)markLargest(choices, k.integer(0), experts); });
    k.when(lane == 0, [&] { writeWeights(writeMarked()); });
  }
};

void createChoice(Expansion &expansion, tile::RouteOp op) {
  Kernel k(expansion, "_choose", kWarp);
  int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);
  auto share = [&](Type type, int64_t count) {
    return SharedNumbers{k, k.shared(type, count), type};
  };
  Chooser chooser{k,
                  op,
                  Plan::in(k, expansion, op.getOut()),
                  k.rows(op.getLogits()),
                  k.blockId(0),
                  k.threadId(),
                  experts,
                  share(k.f32(), experts),
                  share(k.i32(), experts),
                  share(k.f32(), experts),
                  share(k.f32(), static_cast<int64_t>(op.getGroups()))};
  chooser.emit();
  k.launch(expansion.rowsOf(op.getOut()));
}

/// The emitter of the plan.
struct Planner {
  Kernel &k;
  Plan plan;
  int64_t experts;
  SharedNumbers chosen, begins;

  void countSlots() {
    k.forEach(k.threadId(), experts, kPlanThreads, [&](Number expert) {
      Number count = k.loop(k.integer(0), plan.slots, 1, {k.integer(0)},
                            [&](Number place, ArrayRef<Number> so) -> Numbers {
                              return {k.select(chosen.load(place) == expert, so[0] + 1, so[0])};
                            })[0];
      begins.store(count, expert);
    });
    k.barrier();
  }

  /// Lists the experts that have rows; their counts become their first slots.
  void placeExperts() {
    k.when(k.threadId() == 0, [&] {
      Number active = k.loop(k.integer(0), experts, 1, {k.integer(0), k.integer(0)},
                             [&](Number expert, ArrayRef<Number> so) -> Numbers {
                               Number count = begins.load(expert), some = count > 0;
                               k.when(some, [&] {
                                 plan.store(expert, Plan::Experts, so[0]);
                                 plan.store(so[1], Plan::Begins, so[0]);
                               });
                               begins.store(so[1], expert);
                               return {k.select(some, so[0] + 1, so[0]), so[1] + count};
                             })[0];
      plan.storeActive(active);
    });
    k.barrier();
  }

  /// Gives each row the next slot of each of its experts.
  void placeRows() {
    k.forEach(k.threadId(), experts, kPlanThreads, [&](Number expert) {
      k.loop(k.integer(0), plan.slots, 1, {begins.load(expert)},
             [&](Number place, ArrayRef<Number> so) -> Numbers {
               Number isOwn = chosen.load(place) == expert;
               k.when(isOwn, [&] {
                 plan.store(place / plan.top, Plan::RowsOf, so[0]);
                 plan.store(so[0], Plan::Slots, place);
               });
               return {k.select(isOwn, so[0] + 1, so[0])};
             });
    });
  }
};

void createPlan(Expansion &expansion, tile::RouteOp op, int64_t mostSlots) {
  Kernel k(expansion, "_plan", kPlanThreads);
  int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);
  Plan plan = Plan::in(k, expansion, op.getOut());
  Planner planner{k,
                  plan,
                  experts,
                  {k, k.shared(k.i32(), mostSlots), k.i32()},
                  {k, k.shared(k.i32(), experts), k.i32()}};
  k.forEach(k.threadId(), plan.slots, kPlanThreads,
            [&](Number place) { planner.chosen.store(plan.load(Plan::Slots, place), place); });
  k.barrier();
  planner.countSlots();
  planner.placeExperts();
  planner.placeRows();
  k.launch(expansion.index(1));
}

} // namespace

LogicalResult expand(Expansion &expansion, tile::RouteOp op) {
  auto model =
      expansion.function->getParentOfType<ModuleOp>()->getAttrOfType<abi::ModelAttr>("abi.model");
  int64_t experts = cast<MemRefType>(op.getLogits().getType()).getDimSize(1);
  int64_t slots = model.getMaxRows() * static_cast<int64_t>(op.getTop());
  if (int64_t bytes = std::max(slots + experts, 4 * experts) * 4; bytes > kMostShared)
    return op.emitError() << slots << " slots and " << experts
                          << " experts take more shared memory than a block of CUDA has";
  createChoice(expansion, op);
  createPlan(expansion, op, slots);
  return success();
}

} // namespace osscc::cuda
