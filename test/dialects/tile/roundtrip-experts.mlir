// RUN: osscc-opt %s | osscc-opt | FileCheck %s

!up = !pack.block<3x32x4, #pack.format<bf16>, tiles>
!bias = !pack.block<3x32, #pack.format<f32>, rows>

// The kernels of experts on tensors: a plan, rows of slots, a product with the matrices of a stack, the sum.
// CHECK-LABEL: func.func @experts
// CHECK-SAME:    (%[[LOGITS:.+]]: tensor<?x3xf32>, %[[X:.+]]: tensor<?x4xf32>, %[[W:.+]]: !pack.block<3x32x4, #pack.format<bf16>, tiles>, %[[B:.+]]: !pack.block<3x32, #pack.format<f32>, rows>
// CHECK:         %[[PLAN:.+]] = tile.route chosen top 2 ins(%[[LOGITS]] : tensor<?x3xf32>) outs(%{{.+}} : tensor<?x11xi32>) -> tensor<?x11xi32>
// CHECK:         %[[SLOTS:.+]] = tile.gather_slots ins(%[[X]], %[[PLAN]] : tensor<?x4xf32>, tensor<?x11xi32>) outs(%{{.+}} : tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK:         %[[Y:.+]] = tile.matmul ins(%[[SLOTS]], %[[W]] : tensor<?x4xf32>, !pack.block<3x32x4, #pack.format<bf16>, tiles>) channels(%[[B]] : !pack.block<3x32, #pack.format<f32>, rows>)
// CHECK-SAME:      plan(%[[PLAN]] : tensor<?x11xi32>) outs(%{{.+}} : tensor<?x16xf32>) attributes {parts = 2 : i64} {
// CHECK:         tile.combine ins(%[[Y]], %[[PLAN]] : tensor<?x16xf32>, tensor<?x11xi32>) outs(%{{.+}} : tensor<?x16xf32>) {
// CHECK-NEXT:    ^bb0(%[[SUM:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      tile.yield %[[SUM]] : f32
// CHECK-NEXT:    } -> tensor<?x16xf32>
func.func @experts(%logits: tensor<?x3xf32>, %x: tensor<?x4xf32>, %w: !up, %b: !bias, %p: tensor<?x11xi32>, %s: tensor<?x4xf32>,
                   %h: tensor<?x16xf32>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %plan = tile.route chosen top 2 ins(%logits : tensor<?x3xf32>) outs(%p : tensor<?x11xi32>) -> tensor<?x11xi32>
  %slots = tile.gather_slots ins(%x, %plan : tensor<?x4xf32>, tensor<?x11xi32>) outs(%s : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = tile.matmul ins(%slots, %w : tensor<?x4xf32>, !up) channels(%b : !bias) plan(%plan : tensor<?x11xi32>)
      outs(%h : tensor<?x16xf32>) attributes {parts = 2 : i64} {
  ^bb0(%g: f32, %u: f32, %gb: f32, %ub: f32, %old: f32):
    %m = arith.mulf %g, %u : f32
    tile.yield %m : f32
  } -> tensor<?x16xf32>
  %z = tile.combine ins(%y, %plan : tensor<?x16xf32>, tensor<?x11xi32>) outs(%out : tensor<?x16xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  } -> tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}

// On memory: a stack is the tiles of all its matrices, its biases a row a matrix, and records are words.
// CHECK-LABEL: func.func @on_memory
// CHECK:         tile.route all top 1 ins({{.+}}) outs(%{{.+}} : memref<?x6xi32>) {own}
// CHECK:         tile.gather_slots ins(%{{.+}} : memref<?x19xi32>, memref<?x6xi32>) outs(%{{.+}} : memref<?x19xi32>)
// CHECK:         tile.matmul ins(%{{.+}} : memref<?x19xi32>, memref<6x576xi8>) channels(%{{.+}} : memref<3x20xf32>) plan(%{{.+}} : memref<?x6xi32>) outs(%{{.+}} : memref<?x20xf32>)
// CHECK-SAME:      most_rows = 1 : i64, planes = 2 : i64, same_row}
func.func @on_memory(%logits: memref<?x3xf32>, %plan: memref<?x6xi32>, %x: memref<?x19xi32>, %s: memref<?x19xi32>,
                     %w: memref<6x576xi8>, %b: memref<3x20xf32>, %out: memref<?x20xf32>) {
  tile.route all top 1 ins(%logits : memref<?x3xf32>) outs(%plan : memref<?x6xi32>) {own}
  tile.gather_slots ins(%x, %plan : memref<?x19xi32>, memref<?x6xi32>) outs(%s : memref<?x19xi32>)
  tile.matmul ins(%x, %w : memref<?x19xi32>, memref<6x576xi8>) channels(%b : memref<3x20xf32>) plan(%plan : memref<?x6xi32>)
      outs(%out : memref<?x20xf32>) attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 2 : i64, most_rows = 1 : i64, same_row} {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
