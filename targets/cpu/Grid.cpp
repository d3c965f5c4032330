#include "targets/cpu/Grid.h"

#include "targets/cpu/Constants.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace osscc::cpu {

void createGrid(OpBuilder &builder, Location loc, Value blocks,
                function_ref<void(OpBuilder &, Value)> body) {
  auto grid = tile::GridOp::create(builder, loc, blocks);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&grid.getBody(), {}, builder.getIndexType(), loc);
  body(builder, block->getArgument(0));
  builder.setInsertionPointToEnd(block);
  tile::YieldOp::create(builder, loc);
}

void createBlocks(OpBuilder &builder, Location loc, Value blocks, bool own,
                  function_ref<void(OpBuilder &, Value)> body) {
  if (!own)
    return createGrid(builder, loc, blocks, body);
  auto loop = scf::ForOp::create(builder, loc, constantIndex(builder, loc, 0), blocks,
                                 constantIndex(builder, loc, 1));
  OpBuilder inner = OpBuilder::atBlockBegin(loop.getBody());
  body(inner, loop.getInductionVar());
}

} // namespace osscc::cpu
