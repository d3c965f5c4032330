#include "targets/x86/TileRegisters.h"

#include "targets/cpu/Constants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace osscc::x86 {

Value TileRegisters::call(StringRef name, ValueRange arguments) {
  Type type = LLVM::LLVMX86AMXType::get(builder.getContext());
  return LLVM::CallIntrinsicOp::create(builder, loc, type, builder.getStringAttr(name), arguments)
      .getResult(0);
}

Value TileRegisters::shape(int64_t value) {
  return cpu::constantInteger(builder, loc, value, builder.getI16Type());
}

Value TileRegisters::bytes(int64_t value) {
  return cpu::constantInteger(builder, loc, value, builder.getI64Type());
}

Value TileRegisters::address(Value memory, Value byte) {
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, memory);
  Value sum = arith::AddIOp::create(builder, loc, base, byte);
  Value number = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), sum);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  return LLVM::IntToPtrOp::create(builder, loc, pointer, number);
}

Value TileRegisters::load(int64_t rows, int64_t width, Value from, Value at, int64_t stride) {
  return call("llvm.x86.tileloadd64.internal",
              {shape(rows), shape(width), address(from, at), bytes(stride)});
}

void TileRegisters::store(Value tile, Value to, Value at) {
  LLVM::CallIntrinsicOp::create(builder, loc,
                                builder.getStringAttr("llvm.x86.tilestored64.internal"),
                                ValueRange{shape(kTileRows), shape(kTileRowBytes), address(to, at),
                                           bytes(kTileRowBytes), tile});
}

Value TileRegisters::multiply(Value sums, Value a, Value b, int64_t depth) {
  return call("llvm.x86.tdpbssd.internal",
              {shape(kTileRows), shape(kTileRowBytes), shape(depth), sums, a, b});
}

} // namespace osscc::x86
