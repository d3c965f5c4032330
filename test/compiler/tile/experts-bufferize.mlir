// RUN: osscc-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s

!up = !pack.block<3x16x4, #pack.format<f32>, tiles>

// Slots are views of memory that has the rows of the call, and the sum writes onto the hidden rows.
// CHECK-LABEL: func @experts
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<?x4xf32>, %[[LOGITS:[a-z0-9]+]]: memref<?x3xf32>, %[[HIDDEN:[a-z0-9]+]]: memref<?x16xf32>
// CHECK:         %[[PLAN:.+]] = memref.alloc(%[[N:.+]]) {{.*}} : memref<?x11xi32>
// CHECK:         tile.route chosen top 2 ins(%[[LOGITS]] : memref<?x3xf32>) outs(%[[PLAN]] : memref<?x11xi32>)
// CHECK:         %[[ALLOC:.+]] = memref.alloc(%[[N]]) {{.*}} : memref<?x2x4xf32>
// CHECK:         %[[SLOTS:.+]] = memref.collapse_shape %[[ALLOC]]
// CHECK:         tile.gather_slots ins(%[[X]], %[[PLAN]] : {{.+}}) outs(%[[SLOTS]] : memref<?x4xf32>)
// CHECK:         tile.matmul ins(%[[SLOTS]], %{{.+}}) plan(%[[PLAN]] : memref<?x11xi32>) outs(%[[Y:.+]] : memref<?x16xf32>)
// CHECK:         tile.combine ins(%[[Y]], %[[PLAN]] : {{.+}}) outs(%[[HIDDEN]] : memref<?x16xf32>)
// CHECK-NOT:     memref.copy
// CHECK:         return %[[HIDDEN]]
func.func @experts(%x: tensor<?x4xf32>, %logits: tensor<?x3xf32>, %hidden: tensor<?x16xf32> {bufferization.writable = true}, %w: !up, %n: index) -> tensor<?x16xf32> {
  %p = tensor.empty(%n) : tensor<?x11xi32>
  %plan = tile.route chosen top 2 ins(%logits : tensor<?x3xf32>) outs(%p : tensor<?x11xi32>) -> tensor<?x11xi32>
  %e = tensor.empty(%n) : tensor<?x2x4xf32>
  %s = tensor.collapse_shape %e [[0, 1], [2]] : tensor<?x2x4xf32> into tensor<?x4xf32>
  %slots = tile.gather_slots ins(%x, %plan : tensor<?x4xf32>, tensor<?x11xi32>) outs(%s : tensor<?x4xf32>) -> tensor<?x4xf32>
  %f = tensor.empty(%n) : tensor<?x2x16xf32>
  %o = tensor.collapse_shape %f [[0, 1], [2]] : tensor<?x2x16xf32> into tensor<?x16xf32>
  %y = tile.matmul ins(%slots, %w : tensor<?x4xf32>, !up) plan(%plan : tensor<?x11xi32>) outs(%o : tensor<?x16xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x16xf32>
  %z = tile.combine ins(%y, %plan : tensor<?x16xf32>, tensor<?x11xi32>) outs(%hidden : tensor<?x16xf32>) {
  ^bb0(%sum: f32, %old: f32):
    %both = arith.addf %sum, %old : f32
    tile.yield %both : f32
  } -> tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}
