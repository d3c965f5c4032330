// RUN: osscc-opt %s --tile-schedule=target=x86-64-v4 | FileCheck %s
// RUN: osscc-opt %s --tile-schedule=target=x86-64-v3 | FileCheck %s --check-prefix=AVX2
// RUN: not osscc-opt %s --tile-schedule=target=pdp11 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: --target=pdp11: error: no such target

!narrow = !pack.block<64x2, #pack.format<f32>, tiles>
!wide = !pack.block<2048x2, #pack.format<f32>, tiles>

// Few output channels are cut into narrow blocks, so that the workers share them; AVX2 keeps 6 x 16 accumulators in registers.
// CHECK-LABEL: func @narrow
// CHECK:         #tile.schedule<m = 8, n = 32, k = 8, lanes = 16, columns = 32>
// AVX2:          #tile.schedule<m = 6, n = 32, k = 8, lanes = 8, columns = 16>
func.func @narrow(%x: tensor<?x2xf32>, %w: !narrow, %e: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !narrow) outs(%e : tensor<?x64xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x64xf32>
  return %p : tensor<?x64xf32>
}

// CHECK-LABEL: func @wide
// CHECK:         #tile.schedule<m = 8, n = 64, k = 8, lanes = 16, columns = 32>
// AVX2:          #tile.schedule<m = 6, n = 64, k = 8, lanes = 8, columns = 16>
func.func @wide(%x: tensor<?x2xf32>, %w: !wide, %e: tensor<?x2048xf32>) -> tensor<?x2048xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !wide) outs(%e : tensor<?x2048xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x2048xf32>
  return %p : tensor<?x2048xf32>
}

// What a person wrote stays.
// CHECK-LABEL: func @by_hand
// CHECK:         #tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>
func.func @by_hand(%x: tensor<?x2xf32>, %w: !narrow, %e: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !narrow) outs(%e : tensor<?x64xf32>) attributes {schedule = #tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x64xf32>
  return %p : tensor<?x64xf32>
}
