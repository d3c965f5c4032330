// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// In calls of at most 8 rows, a worker asks for the begin of its range of 8 blocks in both streams of 8 tiles: 16 lines of each.
// CHECK-LABEL: func @prefetch
// CHECK-SAME:    %[[W:[a-z0-9]+]]: memref<16x64x16xf32>
// CHECK:         %[[ROWS:.+]] = abi.rows
// CHECK:         %[[FEW:.+]] = arith.cmpi sle, %[[ROWS]]
// CHECK:         scf.if %[[FEW]]
// CHECK:           %[[FLAT:.+]] = memref.collapse_shape %[[W]]
// CHECK:           %[[WORKER:.+]] = abi.worker
// CHECK:           %[[BEFORE:.+]] = arith.muli %[[WORKER]], %{{.+}}
// CHECK:           %[[WORKERS:.+]] = abi.workers
// CHECK:           %[[BLOCK:.+]] = arith.divui %[[BEFORE]], %[[WORKERS]]
// CHECK:           memref.prefetch %[[FLAT]][%{{.+}}], read, locality<2>, data
// CHECK:           arith.addi %[[BLOCK]], %c8
// CHECK:           memref.prefetch %[[FLAT]][%{{.+}}], read, locality<2>, data
// CHECK-NOT:     tile.prefetch
// CHECK-NOT:     tile.grid
func.func @prefetch(%w: memref<16x64x16xf32>) {
  tile.prefetch %w {blocks = 8, bytes = 2048, streams = 2} : memref<16x64x16xf32>
  return
}
