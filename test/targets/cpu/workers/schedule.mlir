// RUN: osscc-opt %s --tile-schedule=target=x86-64-v4 | FileCheck %s
// RUN: osscc-opt %s --tile-schedule=target=x86-64-v3 | FileCheck %s --check-prefix=AVX2
// RUN: not osscc-opt %s --tile-schedule=target=pdp11 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: --target=pdp11: error: no such target

// Few output channels are cut into narrow blocks, so that the workers share them; AVX2 keeps 6 x 16 accumulators in registers.
// CHECK-LABEL: func @narrow
// CHECK:         #tile.schedule<m = 8, n = 32, k = 8, lanes = 16, columns = 32>
// AVX2:          #tile.schedule<m = 6, n = 32, k = 8, lanes = 8, columns = 16>
func.func @narrow(%x: memref<?x2xf32>, %w: memref<4x2x16xf32>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x2xf32>, memref<4x2x16xf32>) outs(%out : memref<?x64xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func @wide
// CHECK:         #tile.schedule<m = 8, n = 64, k = 8, lanes = 16, columns = 32>
// AVX2:          #tile.schedule<m = 6, n = 64, k = 8, lanes = 8, columns = 16>
func.func @wide(%x: memref<?x2xf32>, %w: memref<128x2x16xf32>, %out: memref<?x2048xf32>) {
  tile.matmul ins(%x, %w : memref<?x2xf32>, memref<128x2x16xf32>) outs(%out : memref<?x2048xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// What a person wrote stays.
// CHECK-LABEL: func @by_hand
// CHECK:         #tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>
func.func @by_hand(%x: memref<?x2xf32>, %w: memref<4x2x16xf32>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x2xf32>, memref<4x2x16xf32>) outs(%out : memref<?x64xf32>) attributes {schedule = #tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
