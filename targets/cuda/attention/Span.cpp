// A span of attention, by softmax over its positions:
//
//   scores    a thread a position: keys lie so that neighbours read neighbours
//   softmax   the maximum and the sum of each head, folded by warps and then over them
//   values    a thread a channel, for a part of the positions; the parts are added up in order
#include "targets/cuda/attention/Span.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

using namespace mlir;

namespace osscc::cuda {

using Numbers = Emitter::Numbers;

namespace {

constexpr int64_t kMostHeads = 8, kMostLatentHeads = 4;
/// Channels of keys, and positions of values, that are loaded before they are multiplied.
constexpr int64_t kAhead = 8;

int64_t sharing(tile::AttendOp op) {
  int64_t channels = cast<ShapedType>(op.getQ().getType()).getDimSize(1);
  return channels / op.getCache().valueSize() / op.getCache().getHeads();
}

} // namespace

int64_t headsOfBlock(tile::AttendOp op) {
  int64_t all = sharing(op);
  int64_t heads = std::min(all, op.getCache().isLatent() ? kMostLatentHeads : kMostHeads);
  while (all % heads != 0)
    --heads;
  return heads;
}

int64_t blocksOfRow(tile::AttendOp op) {
  return sharing(op) * op.getCache().getHeads() / headsOfBlock(op);
}

int64_t spansOf(tile::AttendOp op, int64_t positions) {
  int64_t spans = llvm::divideCeil(positions, kSpan);
  if (!op.getMask())
    return spans;
  return std::min<int64_t>(spans, llvm::divideCeil(op.getMask()->getWindow() - 1, kSpan) + 1);
}

AttendBlock AttendBlock::in(Kernel &k, tile::AttendOp op) {
  int64_t heads = headsOfBlock(op);
  AttendBlock block{k,
                    op,
                    k.rows(op.getQ()),
                    {},
                    k.blockId(1),
                    k.blockId(0),
                    k.argument(op.getOffset()),
                    {},
                    {},
                    {},
                    rotationIn(k, op),
                    {},
                    {},
                    {},
                    {}};
  if (op.getRest())
    block.rest = k.rows(op.getRest());
  block.position = k.position(block.row);
  block.sequence = k.sequence(block.row);
  block.first = k.integer(0);
  if (std::optional<tile::MaskAttr> mask = op.getMask())
    block.first = mask->getChunked() ? block.position / mask->getWindow() * mask->getWindow()
                                     : k.larger(block.position - (mask->getWindow() - 1), 0);
  block.queries = k.shared(k.f32(), op.getCache().getSize() * heads);
  block.weights = k.shared(k.f32(), kSpan * heads);
  block.folded = k.shared(k.f32(), kSpan / kWarp * heads);
  if (block.parts() > 1)
    block.joined = k.shared(k.f32(), kSpan * heads);
  return block;
}

int64_t AttendBlock::parts() {
  int64_t parts = kSpan / kPageStep;
  while (parts > 1 && parts * size() > kSpan)
    parts /= 2;
  return parts;
}

Number AttendBlock::head() {
  return block * heads() / sharing(op);
}

Number AttendBlock::channelOf(int64_t chunk) {
  if (parts() == 1)
    return k.threadId() + chunk * kSpan;
  return k.threadId() % size();
}

Number AttendBlock::hasChannel(int64_t chunk) {
  return k.threadId() < size() - chunk * kSpan;
}

void AttendBlock::loadPair(Number head, Number pair) {
  const Rows &rows = rest ? *rest : q;
  int64_t size = cache().isLatent() ? cache().keySize() : cache().getSize(), half = size / 2;
  int64_t before = cache().getSize() - size; // of latents the channels that are the value
  Number from = (block * heads() + head) * size + pair;
  Number a = k.load(rows, row, from), b = k.load(rows, row, from + half);
  if (rotation)
    std::tie(a, b) = rotate(k, *rotation, position, pair, a, b);
  auto place = [&](Number channel) {
    return k.advance(queries, k.f32(), (channel + before) * heads() + head);
  };
  k.store(a, place(pair), 4);
  k.store(b, place(pair + half), 4);
}

void AttendBlock::loadQueries() {
  int64_t size = cache().isLatent() ? cache().keySize() : cache().getSize();
  k.forEach(k.threadId(), heads() * (size / 2), kSpan,
            [&](Number at) { loadPair(at / (size / 2), at % (size / 2)); });
  if (size % 2 != 0) // the last channel of each head, which turns with none
    k.when(k.threadId() < heads(), [&] {
      Number head = k.threadId(), last = (block * heads() + head) * size + (size - 1);
      k.store(k.load(q, row, last), k.advance(queries, k.f32(), head + (size - 1) * heads()), 4);
    });
  if (cache().isLatent())
    k.forEach(k.threadId(), heads() * this->size(), kSpan, [&](Number at) {
      Number head = at / this->size(), channel = at % this->size();
      Number from = (block * heads() + head) * this->size() + channel;
      k.store(k.load(q, row, from), k.advance(queries, k.f32(), channel * heads() + head), 4);
    });
  k.barrier();
}

/// What a sum of products is multiplied by.
Number AttendBlock::scoreFactor() {
  double scale = op.getScale().convertToDouble();
  if (op.getSoftcap())
    scale = static_cast<float>(scale / op.getSoftcap()->convertToDouble());
  Number factor = k.real(scale);
  if (std::optional<tile::TemperatureAttr> temperature = op.getTemperature()) {
    Number steps = (position + temperature->getOffset()) / temperature->getStep();
    Number growth = k.number(math::Log1pOp::create(k.builder, k.loc, k.toFloat(steps).value));
    factor = factor * k.fma(growth, k.real(temperature->getScale().getValueAsDouble()), k.real(1));
  }
  return factor;
}

/// The scores of a position, which the row sees.
Numbers AttendBlock::scores(Number at) {
  Page page = pageOf(k, cache(), offset, sequence, at, head());
  int64_t channels = cache().getSize(), latent = cache().isLatent() ? cache().valueSize() : 0;
  bool scaled =
      page.codes() && latent != 0; // latents have a scale of their value and one of the rest
  Number valueScale, keyScale;
  if (page.codes())
    keyScale = k.load(k.f32(), page.keyScale(), 4);
  if (scaled)
    valueScale = k.load(k.f32(), page.valueScale(), 4);
  auto step = [&](Number channel, int64_t count, ArrayRef<Number> sums) {
    Numbers keys, next(sums);
    for (int64_t i = 0; i < count; ++i)
      keys.push_back(page.load(page.key(channel + i)));
    for (int64_t i = 0; i < count; ++i) {
      if (scaled)
        keys[i] = keys[i] * k.select(channel + i < latent, valueScale, keyScale);
      for (int64_t h = 0; h < heads(); ++h) {
        Number place = k.advance(queries, k.f32(), (channel + i) * heads() + h);
        next[h] = k.fma(k.load(k.f32(), place, 4), keys[i], next[h]);
      }
    }
    return next;
  };
  int64_t whole = channels / kAhead * kAhead;
  Numbers sums(heads(), k.real(0));
  sums = k.loop(k.integer(0), whole, kAhead, sums,
                [&](Number c, ArrayRef<Number> sum) { return step(c, kAhead, sum); });
  if (whole < channels)
    sums = step(k.integer(whole), channels - whole, sums);
  Number factor = scoreFactor();
  if (page.codes() && latent == 0)
    factor = factor * keyScale;
  for (Number &score : sums) {
    score = score * factor;
    if (op.getSoftcap())
      score = k.number(math::TanhOp::create(k.builder, k.loc, score.value)) *
              op.getSoftcap()->convertToDouble();
  }
  return sums;
}

Numbers AttendBlock::fold(ArrayRef<Number> values, bool maximum) {
  Number warp = k.threadId() / kWarp, lane = k.threadId() % kWarp;
  Numbers results;
  auto placeOf = [&](Number warp, int64_t h) {
    return k.advance(folded, k.f32(), warp * heads() + h);
  };
  k.barrier(); // what was folded before has been read
  for (int64_t h = 0; h < heads(); ++h) {
    Number value = maximum ? k.warpMaximum(values[h]) : k.warpSum(values[h]);
    k.when(lane == 0, [&] { k.store(value, placeOf(warp, h), 4); });
  }
  k.barrier();
  for (int64_t h = 0; h < heads(); ++h) {
    Number all;
    for (int64_t w = 0; w < kSpan / kWarp; ++w) {
      Number other = k.load(k.f32(), placeOf(k.integer(w), h), 4);
      all = !all ? other : maximum ? k.larger(all, other) : all + other;
    }
    results.push_back(all);
  }
  return results;
}

/// Sums of weighed values over the positions of the thread's part that the row sees.
Numbers AttendBlock::weigh(Number span) {
  int64_t ofPart = kSpan / parts(), count = chunks() * heads();
  Number part = parts() == 1 ? k.integer(0) : k.threadId() / size();
  Numbers sums(count, k.real(0));
  auto step = [&](const Page &page, Number at, int64_t count, ArrayRef<Number> sum) {
    Numbers next(sum), values;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t chunk = 0; chunk < chunks(); ++chunk) {
        Page here = page;
        here.slot = (at + i) % cache().getRows();
        Number channel = channelOf(chunk);
        if (parts() == 1 && size() % kSpan != 0) // threads without a channel read another's
          channel = k.smaller(channel, size() - 1);
        values.push_back(page.load(here.value(channel)));
      }
    for (int64_t i = 0; i < count; ++i)
      for (int64_t h = 0; h < heads(); ++h) {
        Number place = k.advance(weights, k.f32(), ((at + i) % kSpan) * heads() + h);
        Number weight = k.load(k.f32(), place, 4);
        for (int64_t chunk = 0; chunk < chunks(); ++chunk) {
          Number &sum = next[chunk * heads() + h];
          sum = k.fma(weight, values[i * chunks() + chunk], sum);
        }
      }
    return next;
  };
  Number start = span * kSpan + part * ofPart, stop = k.smaller(start + ofPart, position + 1);
  return k.loop(start, stop, kPageStep, sums, [&](Number block, ArrayRef<Number> sum) {
    Page page = pageOf(k, cache(), offset, sequence, block, head());
    Number begin = k.larger(block, first), end = k.smaller(block + kPageStep, stop);
    Number between = begin + k.larger(end - begin, 0) / kAhead * kAhead;
    Numbers next = k.loop(begin, between, kAhead, Numbers(sum),
                          [&](Number at, ArrayRef<Number> s) { return step(page, at, kAhead, s); });
    return k.loop(between, end, 1, next,
                  [&](Number at, ArrayRef<Number> s) { return step(page, at, 1, s); });
  });
}

