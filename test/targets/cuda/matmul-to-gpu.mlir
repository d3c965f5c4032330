// RUN: osscc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

// Floats: a call of one row has a kernel of its own, others go 8 rows at a time. Half a warp reads 16 pairs of bf16 at a time, 64 bytes;
// the 32 runs of the channels meet in shared memory and are added up in order.
// CHECK-LABEL: func.func private @matmul_0
// CHECK:         %[[ONE:.+]] = arith.cmpi ule
// CHECK:         scf.if %[[ONE]]
// CHECK:           abi.launch @kernels::@matmul_0_one grid(%{{.+}}, %{{.+}}, %{{.+}}) threads 512
// CHECK:         } else {
// CHECK:           abi.launch @kernels::@matmul_0_many
// CHECK:         llvm.mlir.global internal @matmul_0_one_shared_0() {{.*}}<512 x f32>
// CHECK:         gpu.func @matmul_0_one
// CHECK-COUNT-8:   llvm.load %{{.+}} invariant {alignment = 4 : i64} : !llvm.ptr<1> -> i32
// CHECK:           math.fma
// CHECK:           gpu.barrier
// CHECK:         llvm.mlir.global internal @matmul_0_many_shared_0() {{.*}}<4096 x f32>
func.func private @matmul_0(%x: memref<?x2048xf32>, %w: memref<4x1024x16x2xbf16>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x2048xf32>, memref<4x1024x16x2xbf16>) outs(%out : memref<?x64xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// Codes: bytes are multiplied four at a time; of more than 8 rows by tensor cores.
// CHECK-LABEL: func.func private @matmul_0
// CHECK:         abi.launch @kernels::@matmul_0_one
// CHECK:         abi.launch @kernels::@matmul_0_few
// CHECK:         abi.launch @kernels::@matmul_0_tensor grid(%{{.+}}, %{{.+}}, %{{.+}}) threads 128
// CHECK:         gpu.func @matmul_0_one
// CHECK:           llvm.call_intrinsic "llvm.nvvm.idp4a.u.s"
// CHECK:         gpu.func @matmul_0_tensor
// CHECK:           llvm.call_intrinsic "llvm.nvvm.mma.m16n8k32.row.col.s8.u8"
func.func private @matmul_0(%x: memref<?x704xi32>, %w: memref<4x34816xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x704xi32>, memref<4x34816xi8>) outs(%out : memref<?x64xf32>)
      attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 1 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
