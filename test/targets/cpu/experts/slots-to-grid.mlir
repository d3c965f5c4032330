// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// A block copies the row of one slot, 16 words at a time and then one by one. Of 3 experts a row there are 3 T slots.
// CHECK-LABEL: func @gather
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x19xi32>, %[[PLAN:[a-z0-9]+]]: memref<?x16xi32>, %[[OUT:[a-z0-9]+]]: memref<?x19xi32>)
// CHECK:         %[[T:.+]] = memref.dim %[[PLAN]]
// CHECK:         %[[SLOTS:.+]] = arith.muli %[[T]], %c3
// CHECK:         tile.grid %[[SLOTS]] {
// CHECK-NEXT:    ^bb0(%[[SLOT:.+]]: index):
// CHECK:         %[[ROW:.+]] = arith.index_castui
// CHECK:         %[[WORDS:.+]] = vector.load %[[X]][%[[ROW]], %{{.+}}] : memref<?x19xi32>, vector<16xi32>
// CHECK:         vector.store %[[WORDS]], %[[OUT]][%[[SLOT]], %{{.+}}]
// CHECK-COUNT-3: memref.load %[[X]][%[[ROW]],
// CHECK-NOT:     tile.gather_slots
func.func @gather(%x: memref<?x19xi32>, %plan: memref<?x16xi32>, %out: memref<?x19xi32>) {
  tile.gather_slots ins(%x, %plan : memref<?x19xi32>, memref<?x16xi32>) outs(%out : memref<?x19xi32>)
  return
}

// -----

// The slots of a row join one after the other by fused multiply-adds, from 0, then the epilogue takes the old element.
// CHECK-LABEL: func @combine
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x20xf32>, %[[PLAN:[a-z0-9]+]]: memref<?x11xi32>, %[[OUT:[a-z0-9]+]]: memref<?x20xf32>)
// CHECK:         tile.grid
// CHECK-COUNT-2: vector.broadcast %{{.+}} : f32 to vector<16xf32>
// CHECK:         %[[A:.+]] = vector.load %[[X]]
// CHECK:         %[[FIRST:.+]] = math.fma %{{.+}}, %[[A]], %cst
// CHECK:         %[[B:.+]] = vector.load %[[X]]
// CHECK:         %[[SUM:.+]] = math.fma %{{.+}}, %[[B]], %[[FIRST]]
// CHECK:         %[[OLD:.+]] = vector.load %[[OUT]]
// CHECK:         arith.addf %[[SUM]], %[[OLD]]
// CHECK:         vector.maskedload %[[X]]
// CHECK-NOT:     tile.combine
func.func @combine(%x: memref<?x20xf32>, %plan: memref<?x11xi32>, %out: memref<?x20xf32>) {
  tile.combine ins(%x, %plan : memref<?x20xf32>, memref<?x11xi32>) outs(%out : memref<?x20xf32>) {
  ^bb0(%sum: f32, %old: f32):
    %y = arith.addf %sum, %old : f32
    tile.yield %y : f32
  }
  return
}
