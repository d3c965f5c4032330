// append: a warp writes one head of one row to the page of its position. Keys are rotated on the
// way where the op says so.
#include "targets/cuda/Populate.h"
#include "targets/cuda/attention/Pages.h"
#include "targets/cuda/attention/Rope.h"
#include <cmath>

using namespace mlir;

namespace osscc::cuda {
namespace {

constexpr double kLargestCode = 127;

/// A channel that a thread has, and whether there is one.
struct Channel {
  Number number, value, isThere;
};

/// The emitter of one head.
struct AppendHead {
  Kernel &k;
  Page page;
  Number row, lane, position;
  std::optional<Rotation> rotation;

  /// The thread's channels of a head in `rows`, turned.
  SmallVector<Channel> load(const Rows &rows, int64_t size, bool turned) {
    SmallVector<Channel> channels;
    Number first = page.head * size;
    int64_t count = turned ? size / 2 : size;
    for (int64_t from = 0; from < count; from += kWarp) {
      Number at = lane + from;
      Number isThere = from + kWarp > count ? at < count : Number();
      Number inside = isThere ? k.smaller(at, count - 1) : at;
      Number a = k.load(rows, row, first + inside);
      if (!turned) {
        channels.push_back({at, a, isThere});
        continue;
      }
      Number b = k.load(rows, row, first + inside + count);
      auto [x, y] = rotate(k, *rotation, position, inside, a, b);
      channels.push_back({at, x, isThere});
      channels.push_back({at + count, y, isThere});
    }
    return channels;
  }

  /// Stores the scale of what the warp has, and divides by it.
  void divideByScale(SmallVector<Channel> &channels, Number place) {
    Number most = k.real(0);
    for (Channel &channel : channels) // a channel that is not there is another's copy
      most = k.larger(most, k.abs(channel.value));
    most = k.warpMaximum(most);
    Number some = most > std::ldexp(1.0, -100);
    Number inverse = k.select(some, k.real(kLargestCode) / most, 0.0);
    k.when(lane == 0, [&] { k.store(k.select(some, most / kLargestCode, 0.0), place, 4); });
    for (Channel &channel : channels)
      channel.value = channel.value * inverse;
  }

  void store(ArrayRef<Channel> channels, function_ref<Number(Number)> placeOf) {
    for (const Channel &channel : channels) {
      auto put = [&] { page.store(channel.value, placeOf(channel.number)); };
      if (channel.isThere)
        k.when(channel.isThere, put);
      else
        put();
    }
  }

  void emit(const Rows &keys, const Rows &values) {
    int64_t keySize = page.cache.keySize(), valueSize = page.cache.valueSize();
    SmallVector<Channel> key = load(keys, keySize, rotation.has_value());
    SmallVector<Channel> value = load(values, valueSize, /*turned=*/false);
    if (page.codes()) {
      divideByScale(key, page.keyScale());
      divideByScale(value, page.valueScale());
    }
    // Of latents the channels that are key alone lie behind the value.
    int64_t behind = page.cache.isLatent() ? valueSize : 0;
    store(key, [&](Number channel) { return page.key(channel + behind); });
    store(value, [&](Number channel) { return page.value(channel); });
  }
};

} // namespace

LogicalResult expand(Expansion &expansion, tile::AppendOp op) {
  Kernel k(expansion, "", kWarp);
  Rows keys = k.rows(op.getK()), values = k.rows(op.getV());
  Number row = k.blockId(1), position = k.position(row);
  Page page =
      pageOf(k, op.getCache(), k.argument(op.getOffset()), k.sequence(row), position, k.blockId(0));
  AppendHead{k, page, row, k.threadId(), position, rotationIn(k, op)}.emit(keys, values);
  k.launch(expansion.index(op.getCache().getHeads()), expansion.rowsOf(op.getK()));
  return success();
}

} // namespace osscc::cuda
