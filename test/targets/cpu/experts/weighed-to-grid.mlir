// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// Blocks go by rows and their experts, as weights lie: the slot is the plan's, the row the block's share.
// CHECK-LABEL: func @gather
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x19xf32>, %{{.+}}: memref<?x11xi32>, %[[OUT:[a-z0-9]+]]: memref<?x19xf32>)
// CHECK:         ^bb0(%[[PLACE:.+]]: index):
// CHECK:         %[[SLOT:.+]] = arith.index_castui
// CHECK:         %[[ROW:.+]] = arith.divui %[[PLACE]], %c2
// CHECK:         %[[WEIGHT:.+]] = arith.bitcast %{{.+}} : i32 to f32
// CHECK:         %[[ALL:.+]] = vector.broadcast %[[WEIGHT]] : f32 to vector<16xf32>
// CHECK:         %[[VALUES:.+]] = vector.load %[[X]][%[[ROW]], %{{.+}}]
// CHECK:         %[[Y:.+]] = arith.mulf %[[VALUES]], %[[ALL]]
// CHECK:         vector.store %[[Y]], %[[OUT]][%[[SLOT]], %{{.+}}]
// CHECK-COUNT-3: arith.mulf %{{.+}}, %[[WEIGHT]] : f32
// CHECK-NOT:     tile.gather_slots
func.func @gather(%x: memref<?x19xf32>, %plan: memref<?x11xi32>, %out: memref<?x19xf32>) {
  tile.gather_slots ins(%x, %plan : memref<?x19xf32>, memref<?x11xi32>) outs(%out : memref<?x19xf32>) {weighed}
  return
}

// -----

// What was weighed is added up as it is.
// CHECK-LABEL: func @combine
// CHECK-NOT:     math.fma
// CHECK:         %[[FIRST:.+]] = arith.addf %{{.+}}, %{{.+}} : vector<16xf32>
// CHECK:         arith.addf %[[FIRST]], %{{.+}} : vector<16xf32>
// CHECK-NOT:     math.fma
func.func @combine(%x: memref<?x16xf32>, %plan: memref<?x11xi32>, %out: memref<?x16xf32>) {
  tile.combine ins(%x, %plan : memref<?x16xf32>, memref<?x11xi32>) outs(%out : memref<?x16xf32>) attributes {unweighed} {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

// A weight is multiplied by the scale of its expert at last.
// CHECK-LABEL: func @route
// CHECK-SAME:    %[[SCALES:[a-z0-9]+]]: memref<3xf32>
// CHECK:         %[[SHARE:.+]] = arith.divf
// CHECK:         %[[SCALE:.+]] = memref.load %[[SCALES]]
// CHECK:         arith.mulf %[[SHARE]], %[[SCALE]] : f32
func.func @route(%logits: memref<?x3xf32>, %scales: memref<3xf32>, %plan: memref<?x11xi32>) {
  tile.route all top 2 ins(%logits : memref<?x3xf32>) scales(%scales : memref<3xf32>) outs(%plan : memref<?x11xi32>)
  return
}
