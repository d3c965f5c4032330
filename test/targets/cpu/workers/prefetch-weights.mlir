// RUN: osscc-opt %s --tile-prefetch-weights | FileCheck %s

!matrix = !pack.block<128x64, #pack.format<f32>, tiles>
#s = #tile.schedule<m = 2, n = 32, k = 8, lanes = 16, columns = 16>

// In front of a matmul with a schedule: 128 outputs are 8 tiles, two streams of 4. Without one nobody knows the blocks.
// CHECK-LABEL: func @matmuls
// CHECK-SAME:    %[[W:[a-z0-9]+]]: !pack.block
// CHECK:         tile.prefetch %[[W]] {blocks = 4 : i64, bytes = 32768 : i64, streams = 2 : i64}
// CHECK-NEXT:    tile.matmul
// CHECK-NOT:     tile.prefetch
// CHECK:         tile.matmul
func.func @matmuls(%x: tensor<?x64xf32>, %w: !matrix, %out: tensor<?x128xf32>) -> (tensor<?x128xf32>, tensor<?x128xf32>) {
  %a = tile.matmul ins(%x, %w : tensor<?x64xf32>, !matrix) outs(%out : tensor<?x128xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x128xf32>
  %b = tile.matmul ins(%x, %w : tensor<?x64xf32>, !matrix) outs(%out : tensor<?x128xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x128xf32>
  return %a, %b : tensor<?x128xf32>, tensor<?x128xf32>
}
