// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// One block routes all rows: marks the largest logits, writes the marked experts in rising order and their softmax, then sorts by expert.
// CHECK-LABEL: func @route
// CHECK-SAME:    (%[[LOGITS:[a-z0-9]+]]: memref<?x5xf32>, %[[PLAN:[a-z0-9]+]]: memref<?x11xi32>)
// CHECK:         %[[MARKS:.+]] = memref.alloca() {{.*}} : memref<5xi32>
// CHECK:         tile.grid %c1 {
// CHECK:         %[[WORDS:.+]] = memref.collapse_shape %[[PLAN]]
// CHECK:         memref.load %[[LOGITS]]
// CHECK:         arith.cmpf ogt
// CHECK:         memref.store %{{.+}}, %[[MARKS]]
// CHECK:         math.exp
// CHECK:         scf.if
// CHECK-COUNT-2:   memref.store %{{.+}}, %[[WORDS]]
// CHECK:         arith.divf
// CHECK-NOT:     tile.route
func.func @route(%logits: memref<?x5xf32>, %plan: memref<?x11xi32>) {
  tile.route chosen top 2 ins(%logits : memref<?x5xf32>) outs(%plan : memref<?x11xi32>)
  return
}

// -----

// A worker that routes for itself takes no block.
// CHECK-LABEL: func @own
// CHECK-NOT:     tile.grid
// CHECK:         scf.for
func.func @own(%logits: memref<?x5xf32>, %plan: memref<?x11xi32>) {
  tile.route all top 2 ins(%logits : memref<?x5xf32>) outs(%plan : memref<?x11xi32>) {own}
  return
}
