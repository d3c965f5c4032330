// norm: a block is one row, or, of groups of channels, a warp is one group. Threads sum every so
// many channels, then warps fold and add up, in an order that the width alone decides.
#include "targets/cuda/rows/Norm.h"

#include "targets/cuda/Populate.h"
#include "targets/cuda/matmul/Quantize.h"

using namespace mlir;

namespace osscc::cuda {
namespace {

constexpr int64_t kWarps = 4; // of a block of groups
constexpr int64_t kMostThreads = 512;

/// The emitter of one group of channels, which `threads` threads share.
struct NormEmitter {
  Kernel &k;
  tile::NormOp op;
  int64_t width, threads;
  Rows x, out;
  std::optional<Rows> w, bias;
  Number row, first; ///< The group's first channel.
  Number thread;     ///< Among those of the group.
  Number scratch;    ///< Shared, a float a warp; null where a group is one warp's.

  Number loadX(Number channel) { return k.load(x, row, first + channel); }

  /// The sum over the group, in all its threads. \param add  a channel's value to the sum so far.
  Number sum(function_ref<Number(Number value, Number sum)> add) {
    Number own = k.loop(thread, width, threads, {k.real(0)},
                        [&](Number channel, ArrayRef<Number> sum) -> Emitter::Numbers {
                          return {add(loadX(channel), sum[0])};
                        })[0];
    Number total = k.warpSum(own);
    if (!scratch)
      return total;
    k.barrier();
    k.when(thread % kWarp == 0,
           [&] { k.store(total, k.advance(scratch, k.f32(), thread / kWarp), 4); });
    k.barrier();
    total = k.real(0);
    for (int64_t warp = 0; warp < threads / kWarp; ++warp)
      total = total + k.load(k.f32(), k.advance(scratch, k.f32(), k.integer(warp)), 4);
    return total;
  }

  /// What a channel becomes.
  Number apply(Number channel, Number mean, Number factor) {
    Number value = loadX(channel);
    if (mean)
      value = value - mean;
    value = value * factor;
    if (w) {
      Number weight = k.load(*w, k.integer(0), channel);
      if (!op.getOffset().isZero())
        weight = weight + op.getOffset().convertToDouble();
      value = value * weight;
    }
    return bias ? value + k.load(*bias, k.integer(0), channel) : value;
  }

  /// Channels of the group as records, a warp a record.
  void storeRecords(Number mean, Number factor) {
    RecordLayout layout = RecordLayout::of(out.width, width, static_cast<int64_t>(op.getPlanes()));
    Number lane = thread % kWarp;
    k.forEach(thread / kWarp, layout.groups, threads / kWarp, [&](Number group) {
      Number channel = group * pack::kRecordChannels + lane;
      Number value = k.choose(
          channel < width, [&] { return Emitter::Numbers{apply(channel, mean, factor)}; },
          [&] { return Emitter::Numbers{k.real(0)}; })[0];
      emitRecord(k, layout, out, row, group, lane, value);
    });
  }

  void emit() {
    Number mean;
    if (op.getCentered())
      mean = sum([](Number value, Number sum) { return sum + value; }) / width;
    Number squares = sum([&](Number value, Number sum) {
      if (mean)
        value = value - mean;
      return k.fma(value, value, sum);
    });
    Number padded = squares / width + op.getEps().convertToDouble();
    Number factor = k.real(1) / k.sqrt(padded);
    if (op.getPlanes() != 0)
      return storeRecords(mean, factor);
    k.forEach(thread, width, threads, [&](Number channel) {
      k.store(apply(channel, mean, factor), out, row, first + channel);
    });
  }
};

} // namespace

int64_t threadsOfNorm(tile::NormOp op) {
  return std::clamp<int64_t>(llvm::alignTo(op.groupChannels(), kWarp), kWarp, kMostThreads);
}

void emitNormOfRow(Kernel &k, tile::NormOp op, Number row, const Rows &out) {
  int64_t threads = threadsOfNorm(op);
  NormEmitter norm{k,   op,           op.groupChannels(), threads, k.rows(op.getX()), out, {}, {},
                   row, k.integer(0), k.threadId(),       {}};
  if (op.getW())
    norm.w = k.rows(op.getW());
  if (op.getBias())
    norm.bias = k.rows(op.getBias());
  if (threads > kWarp)
    norm.scratch = k.shared(k.f32(), threads / kWarp);
  norm.emit();
}

LogicalResult expand(Expansion &expansion, tile::NormOp op) {
  int64_t size = op.groupChannels(), all = cast<MemRefType>(op.getX().getType()).getDimSize(1);
  Value rows = expansion.rowsOf(op.getOut());
  if (size == all) {
    Kernel k(expansion, "", threadsOfNorm(op));
    emitNormOfRow(k, op, k.blockId(1), k.rows(op.getOut()));
    k.launch(expansion.index(1), rows);
    return success();
  }
  Kernel k(expansion, "", kWarps * kWarp);
  NormEmitter norm{k,  op, size,         kWarp,        k.rows(op.getX()), k.rows(op.getOut()),
                   {}, {}, k.blockId(1), k.integer(0), k.threadId(),      {}};
  if (op.getW())
    norm.w = k.rows(op.getW());
  if (op.getBias())
    norm.bias = k.rows(op.getBias());
  int64_t groups = all / size;
  Number group = k.blockId(0) * kWarps + norm.thread / kWarp;
  norm.thread = norm.thread % kWarp;
  norm.first = group * size;
  k.when(group < groups, [&] { norm.emit(); });
  k.launch(expansion.index((groups + kWarps - 1) / kWarps), rows);
  return success();
}

} // namespace osscc::cuda
