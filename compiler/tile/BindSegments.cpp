// After bufferization a segment is a function of the memory it writes. Here each argument gets its
// place in the call frame and each weight its memory; a segment then takes and returns nothing:
//
//   @layer_0(%hidden, %c)        %hidden = abi.arena 0 (abi.rows), %c = abi.arena 73728 (abi.rows)
//   @head(%hidden, %logits)      %logits = abi.output (abi.output_rows)
//   pack.get @w                  abi.weight @w : memref<36x288x16x2xbf16>
//
// What is handed on lies in the same place for every segment, from the arena's start: the hidden
// rows, then what the model carries beside them. What bufferization has to copy, a kernel copies:
// so there is a barrier between those who write and those who read.
//
// Stage: tile (on memrefs).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/Tile.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_BINDSEGMENTSPASS
#include "compiler/Passes.h.inc"

namespace {

bool isHead(func::FuncOp segment) {
  auto kind = segment->getAttrOfType<StringAttr>("abi.segment");
  return kind && kind.getValue() == "head";
}

/// tile.map ins(%from) outs(%to): a copy of rows, shared by the workers.
void createCopy(OpBuilder &builder, Location loc, Value from, Value to) {
  auto map = tile::MapOp::create(builder, loc, TypeRange(), from, to);
  OpBuilder::InsertionGuard guard(builder);
  Type f32 = builder.getF32Type();
  Block *body = builder.createBlock(&map.getBody(), {}, {f32, f32}, {loc, loc});
  tile::YieldOp::create(builder, loc, body->getArgument(0));
}

/// Whether `rows` are [?, C] of f32, as a kernel copies them.
bool areRows(Value rows) {
  auto type = dyn_cast<MemRefType>(rows.getType());
  return type && type.getRank() == 2 && type.getElementType().isF32() && type.isDynamicDim(0);
}

/// The places of a segment's arguments, in order: the head's last is where its outputs go.
FailureOr<SmallVector<Value>> placesOf(func::FuncOp segment, OpBuilder &builder) {
  auto model = segment->getParentOfType<ModuleOp>()->getAttrOfType<abi::ModelAttr>("abi.model");
  Location loc = segment.getLoc();
  if (isHead(segment) && segment.getNumArguments() == 0)
    return segment.emitError() << "has no place for its outputs";
  unsigned handedOn = segment.getNumArguments() - (isHead(segment) ? 1 : 0);
  if (handedOn > (model ? model.handedOn().size() : 1))
    return segment.emitError() << "takes " << handedOn << " values, more than the model hands on";
  SmallVector<Value> places;
  for (unsigned i = 0; i < handedOn; ++i) {
    Value rows = abi::RowsOp::create(builder, loc);
    places.push_back(abi::ArenaOp::create(builder, loc, segment.getArgument(i).getType(),
                                          i == 0 ? 0 : model.placeOf(i), ValueRange{rows}));
  }
  if (isHead(segment)) {
    Value rows = abi::OutputRowsOp::create(builder, loc);
    places.push_back(
        abi::OutputOp::create(builder, loc, segment.getArguments().back().getType(), rows));
  }
  return places;
}

/// Copies what a segment hands on and has elsewhere to where the next one looks for it. What is a
/// part of such a place, or of one that a copy writes, is put aside first.
void handOn(func::ReturnOp end, ArrayRef<Value> places) {
  OpBuilder builder(end);
  Location loc = end.getLoc();
  SmallVector<std::pair<Value, Value>> copies;
  for (auto [value, place] : llvm::zip_equal(end.getOperands(), places)) {
    if (value == place)
      continue;
    if (!value.getDefiningOp<memref::AllocOp>()) {
      Value rows = abi::RowsOp::create(builder, loc);
      auto type =
          MemRefType::get(cast<MemRefType>(place.getType()).getShape(), builder.getF32Type());
      Value aside = memref::AllocOp::create(builder, loc, type, ValueRange{rows});
      createCopy(builder, loc, value, aside);
      value = aside;
    }
    copies.push_back({value, place});
  }
  for (auto [from, to] : copies)
    createCopy(builder, loc, from, to);
}

/// Whether the results of a segment are what it hands on, or of a head what the call wants, there.
bool areResultsOf(func::FuncOp segment, ValueRange results, ArrayRef<Value> places) {
  if (isHead(segment))
    return results.size() == 1 && results[0] == places.back();
  return results.size() == places.size() && llvm::all_of(results, areRows);
}

LogicalResult bindArguments(func::FuncOp segment) {
  Block &body = segment.getBody().front();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  FailureOr<SmallVector<Value>> places = placesOf(segment, builder);
  if (failed(places))
    return failure();
  for (auto [argument, place] : llvm::zip_equal(segment.getArguments(), *places))
    argument.replaceAllUsesWith(place);
  for (auto copy : llvm::make_early_inc_range(body.getOps<memref::CopyOp>()))
    if (areRows(copy.getSource()) && areRows(copy.getTarget())) {
      builder.setInsertionPoint(copy);
      createCopy(builder, copy.getLoc(), copy.getSource(), copy.getTarget());
      copy.erase();
    }
  auto end = cast<func::ReturnOp>(body.getTerminator());
  if (!areResultsOf(segment, end.getOperands(), *places))
    return end.emitError() << "the segment's results do not lie in their destinations";
  if (!isHead(segment))
    handOn(end, *places);
  end->eraseOperands(0, end->getNumOperands());
  body.eraseArguments(0, body.getNumArguments());
  segment.setFunctionType(FunctionType::get(segment.getContext(), {}, {}));
  segment.removeArgAttrsAttr();
  segment.removeResAttrsAttr();
  return success();
}

void bindWeights(ModuleOp module) {
  module.walk([](pack::GetOp get) {
    auto block = dyn_cast<pack::BlockType>(get.getValue().getType());
    if (!block)
      return;
    if (block.getFormat().isBlock()) // what the type said of the bytes, the kernel says from now on
      for (Operation *user : get->getUsers()) {
        if (auto matmul = dyn_cast<tile::MatmulOp>(user))
          matmul.setFormatAttr(block.getFormat());
        if (auto gather = dyn_cast<tile::GatherOp>(user))
          gather.setFormatAttr(block.getFormat());
      }
    OpBuilder builder(get);
    Value memory =
        abi::WeightOp::create(builder, get.getLoc(), block.storageType(), get.getWeightAttr());
    get.getValue().replaceAllUsesWith(memory);
    get.erase();
  });
}

struct BindSegmentsPass : osscc::impl::BindSegmentsPassBase<BindSegmentsPass> {
  void runOnOperation() override {
    bindWeights(getOperation());
    for (auto segment : getOperation().getOps<func::FuncOp>())
      if (segment->hasAttr("abi.segment") && failed(bindArguments(segment)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace osscc
