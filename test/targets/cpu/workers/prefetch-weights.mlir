// RUN: osscc-opt %s --tile-prefetch-weights | FileCheck %s

#s = #tile.schedule<m = 2, n = 32, k = 8, lanes = 16, columns = 16>

// In front of a matmul with a schedule: 128 outputs are 8 tiles, two streams of 4. Without one nobody knows the blocks.
// CHECK-LABEL: func @matmuls
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<8x64x16xf32>
// CHECK:         tile.prefetch %[[W]] {blocks = 4 : i64, bytes = 32768 : i64, streams = 2 : i64}
// CHECK-NEXT:    tile.matmul
// CHECK-NOT:     tile.prefetch
// CHECK:         tile.matmul
func.func @matmuls(%x: memref<?x64xf32>, %w: memref<8x64x16xf32>, %a: memref<?x128xf32>, %b: memref<?x128xf32>) {
  tile.matmul ins(%x, %w : memref<?x64xf32>, memref<8x64x16xf32>) outs(%a : memref<?x128xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.matmul ins(%x, %w : memref<?x64xf32>, memref<8x64x16xf32>) outs(%b : memref<?x128xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
