// Turns what code asks of the runtime into reads of the call frame. Every function gets two
// arguments in front, the call and the number of its worker, and hands them on; an abi op becomes a
// load at its field's offset in runtime/abi/Abi.h, which this file includes so that the two cannot
// differ.
//
// Fields do not change during a call: their loads are invariant, and LLVM may move them out of
// loops.
//
// Stage: lower (abi -> llvm).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Pack.h"
#include "runtime/abi/Abi.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_ABITOLLVMPASS
#include "compiler/Passes.h.inc"

namespace {

/// Emits reads of the call frame at one place.
struct Frame {
  PatternRewriter &rewriter;
  Operation *op;
  Location loc = op->getLoc();
  FunctionOpInterface function =
      op->getParentOfType<FunctionOpInterface>(); // a device's have no worker

  Type pointer() { return LLVM::LLVMPointerType::get(rewriter.getContext()); }
  Type i64() { return rewriter.getI64Type(); }
  Value call() { return function.getArgument(0); }
  Value worker() { return function.getArgument(1); }

  /// The value of type `type` at `base` + `bytes`.
  Value load(Type type, Value base, int64_t bytes) {
    Value at = LLVM::GEPOp::create(rewriter, loc, pointer(), rewriter.getI8Type(), base,
                                   ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
    return invariant(type, at);
  }
  /// The `index`-th value of type `type` from `base` on.
  Value loadElement(Type type, Value base, Value index) {
    Value at = LLVM::GEPOp::create(rewriter, loc, pointer(), type, base,
                                   ArrayRef<LLVM::GEPArg>{toI64(index)});
    return invariant(type, at);
  }
  Value invariant(Type type, Value at) {
    auto value = LLVM::LoadOp::create(rewriter, loc, type, at, /*alignment=*/8);
    value.setInvariant(true);
    return value;
  }
  Value toI64(Value index) { return arith::IndexCastOp::create(rewriter, loc, i64(), index); }
  Value toIndex(Value integer) {
    return arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), integer);
  }
  Value pointerField(int64_t bytes) { return load(pointer(), call(), bytes); }

  /// Calls the service at `bytes` for this call and worker; \returns its result, if `result` is a
  /// type.
  Value callService(int64_t bytes, Type result, ArrayRef<Value> arguments) {
    Value services = pointerField(offsetof(OssccCall, services));
    SmallVector<Value> operands = {load(pointer(), services, bytes), call(), worker()};
    llvm::append_range(operands, arguments);
    SmallVector<Type> types = {pointer(), i64()};
    for (Value argument : arguments)
      types.push_back(argument.getType());
    Type returned = result ? result : LLVM::LLVMVoidType::get(rewriter.getContext());
    auto type = LLVM::LLVMFunctionType::get(returned, types);
    auto called = LLVM::CallOp::create(rewriter, loc, type, operands);
    return result ? called.getResult() : Value();
  }

  /// `bytes` bytes behind `base`.
  Value advance(Value base, Value bytes) {
    return LLVM::GEPOp::create(rewriter, loc, pointer(), rewriter.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{bytes});
  }

  /// The memory at `base` as a memref of `type`, whose first dimension is `rows` where it is
  /// dynamic.
  Value memref(MemRefType type, Value base, Value rows = {}) {
    LLVMTypeConverter converter(rewriter.getContext());
    auto descriptor = MemRefDescriptor::poison(rewriter, loc, converter.convertType(type));
    auto constant = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(rewriter, loc, i64(), rewriter.getI64IntegerAttr(value));
    };
    descriptor.setAllocatedPtr(rewriter, loc, base);
    descriptor.setAlignedPtr(rewriter, loc, base);
    descriptor.setOffset(rewriter, loc, constant(0));
    int64_t stride = 1;
    for (int64_t i = type.getRank(); i-- > 0;) {
      bool dynamic = type.isDynamicDim(i);
      descriptor.setSize(rewriter, loc, i, dynamic ? toI64(rows) : constant(type.getDimSize(i)));
      descriptor.setStride(rewriter, loc, i, constant(stride));
      stride *= dynamic ? 1 : type.getDimSize(i); // only the outermost dimension is dynamic
    }
    Value structure = descriptor;
    return UnrealizedConversionCastOp::create(rewriter, loc, type, structure).getResult(0);
  }
};

/// An op whose result is a number of the call.
template <typename Op, size_t Offset> struct ReadField : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    rewriter.replaceOp(op, frame.toIndex(frame.load(frame.i64(), frame.call(), Offset)));
    return success();
  }
};

/// An op whose result is a number of one row: an element of an array of the call.
template <typename Op, size_t Offset> struct ReadRowField : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value array = frame.pointerField(Offset);
    rewriter.replaceOp(op, frame.toIndex(frame.loadElement(frame.i64(), array, op.getRow())));
    return success();
  }
};

struct ReadWorker : OpRewritePattern<abi::WorkerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::WorkerOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    rewriter.replaceOp(op, frame.toIndex(frame.worker()));
    return success();
  }
};

