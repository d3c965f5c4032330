// Layers that differ in their weights and in their place in the cache alone share their code. A
// token runs through it once a layer, so that it comes from the nearest cache, and compile time
// does not grow with depth.
//
//   func @layer_0 {                          func @layer_0 {
//     %w = abi.weight @a                       call @layers_0(@a, %c0)
//     call @append(%k, %v, %c0)              func @layer_1 {
//     call @matmul(%x, %w, %y) }      ==>      call @layers_0(@b, %c8)
//   func @layer_1 {                          func private @layers_0(%w, %offset) {
//     %w = abi.weight @b                       call @append(%k, %v, %offset)
//     call @append(%k, %v, %c8)                call @matmul(%x, %w, %y) }
//     call @matmul(%x, %w, %y) }
//
// Stage: kernels (on memrefs, kernels outlined, arena planned).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_SHARESEGMENTSPASS
#include "compiler/Passes.h.inc"

namespace {

/// Segments with equal code, and that code as a function of its leaves: every use of a constant or
/// weight is an argument.
struct Group {
  func::FuncOp code;
  SmallVector<func::FuncOp> segments;
  /// A segment's leaf for each argument of the code.
  SmallVector<SmallVector<Operation *>> leaves;
};

Operation *leafOf(OpOperand &operand) {
  Operation *op = operand.get().getDefiningOp();
  return isa_and_nonnull<arith::ConstantOp, abi::WeightOp>(op) ? op : nullptr;
}

/// A function of the leaves with the code of `segment`, which stands nowhere yet.
func::FuncOp abstractLeaves(func::FuncOp segment) {
  func::FuncOp code = segment.clone();
  code->removeAttr("abi.segment");
  code.setPrivate();
  SmallVector<OpOperand *> uses;
  llvm::SetVector<Operation *> leaves;
  code.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (Operation *leaf = leafOf(operand)) {
        uses.push_back(&operand);
        leaves.insert(leaf);
      }
  });
  for (OpOperand *use : uses) {
    Value leaf = use->get();
    (void)code.insertArgument(code.getNumArguments(), leaf.getType(), {}, leaf.getLoc());
    use->set(code.getArguments().back());
  }
  for (Operation *leaf : leaves)
    leaf->erase();
  return code;
}

/// The leaf at each use, in the order of the arguments of abstractLeaves.
SmallVector<Operation *> leavesOf(func::FuncOp segment) {
  SmallVector<Operation *> leaves;
  segment.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      if (Operation *leaf = leafOf(operand))
        leaves.push_back(leaf);
  });
  return leaves;
}

SmallVector<Group> groupSegments(ModuleOp module) {
  SmallVector<Group> groups;
  for (auto segment : module.getOps<func::FuncOp>()) {
    if (!segment->hasAttr("abi.segment") || segment.getNumArguments() != 0)
      continue;
    func::FuncOp code = abstractLeaves(segment);
    auto *known = llvm::find_if(groups, [&](Group &group) {
      return group.code.getFunctionType() == code.getFunctionType() &&
             OperationEquivalence::isRegionEquivalentTo(
                 &group.code.getBody(), &code.getBody(),
                 OperationEquivalence::Flags::IgnoreLocations);
    });
    if (known == groups.end()) {
      groups.push_back({code, {}, {}});
      known = &groups.back();
    } else {
      code.erase();
    }
    known->segments.push_back(segment);
    known->leaves.push_back(leavesOf(segment));
  }
  return groups;
}

/// Arguments that are equal in every segment go back into the code, arguments that always go
/// together become one. \returns the numbers of those that stay.
SmallVector<unsigned> mergeArguments(Group &group) {
  OpBuilder builder = OpBuilder::atBlockBegin(&group.code.getBody().front());
  llvm::MapVector<std::pair<Type, ArrayAttr>, unsigned> columns;
  BitVector merged(group.code.getNumArguments());
  SmallVector<unsigned> staying;
  for (BlockArgument argument : group.code.getArguments()) {
    unsigned number = argument.getArgNumber();
    SmallVector<Attribute> column;
    for (ArrayRef<Operation *> leaves : group.leaves)
      column.push_back(leaves[number]->getAttrDictionary());
    auto [known, isNew] = columns.insert(
        {{argument.getType(), builder.getArrayAttr(column)}, argument.getArgNumber()});
    merged[number] = !isNew || llvm::all_equal(column);
    if (!isNew)
      argument.replaceAllUsesWith(group.code.getArgument(known->second));
    else if (!merged[number])
      staying.push_back(number);
  }
  for (auto &[column, number] : columns)
    if (merged[number])
      group.code.getArgument(number).replaceAllUsesWith(
          builder.clone(*group.leaves.front()[number])->getResult(0));
  (void)group.code.eraseArguments(merged);
  return staying;
}

/// Makes the segment a call of the shared code with its own leaves.
void callCode(func::FuncOp segment, ArrayRef<Operation *> leaves, func::FuncOp code) {
  Block *expanded = &segment.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&segment.getBody().emplaceBlock());
  SmallVector<Value> operands;
  for (Operation *leaf : leaves)
    operands.push_back(builder.clone(*leaf)->getResult(0));
  func::CallOp::create(builder, segment.getLoc(), code, operands);
  func::ReturnOp::create(builder, segment.getLoc());
  expanded->erase();
}

struct ShareSegmentsPass : osscc::impl::ShareSegmentsPassBase<ShareSegmentsPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    unsigned number = 0;
    for (Group &group : groupSegments(getOperation())) {
      if (group.segments.size() == 1) {
        group.code.erase();
        continue;
      }
      SmallVector<unsigned> staying = mergeArguments(group);
      auto kind = group.segments.front()->getAttrOfType<StringAttr>("abi.segment");
      group.code.setName((kind.getValue() + "s_" + Twine(number++)).str());
      symbols.insert(group.code);
      for (auto [segment, leaves] : llvm::zip(group.segments, group.leaves)) {
        SmallVector<Operation *> handed;
        for (unsigned argument : staying)
          handed.push_back(leaves[argument]);
        callCode(segment, handed, group.code);
      }
    }
  }
};

} // namespace
} // namespace osscc
