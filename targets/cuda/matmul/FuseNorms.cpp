// A step of decode has one row, whose norm is a microsecond of work for one block, and a launch
// besides. Where a norm is for the next matmul alone, a call of one row computes it in every block
// of that matmul, in shared memory:
//
//   call @norm_1(%x, %scale, %y)         call @norm_1_matmul_2(%x, %scale, %y, %y, %w, %out)
//   call @matmul_2(%y, %w, %out)   ==>     one row: abi.launch @kernels::@norm_1_matmul_2
//                                          else:    the two calls
#include "targets/cuda/matmul/Block.h"
#include "targets/cuda/rows/Norm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace osscc::cuda {
namespace {

/// Bytes of a row that a block keeps, and blocks that compute a norm each.
constexpr int64_t kMostBytes = 32 << 10, kMostBlocks = 2048;

/// The op that stands alone in the function that is called.
Operation *kernelOf(func::CallOp call) {
  auto function = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  return function && !function.isExternal() ? &function.getBody().front().front() : nullptr;
}

/// Two calls, of which the second alone reads what the first writes.
struct Pair {
  func::CallOp norm, matmul;
};

/// Whether `call` is of a norm that a matmul may begin with.
bool isNorm(func::CallOp call) {
  auto norm = dyn_cast_or_null<tile::NormOp>(kernelOf(call));
  if (!norm || norm.groupChannels() != cast<MemRefType>(norm.getX().getType()).getDimSize(1))
    return false;
  auto out = cast<MemRefType>(norm.getOut().getType());
  return threadsOfNorm(norm) == kMatmulThreads && out.getLayout().isIdentity() &&
         out.getDimSize(1) * 4 <= kMostBytes;
}

std::optional<Pair> pairOf(func::CallOp call) {
  if (!isNorm(call))
    return std::nullopt;
  Value out =
      call.getOperand(cast<tile::NormOp>(kernelOf(call)).getOutMutable().getOperandNumber());
  Operation *next = call->getNextNode();
  while (next && !isa<func::CallOp>(next) && next->getNumRegions() == 0)
    next = next->getNextNode();
  auto user = dyn_cast_or_null<func::CallOp>(next);
  auto matmul = user ? dyn_cast_or_null<tile::MatmulOp>(kernelOf(user)) : tile::MatmulOp();
  bool isOwn = matmul && user.getOperand(0) == out && llvm::hasNItems(out.getUses(), 2);
  if (!isOwn || matmul.getPlan() || matmul.getGroups() != 1 ||
      matmul.outputs() / pack::kTileRows > kMostBlocks)
    return std::nullopt;
  return Pair{call, user};
}

/// Clones the op of a called function, on the operands that it has here.
Operation *cloneKernel(OpBuilder &builder, Operation *kernel, ValueRange operands) {
  IRMapping mapping;
  mapping.map(kernel->getOperands(), operands);
  Operation *clone = builder.clone(*kernel, mapping);
  clone->setOperands(operands);
  return clone;
}

/// The function of both.
func::FuncOp createFunction(Pair pair, gpu::GPUModuleOp device) {
  Operation *norm = kernelOf(pair.norm), *matmul = kernelOf(pair.matmul);
  OpBuilder builder(norm->getParentOp());
  Location loc = pair.matmul.getLoc();
  std::string name = (pair.norm.getCallee() + "_" + pair.matmul.getCallee()).str();
  SmallVector<Type> types(norm->getOperandTypes());
  llvm::append_range(types, matmul->getOperandTypes());
  auto function = func::FuncOp::create(builder, loc, name, builder.getFunctionType(types, {}));
  function.setPrivate();
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  ValueRange ofNorm = body->getArguments().take_front(norm->getNumOperands());
  ValueRange ofMatmul = body->getArguments().drop_front(norm->getNumOperands());
  auto end = func::ReturnOp::create(builder, loc);
  Expansion expansion{function, device, OpBuilder(end), loc};
  Value rows = expansion.rowsOf(ofNorm.back());
  expansion.whenFew(
      rows, 1,
      [&] {
        Operation *first = cloneKernel(expansion.host, norm, ofNorm);
        Operation *second = cloneKernel(expansion.host, matmul, ofMatmul);
        createNormedKernel(expansion, cast<tile::NormOp>(first), cast<tile::MatmulOp>(second));
        second->erase();
        first->erase();
      },
      [&] {
        func::CallOp::create(expansion.host, loc, pair.norm.getCallee(), TypeRange(), ofNorm);
        func::CallOp::create(expansion.host, loc, pair.matmul.getCallee(), TypeRange(), ofMatmul);
      });
  return function;
}

} // namespace

void fuseNorms(ModuleOp module, gpu::GPUModuleOp device) {
  SmallVector<Pair> pairs;
  module.walk([&](func::CallOp call) {
    if (std::optional<Pair> pair = pairOf(call))
      pairs.push_back(*pair);
  });
  llvm::MapVector<std::pair<StringRef, StringRef>, func::FuncOp> functions;
  for (Pair pair : pairs) {
    func::FuncOp &function = functions[{pair.norm.getCallee(), pair.matmul.getCallee()}];
    if (!function)
      function = createFunction(pair, device);
    OpBuilder builder(pair.matmul);
    SmallVector<Value> operands(pair.norm.getOperands());
    llvm::append_range(operands, pair.matmul.getOperands());
    func::CallOp::create(builder, pair.matmul.getLoc(), function, operands);
  }
  for (Pair pair : pairs) {
    pair.norm.erase();
    pair.matmul.erase();
  }
}

} // namespace osscc::cuda