struct ReadWeight : OpRewritePattern<abi::WeightOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::WeightOp op, PatternRewriter &rewriter) const override {
    int64_t number = 0;
    for (auto weight : op->getParentOfType<ModuleOp>().getOps<pack::WeightOp>()) {
      if (weight.getSymName() == op.getWeight()) {
        Frame frame{rewriter, op};
        Value table = frame.pointerField(offsetof(OssccCall, weights));
        Value base = frame.load(frame.pointer(), table, number * sizeof(void *));
        rewriter.replaceOp(op, frame.memref(cast<MemRefType>(op.getType()), base));
        return success();
      }
      ++number;
    }
    return rewriter.notifyMatchFailure(op, "no such weight");
  }
};

struct ReadArena : OpRewritePattern<abi::ArenaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::ArenaOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value offset = LLVM::ConstantOp::create(rewriter, op.getLoc(), frame.i64(), op.getOffsetAttr());
    Value base = frame.advance(frame.pointerField(offsetof(OssccCall, arena)), offset);
    Value rows = op.getSizes().empty() ? Value() : op.getSizes()[0];
    rewriter.replaceOp(op, frame.memref(cast<MemRefType>(op.getType()), base, rows));
    return success();
  }
};

struct ReadOutput : OpRewritePattern<abi::OutputOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::OutputOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value base = frame.pointerField(offsetof(OssccCall, output));
    rewriter.replaceOp(op, frame.memref(cast<MemRefType>(op.getType()), base, op.getRows()));
    return success();
  }
};

struct ReadEmbeddings : OpRewritePattern<abi::EmbeddingsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::EmbeddingsOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value base = frame.pointerField(offsetof(OssccCall, embeddings));
    Value null = LLVM::ZeroOp::create(rewriter, op.getLoc(), frame.pointer());
    Value given = LLVM::ICmpOp::create(rewriter, op.getLoc(), LLVM::ICmpPredicate::ne, base, null);
    Value memory = frame.memref(cast<MemRefType>(op.getValue().getType()), base, op.getRows());
    rewriter.replaceOp(op, {given, memory});
    return success();
  }
};

struct ReadPage : OpRewritePattern<abi::PageOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::PageOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value groups = frame.pointerField(offsetof(OssccCall, caches));
    Value sequences = frame.load(frame.pointer(), groups, op.getGroup() * sizeof(void *));
    Value pages = frame.loadElement(frame.pointer(), sequences, op.getSequence());
    Value page = frame.loadElement(frame.pointer(), pages, op.getIndex());
    Value base = frame.advance(page, frame.toI64(op.getOffset()));
    rewriter.replaceOp(op, frame.memref(cast<MemRefType>(op.getType()), base));
    return success();
  }
};

struct ReadPagePointer : OpRewritePattern<abi::PagePointerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::PagePointerOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value groups = frame.pointerField(offsetof(OssccCall, caches));
    Value sequences = frame.load(frame.pointer(), groups, op.getGroup() * sizeof(void *));
    Value pages = frame.loadElement(frame.pointer(), sequences, op.getSequence());
    rewriter.replaceOp(op, frame.loadElement(frame.pointer(), pages, op.getIndex()));
    return success();
  }
};

/// A launch: its grid, its block and its arguments lie on the stack, the device's call first.
struct Launch : OpRewritePattern<abi::LaunchOp> {
  using OpRewritePattern::OpRewritePattern;

  /// A table of `words` on the stack of the function, and a pointer to it.
  static Value createTable(Frame &frame, ArrayRef<Value> words) {
    OpBuilder &builder = frame.rewriter;
    Value table;
    {
      OpBuilder::InsertionGuard atStart(builder);
      builder.setInsertionPointToStart(&frame.function.getFunctionBody().front());
      auto type = LLVM::LLVMArrayType::get(frame.i64(), words.size());
      Value one =
          LLVM::ConstantOp::create(builder, frame.loc, frame.i64(), builder.getI64IntegerAttr(1));
      table = LLVM::AllocaOp::create(builder, frame.loc, frame.pointer(), type, one, 8);
    }
    for (auto [i, word] : llvm::enumerate(words)) {
      Value at = LLVM::GEPOp::create(builder, frame.loc, frame.pointer(), frame.i64(), table,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
      LLVM::StoreOp::create(builder, frame.loc, word, at);
    }
    return table;
  }

  LogicalResult matchAndRewrite(abi::LaunchOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    FailureOr<int64_t> number = numberOf(op);
    if (failed(number))
      return rewriter.notifyMatchFailure(op, "no such kernel");
    auto constant = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(rewriter, frame.loc, frame.i64(),
                                      rewriter.getI64IntegerAttr(value));
    };
    SmallVector<Value> arguments = {frame.pointerField(offsetof(OssccCall, device_call))};
    for (Value operand : op.getArguments())
      arguments.push_back(frame.toI64(operand));
    Value values = createTable(frame, arguments);
    SmallVector<Value> places;
    for (size_t i = 0; i < arguments.size(); ++i)
      places.push_back(LLVM::GEPOp::create(rewriter, frame.loc, frame.pointer(), frame.i64(),
                                           values,
                                           ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)}));
    Value table = createTable(frame, places);
    Value grid = createTable(
        frame, {frame.toI64(op.getX()), frame.toI64(op.getY()), frame.toI64(op.getZ())});
    Value block = createTable(
        frame, {constant(static_cast<int64_t>(op.getThreads())), constant(1), constant(1)});
    Value services = frame.pointerField(offsetof(OssccCall, services));
    Value launch = frame.load(frame.pointer(), services, offsetof(OssccServices, launch));
    SmallVector<Value> operands = {launch, frame.call(), constant(*number), grid, block, table};
    SmallVector<Type> types = {frame.pointer(), frame.i64(), frame.pointer(), frame.pointer(),
                               frame.pointer()};
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(op.getContext()), types);
    LLVM::CallOp::create(rewriter, frame.loc, type, operands);
    rewriter.eraseOp(op);
    return success();
  }

  /// The place of the kernel in the module's table.
  static FailureOr<int64_t> numberOf(abi::LaunchOp op) {
    auto kernels = op->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>("abi.kernels");
    for (int64_t i = 0; kernels && i < static_cast<int64_t>(kernels.size()); ++i)
      if (cast<abi::KernelAttr>(kernels[i]).getName() == op.getKernel().getLeafReference())
        return i;
    return failure();
  }
};

