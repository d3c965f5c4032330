#include "targets/cuda/experts/Plan.h"

using namespace mlir;

namespace osscc::cuda {

Plan Plan::in(Kernel &kernel, Expansion &expansion, Value memory) {
  int64_t top = tile::chosenOf(memory);
  Number rows = kernel.argument(expansion.rowsOf(memory));
  return {kernel, kernel.pointer(memory), rows * top, top};
}

Number Plan::place(Part part, Number index) const {
  return emit.advance(words, emit.i32(), slots * static_cast<int64_t>(part) + index + 1);
}
Number Plan::load(Part part, Number index) const {
  return emit.load(emit.i32(), place(part, index), 4);
}
void Plan::store(Number word, Part part, Number index) const {
  emit.store(word, place(part, index), 4);
}
Number Plan::active() const {
  return emit.load(emit.i32(), words, 4);
}
void Plan::storeActive(Number number) const {
  emit.store(number, words, 4);
}
Number Plan::end(Number index) const {
  Number next = index + 1;
  return emit.choose(
      next < active(), [&] { return Emitter::Numbers{begin(next)}; },
      [&] { return Emitter::Numbers{slots}; })[0];
}

} // namespace osscc::cuda
