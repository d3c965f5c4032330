// Layers differ in their weights alone. Kernels that are equal up to their operands become one
// function, called with the operands of each place: 30 layers share a handful of kernels, and
// compile time and code size do not grow with depth.
//
//   tile.matmul ins(%x, %w0) ...         call @matmul_0(%x, %w0, ...)
//   tile.matmul ins(%x, %w1) ...   ==>   call @matmul_0(%x, %w1, ...)
//                                        func.func private @matmul_0(%x, %w, %out)
//
// Stage: kernels (on memrefs).
#include "compiler/Passes.h"
#include "dialects/tile/Tile.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_OUTLINEKERNELSPASS
#include "compiler/Passes.h.inc"

namespace {

/// Equal name, attributes, operand types and regions; operands themselves may differ.
bool isSameKernel(Operation *a, Operation *b) {
  return a->getOperandTypes() == b->getOperandTypes() &&
         OperationEquivalence::isEquivalentTo(a, b, OperationEquivalence::ignoreValueEquivalence,
                                              nullptr,
                                              OperationEquivalence::Flags::IgnoreLocations);
}

func::FuncOp createKernel(ModuleOp module, Operation *kernel, unsigned number) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  std::string name = (kernel->getName().stripDialect() + "_" + Twine(number)).str();
  auto type = builder.getFunctionType(kernel->getOperandTypes(), {});
  auto function = func::FuncOp::create(builder, kernel->getLoc(), name, type);
  function.setPrivate();
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  IRMapping mapping;
  mapping.map(kernel->getOperands(), body->getArguments());
  // Two operands that are one value at this place need not be one elsewhere.
  Operation *clone = builder.clone(*kernel, mapping);
  clone->setOperands(body->getArguments());
  func::ReturnOp::create(builder, kernel->getLoc());
  return function;
}

struct OutlineKernelsPass : osscc::impl::OutlineKernelsPassBase<OutlineKernelsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Operation *> places;
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isa<tile::TileDialect>(op->getDialect()))
        return WalkResult::advance();
      places.push_back(op);
      return WalkResult::skip();
    });

    SmallVector<std::pair<Operation *, func::FuncOp>> kernels;
    for (Operation *place : places) {
      auto *known =
          llvm::find_if(kernels, [&](auto &entry) { return isSameKernel(entry.first, place); });
      if (known == kernels.end()) {
        func::FuncOp function = createKernel(module, place, kernels.size());
        Operation *body = &function.getBody().front().front();
        kernels.push_back({body, function});
        known = &kernels.back();
      }
      OpBuilder builder(place);
      func::CallOp::create(builder, place->getLoc(), known->second, place->getOperands());
      place->erase();
    }
  }
};

} // namespace
} // namespace osscc