struct TakeBlock : OpRewritePattern<abi::NextBlockOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::NextBlockOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    Value block = frame.callService(offsetof(OssccServices, next_block), frame.i64(),
                                    {frame.toI64(op.getOwner()), frame.toI64(op.getCount())});
    rewriter.replaceOp(op, frame.toIndex(block));
    return success();
  }
};

struct CallBarrier : OpRewritePattern<abi::BarrierOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::BarrierOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    frame.callService(offsetof(OssccServices, barrier), {}, {});
    rewriter.eraseOp(op);
    return success();
  }
};

struct FinishGrid : OpRewritePattern<abi::FinishOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(abi::FinishOp op, PatternRewriter &rewriter) const override {
    Frame frame{rewriter, op};
    frame.callService(offsetof(OssccServices, finish), {}, {frame.toI64(op.getBlocks())});
    rewriter.eraseOp(op);
    return success();
  }
};

/// Puts the call and the worker in front of every function's arguments, and of every call's
/// operands.
LogicalResult addFrameArguments(ModuleOp module) {
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type i64 = IntegerType::get(module.getContext(), 64);
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(function.insertArgument(0, pointer, {}, function.getLoc())) ||
        failed(function.insertArgument(1, i64, {}, function.getLoc())))
      return function.emitError() << "cannot take the call frame";
  module.walk([](func::CallOp call) {
    auto caller = call->getParentOfType<func::FuncOp>();
    call->insertOperands(0, {caller.getArgument(0), caller.getArgument(1)});
  });
  return success();
}

struct AbiToLLVMPass : osscc::impl::AbiToLLVMPassBase<AbiToLLVMPass> {
  using AbiToLLVMPassBase::AbiToLLVMPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(addFrameArguments(module)))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    MLIRContext *context = &getContext();
    patterns.addWithLabel<ReadField<abi::RowsOp, offsetof(OssccCall, rows)>>({"rows"}, context);
    patterns.addWithLabel<ReadField<abi::OutputRowsOp, offsetof(OssccCall, output_rows)>>(
        {"output-rows"}, context);
    patterns.addWithLabel<ReadField<abi::WorkersOp, offsetof(OssccCall, workers)>>({"workers"},
                                                                                   context);
    patterns.addWithLabel<ReadRowField<abi::TokenOp, offsetof(OssccCall, tokens)>>({"token"},
                                                                                   context);
    patterns.addWithLabel<ReadRowField<abi::PositionOp, offsetof(OssccCall, positions)>>(
        {"position"}, context);
    patterns.addWithLabel<ReadRowField<abi::SequenceOp, offsetof(OssccCall, sequences)>>(
        {"sequence"}, context);
    patterns.addWithLabel<ReadRowField<abi::OutputRowOp, offsetof(OssccCall, outputs)>>(
        {"output-row"}, context);
    patterns.addWithLabel<ReadField<abi::ExtentOp, offsetof(OssccCall, extent)>>({"extent"},
                                                                                 context);
    patterns.addWithLabel<ReadWorker>({"worker"}, context);
    patterns.addWithLabel<ReadWeight>({"weight"}, context);
    patterns.addWithLabel<ReadArena>({"arena"}, context);
    patterns.addWithLabel<ReadOutput>({"output"}, context);
    patterns.addWithLabel<ReadEmbeddings>({"embeddings"}, context);
    patterns.addWithLabel<ReadPage>({"page"}, context);
    patterns.addWithLabel<ReadPagePointer>({"page-pointer"}, context);
    patterns.addWithLabel<Launch>({"launch"}, context);
    patterns.addWithLabel<TakeBlock>({"next-block"}, context);
    patterns.addWithLabel<CallBarrier>({"barrier"}, context);
    patterns.addWithLabel<FinishGrid>({"finish"}, context);
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(module, frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