Sums AttendBlock::emitSpan(Number span) {
  Number at = span * kSpan + k.threadId();
  auto never = [&] { return Numbers(heads(), k.real(-std::numeric_limits<double>::infinity())); };
  Number isSeen = at < position + 1;
  if (op.getMask())
    isSeen = isSeen & (at > first - 1);
  Numbers score = k.choose(isSeen, [&] { return scores(at); }, never);
  Sums sums;
  sums.maxima = fold(score, /*maximum=*/true);
  Numbers own;
  for (int64_t h = 0; h < heads(); ++h)
    own.push_back(k.exp(score[h] - sums.maxima[h]));
  sums.totals = fold(own, /*maximum=*/false);
  // Codes of values are weighed with their scale.
  Number scale = k.real(1);
  bool hasCodes = cache().getStored().isInteger();
  if (hasCodes)
    scale = k.choose(
        isSeen,
        [&] {
          Page page = pageOf(k, cache(), offset, sequence, at, head());
          return Numbers{k.load(k.f32(), page.valueScale(), 4)};
        },
        [&] { return Numbers{k.real(0)}; })[0];
  for (int64_t h = 0; h < heads(); ++h)
    k.store(hasCodes ? own[h] * scale : own[h],
            k.advance(weights, k.f32(), k.threadId() * heads() + h), 4);
  k.barrier();
  sums.outputs = weigh(span);
  if (parts() == 1) {
    k.barrier(); // weights are read before the next span writes its own
    return sums;
  }
  auto placeOf = [&](Number part, int64_t h) {
    return k.advance(joined, k.f32(), (part * size() + channelOf(0)) * heads() + h);
  };
  Number part = k.threadId() / size();
  k.when(part < parts(), [&] {
    for (int64_t h = 0; h < heads(); ++h)
      k.store(sums.outputs[h], placeOf(part, h), 4);
  });
  k.barrier();
  for (int64_t h = 0; h < heads(); ++h) {
    Number all = k.load(k.f32(), placeOf(k.integer(0), h), 4);
    for (int64_t other = 1; other < parts(); ++other)
      all = all + k.load(k.f32(), placeOf(k.integer(other), h), 4);
    sums.outputs[h] = all;
  }
  return sums;
}

} // namespace osscc::cuda
