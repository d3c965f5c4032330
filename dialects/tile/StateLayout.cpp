#include "dialects/tile/StateLayout.h"

#include "llvm/Support/MathExtras.h"

namespace osscc::tile {

/// What each part begins with a whole number of: abi::kLineBytes.
static constexpr int64_t kLine = 64;

StateLayout::StateLayout(StateAttr state) {
  mlir::Type f32 = mlir::Float32Type::get(state.getContext());
  rowsType = mlir::MemRefType::get({state.getKept(), state.getChannels()}, f32);
  headsType = mlir::MemRefType::get({state.getHeads() * state.getKeys(), state.getValues()}, f32);
  auto bytesOf = [](mlir::MemRefType type) {
    return static_cast<int64_t>(llvm::alignTo(type.getNumElements() * 4, kLine));
  };
  heads = bytesOf(rowsType);
  bytes = heads + bytesOf(headsType);
}

} // namespace osscc::tile
