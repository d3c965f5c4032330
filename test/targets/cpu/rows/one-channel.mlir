// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// A weight of one value is read once and stands in every lane.
// CHECK-LABEL: func @scalar
// CHECK-SAME:    (%[[W:[a-z0-9]+]]: memref<1xf32>, %[[OUT:[a-z0-9]+]]: memref<?x16xf32>)
// CHECK:         %[[ONE:.+]] = memref.load %[[W]][%{{.+}}] : memref<1xf32>
// CHECK:         %[[ALL:.+]] = vector.broadcast %[[ONE]] : f32 to vector<16xf32>
// CHECK:         %[[OLD:.+]] = vector.load %[[OUT]]
// CHECK:         arith.mulf %[[OLD]], %[[ALL]]
func.func @scalar(%w: memref<1xf32>, %out: memref<?x16xf32>) {
  tile.map ins(%w : memref<1xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%one: f32, %old: f32):
    %y = arith.mulf %old, %one : f32
    tile.yield %y : f32
  }
  return
}
