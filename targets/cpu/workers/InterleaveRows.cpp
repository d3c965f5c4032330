// A matrix unit multiplies 16 rows at a time and loads their codes from one place. Where the target
// has one, quantized rows that several workers share are interleaved:
//
//   tile.norm outs(%rows); tile.matmul ins(%rows, %w)   ==>   the same ops, `interleaved`
//
// One row is none of that: what a segment does for one row stays as it is, and its matmuls are told
// that there is no more.
//
// Stage: kernels, any CPU (on memrefs).
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"
#include "targets/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_INTERLEAVEROWSPASS
#include "targets/Passes.h.inc"

namespace {

/// Whether `op` is in the form of a segment for one row.
bool isForOneRow(Operation *op) {
  auto forms = dyn_cast<scf::IfOp>(op->getParentOp());
  return forms && op->getBlock() == forms.thenBlock();
}

/// Whether `rows` are records that every user can write or read interleaved.
bool canInterleave(memref::AllocOp rows) {
  MemRefType type = rows.getType();
  return type.getRank() == 2 && type.isDynamicDim(0) && type.getElementType().isInteger(32) &&
         llvm::all_of(rows->getUsers(), [](Operation *user) {
           if (auto matmul = dyn_cast<tile::MatmulOp>(user); matmul && matmul.getGroups() != 1)
             return false; // of which a matrix unit takes none
           return isa<tile::QuantizeRowsOp, tile::NormOp, tile::AttendOp, tile::MatmulOp>(user);
         });
}

struct InterleaveRowsPass : osscc::impl::InterleaveRowsPassBase<InterleaveRowsPass> {
  void runOnOperation() override {
    Builder builder(&getContext());
    auto model = getOperation()->getAttrOfType<abi::ModelAttr>("abi.model");
    if (model && model.getMaxRows() % tile::kInterleavedRows != 0)
      return; // the last rows' records would end behind their memory
    getOperation().walk([&](tile::MatmulOp matmul) {
      if (isForOneRow(matmul))
        matmul.setMostRows(1);
    });
    getOperation().walk([&](memref::AllocOp rows) {
      if (!isForOneRow(rows) && canInterleave(rows))
        for (Operation *user : rows->getUsers())
          user->setAttr("interleaved", builder.getUnitAttr());
    });
  }
};

} // namespace
} // namespace osscc
