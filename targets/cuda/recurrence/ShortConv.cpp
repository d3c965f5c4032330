// short_conv: a thread is a channel, of which it takes all rows of the call in turn. The rows that
// it looks back at come from the state of the row's sequence, where it leaves its own.
#include "targets/cuda/Populate.h"
#include "targets/cuda/recurrence/State.h"

using namespace mlir;

namespace osscc::cuda {

constexpr int64_t kThreads = 64;

Number stateOf(const Emitter &emitter, tile::StateAttr state, Number offset, Number sequence) {
  Number page = pagePointer(emitter, state.getGroup(), sequence, emitter.integer(0));
  return emitter.advance(page, emitter.builder.getI8Type(), offset);
}

LogicalResult expand(Expansion &expansion, tile::ShortConvOp op) {
  Kernel k(expansion, "", kThreads);
  tile::StateAttr state = op.getState();
  int64_t channels = state.getChannels(), kept = state.getKept();
  Rows x = k.rows(op.getX()), out = k.rows(op.getOut()), w = k.rows(op.getW());
  Number offset = k.argument(op.getOffset()), rows = k.argument(expansion.rowsOf(op.getOut()));
  Number channel = k.blockId(0) * kThreads + k.threadId();
  k.when(channel < channels, [&] {
    k.forEach(k.integer(0), rows, 1, [&](Number row) {
      Rows latest{stateOf(k, state, offset, k.sequence(row)), k.f32(), channels, channels, 4};
      Emitter::Numbers window;
      for (int64_t j = 0; j < kept; ++j)
        window.push_back(k.load(latest, k.integer(j), channel));
      window.push_back(k.load(x, row, channel));
      Number sum = k.real(0);
      for (auto [j, value] : llvm::enumerate(window))
        sum = k.fma(k.load(w, k.integer(static_cast<int64_t>(j)), channel), value, sum);
      for (int64_t j = 0; j < kept; ++j)
        k.store(window[j + 1], latest, k.integer(j), channel);
      k.store(inlineRegion(k, op.getEpilogue(), {sum}), out, row, channel);
    });
  });
  k.launch(expansion.index((channels + kThreads - 1) / kThreads));
  return success();
}

} // namespace osscc::cuda
