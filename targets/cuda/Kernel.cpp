#include "targets/cuda/Kernel.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include <numeric>

using namespace mlir;

namespace osscc::cuda {

/// LLVM's numbers of the address spaces of a device.
enum AddressSpace : unsigned { kGlobal = 1, kShared = 3 };

Value Expansion::index(int64_t value) {
  return arith::ConstantIndexOp::create(host, loc, value);
}
Value Expansion::rowsOf(Value memory) {
  return memref::DimOp::create(host, loc, memory, 0);
}
Value Expansion::divideUp(Value value, int64_t by) {
  Value more = arith::AddIOp::create(host, loc, value, index(by - 1));
  return arith::DivUIOp::create(host, loc, more, index(by));
}
Value Expansion::multiply(Value a, Value b) {
  return arith::MulIOp::create(host, loc, a, b);
}
Value Expansion::smaller(Value a, Value b) {
  return arith::MinUIOp::create(host, loc, a, b);
}

void Expansion::whenFew(Value rows, int64_t most, function_ref<void()> few,
                        function_ref<void()> others) {
  Value isFew = arith::CmpIOp::create(host, loc, arith::CmpIPredicate::ule, rows, index(most));
  auto branch = scf::IfOp::create(host, loc, isFew, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(host);
  host.setInsertionPoint(branch.thenYield());
  few();
  host.setInsertionPoint(branch.elseYield());
  others();
}

Kernel::Kernel(Expansion &of, StringRef suffix, int64_t threads)
    : Emitter{OpBuilder::atBlockEnd(of.device.getBody()), of.loc}, expansion(of),
      threadsOfBlock(threads) {
  std::string name = (of.function.getSymName() + suffix).str();
  Type call = LLVM::LLVMPointerType::get(builder.getContext());
  function =
      gpu::GPUFuncOp::create(builder, loc, name, builder.getFunctionType({call}, TypeRange()));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), builder.getUnitAttr());
  function.setKnownBlockSizeAttr(
      builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads), 1, 1}));
  // Of large blocks one may have a multiprocessor: ptxas spills to make room for more, which costs
  // more.
  constexpr int64_t kLarge = 256;
  if (threads >= kLarge)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), builder.getI32IntegerAttr(1));
  builder.setInsertionPointToStart(&function.getBody().front());
}

Number Kernel::parameter(Value host, Type type) {
  unsigned at = function.getNumArguments();
  (void)function.insertArgument(at, type, {}, loc);
  operands.push_back(host);
  return number(function.getArgument(at));
}

Number Kernel::pointer(Value memory) {
  for (auto [i, seen] : llvm::enumerate(known))
    if (seen == memory)
      return number(function.getArgument(i + 1));
  OpBuilder &host = expansion.host;
  auto type = cast<MemRefType>(memory.getType());
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(host, loc, memory);
  if (!type.getLayout().isIdentity()) {
    auto parts = memref::ExtractStridedMetadataOp::create(host, loc, memory);
    Value bytes =
        expansion.multiply(parts.getOffset(), expansion.index(type.getElementTypeBitWidth() / 8));
    address = arith::AddIOp::create(host, loc, address, bytes);
  }
  known.push_back(memory);
  return parameter(address, LLVM::LLVMPointerType::get(builder.getContext(), kGlobal));
}

Number Kernel::argument(Value index) {
  for (auto [i, seen] : llvm::enumerate(known))
    if (seen == index)
      return truncate(number(function.getArgument(i + 1)), i32());
  known.push_back(index);
  return truncate(parameter(index, i64()), i32());
}

Rows Kernel::rows(Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (failed(type.getStridesAndOffset(strides, offset)))
    llvm::report_fatal_error("a kernel's rows have no strides");
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  int64_t stride = type.getRank() > 1 ? strides[0] : 0;
  // Memory begins at whole lines, whatever it is a part of.
  int64_t align = std::gcd<int64_t>(abi::kLineBytes, stride * bytes);
  align = ShapedType::isDynamic(offset) ? bytes : std::gcd(align, offset * bytes);
  return {pointer(memory), type.getElementType(), type.getShape().back(), stride, align};
}

Number Kernel::shared(Type element, int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(function);
  std::string name = (function.getName() + "_shared_" + Twine(globals++)).str();
  auto type = LLVM::LLVMArrayType::get(element, count);
  auto global = LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/false,
                                       LLVM::Linkage::Internal, name, Attribute(),
                                       /*alignment=*/16, kShared);
  builder.setInsertionPointToStart(&function.getBody().front());
  return number(LLVM::AddressOfOp::create(builder, loc, global));
}

Number Kernel::table(ArrayRef<float> values) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(function);
  std::string name = (function.getName() + "_table_" + Twine(globals++)).str();
  auto type = LLVM::LLVMArrayType::get(f32(), values.size());
  auto tensor = RankedTensorType::get({static_cast<int64_t>(values.size())}, f32());
  auto global =
      LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
                             DenseElementsAttr::get(tensor, values),
                             /*alignment=*/16, kGlobal);
  builder.setInsertionPointToStart(&function.getBody().front());
  return number(LLVM::AddressOfOp::create(builder, loc, global));
}

void Kernel::launch(Value x, Value y, Value z) {
  gpu::ReturnOp::create(builder, loc);
  Value one = expansion.index(1);
  auto kernel = SymbolRefAttr::get(expansion.device.getSymNameAttr(),
                                   {FlatSymbolRefAttr::get(function.getNameAttr())});
  abi::LaunchOp::create(expansion.host, loc, kernel, x, y ? y : one, z ? z : one, threadsOfBlock,
                        operands);
}

} // namespace osscc::cuda
