// RUN: osscc-opt %s --tile-to-gpu="chip=sm_89 features=+ptx78" --split-input-file | FileCheck %s

// A kernel becomes a function of the device; the function around it starts it in a grid of a block for 128 channels of a row. Memory is
// handed on by its address: rows that are a part of wider ones begin at their offset, and lie as far apart as those.
// CHECK:       module attributes {abi.kernels = [#abi.kernel<name = "map_0">]}
// CHECK:         func.func private @map_0(%[[X:.+]]: memref<?x200xf32, strided<[400, 1], offset: 200>>, %[[OUT:.+]]: memref<?x200xf32>)
// CHECK-DAG:       %[[PLACE:.+]] = memref.extract_aligned_pointer_as_index %[[X]]
// CHECK-DAG:       %[[TO:.+]] = memref.extract_aligned_pointer_as_index %[[OUT]]
// CHECK:           %[[FROM:.+]] = arith.addi %[[PLACE]], %{{.+}} : index
// CHECK:           %[[ROWS:.+]] = memref.dim %[[OUT]]
// CHECK:           abi.launch @kernels::@map_0 grid(%{{.+}}, %[[ROWS]], %{{.+}}) threads 128(%[[TO]], %[[FROM]])
// CHECK-NEXT:      return
// CHECK:         gpu.module @kernels [#nvvm.target<O = 3, chip = "sm_89", features = "+ptx78">]
// CHECK:           gpu.func @map_0(%{{.+}}: !llvm.ptr, %[[A:.+]]: !llvm.ptr<1>, %[[B:.+]]: !llvm.ptr<1>) kernel attributes {known_block_size = array<i32: 128, 1, 1>}
// CHECK:             arith.constant 400 : i64
// CHECK:             %[[VALUE:.+]] = llvm.load %{{.+}} : !llvm.ptr<1> -> f32
// CHECK:             arith.addf
// CHECK:             llvm.store
// CHECK:             gpu.return
func.func private @map_0(%x: memref<?x200xf32, strided<[400, 1], offset: 200>>, %out: memref<?x200xf32>) {
  tile.map ins(%x : memref<?x200xf32, strided<[400, 1], offset: 200>>) outs(%out : memref<?x200xf32>) {
  ^bb0(%a: f32, %old: f32):
    %sum = arith.addf %a, %old : f32
    tile.yield %sum : f32
  }
  return
}

// -----

// A norm in codes: one block a row. Its threads fold sums by warps and over them, and write records a warp each; roots are the
// machine's own, no library's.
// CHECK-LABEL:   func.func private @norm_0
// CHECK:           abi.launch @kernels::@norm_0 grid(%{{.+}}, %{{.+}}, %{{.+}}) threads 128
// CHECK:           llvm.mlir.global internal @norm_0_shared_0() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<4 x f32>
// CHECK:           gpu.func @norm_0
// CHECK-COUNT-5:     gpu.shuffle xor
// CHECK:             gpu.barrier
// CHECK:             llvm.call_intrinsic "llvm.sqrt.f32"
// CHECK:             llvm.call_intrinsic "llvm.roundeven.f32"
// CHECK-NOT:         math.sqrt
func.func private @norm_0(%x: memref<?x128xf32>, %w: memref<128xf32>, %out: memref<?x44xi32>) {
  tile.norm ins(%x, %w : memref<?x128xf32>, memref<128xf32>) outs(%out : memref<?x44xi32>) {eps = 1.0e-05 : f32, planes = 1}
  return
}

// -----

// The mean of a row and its variance: a warp folds both sums, one thread stores them.
// CHECK-LABEL:   func.func private @moments_0
// CHECK:           abi.launch @kernels::@moments_0 grid(%{{.+}}, %{{.+}}, %{{.+}}) threads 32
// CHECK:           gpu.func @moments_0
// CHECK-COUNT-10:    gpu.shuffle xor
// CHECK-COUNT-2:     llvm.store
// CHECK:             gpu.return
func.func private @moments_0(%x: memref<?x96xf32>, %out: memref<?x2xf32>) {
  tile.moments ins(%x : memref<?x96xf32>) outs(%out : memref<?x2xf32>)
  return
}
