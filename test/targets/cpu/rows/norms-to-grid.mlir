// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// Groups of 20 channels share a scale, which gains an offset; the place in the row is that of the group plus that in it.
// CHECK-LABEL: func @norm_of_groups
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x40xf32>, %[[W:[a-z0-9]+]]: memref<20xf32>
// CHECK-DAG:     %[[SIZE:.+]] = arith.constant 20 : index
// CHECK-DAG:     %[[END:.+]] = arith.constant 40 : index
// CHECK:         tile.grid
// CHECK:         scf.for %[[FIRST:.+]] = %{{.+}} to %[[END]] step %[[SIZE]]
// CHECK:           math.fma
// CHECK:           vector.maskedload %[[X]]
// CHECK:           math.sqrt
// CHECK:           scf.for %[[C:.+]] =
// CHECK:             %[[AT:.+]] = arith.addi %[[FIRST]], %[[C]] : index
// CHECK:             vector.load %[[X]][%{{.+}}, %[[AT]]]
// CHECK:             %[[SCALE:.+]] = vector.load %[[W]][%[[C]]]
// CHECK:             arith.addf %[[SCALE]], %{{.+}} : vector<16xf32>
// CHECK-NOT:     tile.norm
func.func @norm_of_groups(%x: memref<?x40xf32>, %w: memref<20xf32>, %out: memref<?x40xf32>) {
  tile.norm ins(%x, %w : memref<?x40xf32>, memref<20xf32>) outs(%out : memref<?x40xf32>) {eps = 1.0e-05 : f32, offset = 1.0 : f32, size = 20}
  return
}

// -----

// Without a scale the quotient is stored.
// CHECK-LABEL: func @norm_without_scale
// CHECK:         math.sqrt
// CHECK:         scf.for
// CHECK:           %[[Y:.+]] = arith.mulf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK-NEXT:      vector.store %[[Y]]
func.func @norm_without_scale(%x: memref<?x16xf32>, %out: memref<?x16xf32>) {
  tile.norm ins(%x : memref<?x16xf32>) outs(%out : memref<?x16xf32>) {eps = 1.0e-05 : f32}
  return
}

// -----

// Rows of one channel give their value to every lane.
// CHECK-LABEL: func @one_channel
// CHECK-SAME:    (%[[G:[a-z0-9]+]]: memref<?x1xf32>
// CHECK:         %[[ZERO:.+]] = arith.constant 0 : index
// CHECK:         ^bb0(%[[ROW:.+]]: index):
// CHECK:           %[[ONE:.+]] = memref.load %[[G]][%[[ROW]], %{{.+}}]
// CHECK:           vector.broadcast %[[ONE]] : f32 to vector<16xf32>
func.func @one_channel(%g: memref<?x1xf32>, %out: memref<?x16xf32>) {
  tile.map ins(%g : memref<?x1xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%a: f32, %old: f32):
    %y = arith.mulf %old, %a : f32
    tile.yield %y : f32
  }
  return
}
