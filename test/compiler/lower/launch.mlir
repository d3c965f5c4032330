// RUN: osscc-opt %s --abi-to-llvm | FileCheck %s

// A launch calls the service (the sixth of OssccServices) with the kernel's number, the extents of grid and block, and pointers to the arguments:
// the device's copy of the call first, then 8 bytes each. What a kernel asks of the call it reads there.
module attributes {abi.kernels = [#abi.kernel<name = "first">, #abi.kernel<name = "second">]} {
  // CHECK-LABEL: func @start(%arg0: !llvm.ptr, %arg1: i64, %arg2: index, %arg3: index)
  // CHECK-DAG:     %[[NUMBER:.+]] = llvm.mlir.constant(1 : i64)
  // CHECK-DAG:     llvm.alloca %{{.+}} x !llvm.array<2 x i64>
  // CHECK-DAG:     llvm.getelementptr %arg0[168] : (!llvm.ptr) -> !llvm.ptr, i8
  // CHECK:         llvm.getelementptr %arg0[144] : (!llvm.ptr) -> !llvm.ptr, i8
  // CHECK:         llvm.getelementptr %{{.+}}[48] : (!llvm.ptr) -> !llvm.ptr, i8
  // CHECK:         llvm.call %{{.+}}(%arg0, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) : !llvm.ptr, (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
  func.func @start(%rows: index, %address: index) {
    %c1 = arith.constant 1 : index
    abi.launch @kernels::@second grid(%rows, %c1, %c1) threads 64 (%address)
    return
  }
  gpu.module @kernels {
    // CHECK-LABEL: gpu.func @second(%arg0: !llvm.ptr, %arg1: !llvm.ptr<1>) kernel
    // CHECK:         %[[CACHES:.+]] = llvm.getelementptr %arg0[128] : (!llvm.ptr) -> !llvm.ptr, i8
    // CHECK:         llvm.load %[[CACHES]]
    gpu.func @second(%call: !llvm.ptr, %out: !llvm.ptr<1>) kernel {
      %c0 = arith.constant 0 : index
      %sequence = abi.sequence %c0
      %page = abi.page_pointer 0 of %sequence[%c0] : !llvm.ptr
      llvm.store %page, %out : !llvm.ptr, !llvm.ptr<1>
      gpu.return
    }
  }
}
