// How one kernel-level op becomes kernels of the device and their launches: the op stands alone in
// a function (tile-outline-kernels), which becomes the host code that starts them.
#pragma once

#include "targets/cuda/Emitter.h"

#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace osscc::cuda {

/// The op, the function around it, and where its host code stands.
struct Expansion {
  mlir::func::FuncOp function;
  mlir::gpu::GPUModuleOp device;
  mlir::OpBuilder host;
  mlir::Location loc;

  mlir::Value index(int64_t value);
  /// Rows of memory, known when the kernel is launched.
  mlir::Value rowsOf(mlir::Value memory);
  mlir::Value divideUp(mlir::Value value, int64_t by);
  mlir::Value multiply(mlir::Value a, mlir::Value b);
  mlir::Value smaller(mlir::Value a, mlir::Value b);
  /// Whether a call has no more rows than `most`; host code for it, and for the others.
  void whenFew(mlir::Value rows, int64_t most, llvm::function_ref<void()> few,
               llvm::function_ref<void()> others);
};

/// A kernel that is being written. Its parameters are what the code asks for; `launch` ends it.
class Kernel : public Emitter {
public:
  /// \param suffix   tells the kernels of one op apart: "", "_merge".
  /// \param threads  of a block.
  Kernel(Expansion &expansion, llvm::StringRef suffix, int64_t threads);
  Kernel(const Kernel &) = delete;

  /// Memory of the device that the host knows as a memref: rows, or bytes of a packed weight.
  Rows rows(mlir::Value memory);
  /// The address of memory.
  Number pointer(mlir::Value memory);
  /// A number that the host knows, in 32 bits.
  Number argument(mlir::Value index);
  /// Memory that the threads of a block share.
  Number shared(mlir::Type element, int64_t count);
  /// A table of constants in the device's memory.
  Number table(llvm::ArrayRef<float> values);

  /// Ends the kernel, and starts it at the host's place in a grid of blocks.
  void launch(mlir::Value x, mlir::Value y = {}, mlir::Value z = {});

  int64_t threads() const { return threadsOfBlock; }

private:
  Number parameter(mlir::Value host, mlir::Type type);

  Expansion &expansion;
  mlir::gpu::GPUFuncOp function;
  int64_t threadsOfBlock;
  int64_t globals = 0;
  llvm::SmallVector<mlir::Value> operands; ///< On the host, one a parameter behind the call.
  llvm::SmallVector<mlir::Value> known;    ///< The memory or number behind each.
};

} // namespace osscc::cuda
