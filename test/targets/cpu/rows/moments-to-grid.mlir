// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// A block is a row: its mean, then the mean of the squares of what lies off it. Past the row's end nothing is added.
// CHECK-LABEL: func @moments
// CHECK:         tile.grid
// CHECK:           %[[MEAN:.+]] = arith.divf
// CHECK:           arith.select
// CHECK:           %[[VARIANCE:.+]] = arith.divf
// CHECK:           memref.store %[[MEAN]], %{{.+}}[%{{.+}}, %{{.+}}]
// CHECK:           memref.store %[[VARIANCE]], %{{.+}}[%{{.+}}, %{{.+}}]
func.func @moments(%x: memref<?x40xf32>, %out: memref<?x2xf32>) {
  tile.moments ins(%x : memref<?x40xf32>) outs(%out : memref<?x2xf32>)
  return
}
