// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// Two groups of two tiles: block 3 is the second tile of the second group, whose rows begin at tile 2, channels at 4, outputs at 20.
// CHECK-LABEL: func @groups
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x8xf32>, %[[W:[a-z0-9]+]]: memref<4x4x16xf32>, %[[OUT:[a-z0-9]+]]: memref<?x40xf32>)
// CHECK:         tile.grid %c4 {
// CHECK-NEXT:    ^bb0(%[[BLOCK:.+]]: index):
// CHECK:         %[[GROUP:.+]] = arith.divui %[[BLOCK]], %c2
// CHECK:         %[[TILE:.+]] = arith.muli %[[GROUP]], %c2
// CHECK:         arith.remui %[[BLOCK]], %c2
// CHECK:         %[[CHANNEL:.+]] = arith.muli %[[GROUP]], %c4
// CHECK:         tile.load %[[X]]
// CHECK:         tile.unpack %[[W]]
// CHECK:         %[[FIRST:.+]] = arith.muli %[[GROUP]], %c20
// CHECK:         %[[OWN:.+]] = memref.subview %[[OUT]][0, %[[FIRST]]] [%{{.+}}, 20] [1, 1]
// CHECK:         tile.store %{{.+}} to %[[OWN]]
// CHECK-NOT:     tile.matmul
func.func @groups(%x: memref<?x8xf32>, %w: memref<4x4x16xf32>, %out: memref<?x40xf32>) {
  tile.matmul ins(%x, %w : memref<?x8xf32>, memref<4x4x16xf32>) outs(%out : memref<?x40xf32>)
      attributes {groups = 2, schedule = #tile.schedule<m = 4, n = 16, k = 2, lanes = 16, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
