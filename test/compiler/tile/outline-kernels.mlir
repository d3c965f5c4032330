// RUN: osscc-opt %s --tile-outline-kernels | FileCheck %s

!w = memref<1x2x16xf32>

// Two layers share one matmul: their weights are operands. Another epilogue is another kernel, also where one value stands twice.
// CHECK-LABEL: func @layer_0
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x2xf32>, %[[Y:[a-z0-9]+]]: memref<?x4xf32>, %[[W0:[a-z0-9]+]]: memref<1x2x16xf32>, %[[W1:[a-z0-9]+]]: memref<1x2x16xf32>)
// CHECK-NEXT:    call @matmul_0(%[[X]], %[[W0]], %[[Y]])
// CHECK-NEXT:    call @matmul_0(%[[X]], %[[W1]], %[[Y]])
// CHECK-NEXT:    call @matmul_1(%[[X]], %[[W1]], %[[Y]])
// CHECK-NEXT:    return
func.func @layer_0(%x: memref<?x2xf32>, %y: memref<?x4xf32>, %w0: !w, %w1: !w) attributes {abi.segment = "layer"} {
  tile.matmul ins(%x, %w0 : memref<?x2xf32>, !w) outs(%y : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.matmul ins(%x, %w1 : memref<?x2xf32>, !w) outs(%y : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.matmul ins(%x, %w1 : memref<?x2xf32>, !w) outs(%y : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    %sum = arith.addf %acc, %old : f32
    tile.yield %sum : f32
  }
  return
}

// Both forms of a segment call the same kernel.
// CHECK-LABEL: func @forms
// CHECK-NEXT:    scf.if
// CHECK-NEXT:      call @matmul_0
// CHECK-NEXT:    } else {
// CHECK-NEXT:      call @matmul_0
func.func @forms(%one: i1, %x: memref<?x2xf32>, %y: memref<?x4xf32>, %w: !w) attributes {abi.segment = "layer"} {
  scf.if %one {
    tile.matmul ins(%x, %w : memref<?x2xf32>, !w) outs(%y : memref<?x4xf32>) {
    ^bb0(%acc: f32, %old: f32):
      tile.yield %acc : f32
    }
  } else {
    tile.matmul ins(%x, %w : memref<?x2xf32>, !w) outs(%y : memref<?x4xf32>) {
    ^bb0(%acc: f32, %old: f32):
      tile.yield %acc : f32
    }
  }
  return
}

// CHECK:         func private @matmul_0(%[[A:.+]]: memref<?x2xf32>, %[[B:.+]]: memref<1x2x16xf32>, %[[C:.+]]: memref<?x4xf32>)
// CHECK-NEXT:      tile.matmul ins(%[[A]], %[[B]] : {{.*}}) outs(%[[C]]
// CHECK:         func private @matmul_1
// CHECK:           arith.addf
// CHECK-NOT:     func private
