// RUN: osscc-opt %s --tile-one-row | FileCheck %s

// For one row each worker routes for itself and nothing is gathered: every slot reads the row, and each expert has it alone. Other calls
// run what was there.
// CHECK-LABEL: func @layer
// CHECK:         scf.if
// CHECK:           %[[PLAN:.+]] = memref.cast %{{.+}} : memref<1x11xi32> to memref<?x11xi32>
// CHECK:           tile.route chosen top 2 ins(%{{.+}}) outs(%[[PLAN]] : memref<?x11xi32>) {own}
// CHECK-NOT:       tile.gather_slots
// CHECK:           tile.matmul ins(%[[X:.+]], %{{.+}}) plan(%[[PLAN]] : memref<?x11xi32>) outs(%[[Y:.+]] : memref<?x16xf32>) attributes {most_rows = 1 : i64, same_row}
// CHECK:           tile.matmul ins(%[[Y]], %{{.+}}) plan(%[[PLAN]] : memref<?x11xi32>) outs(%{{.+}} : memref<?x4xf32>) attributes {most_rows = 1 : i64}
// CHECK:           tile.combine ins(%{{.+}}, %[[PLAN]] : {{.+}}) outs(%[[X]] : memref<?x4xf32>)
// CHECK:         } else {
// CHECK:           %[[SHARED:.+]] = memref.alloc(%{{.+}}) : memref<?x11xi32>
// CHECK:           tile.route {{.+}} outs(%[[SHARED]] : memref<?x11xi32>)
// CHECK-NOT:       own
// CHECK:           tile.gather_slots ins(%{{.+}}, %[[SHARED]] : {{.+}}) outs(%[[SLOTS:.+]] : memref<?x4xf32>)
// CHECK:           tile.matmul ins(%[[SLOTS]], %{{.+}}) plan(%[[SHARED]] : memref<?x11xi32>) outs(%{{.+}} : memref<?x16xf32>) {
func.func @layer() attributes {abi.segment = "layer"} {
  %n = abi.rows
  %x = abi.arena 0(%n) : memref<?x4xf32>
  %up = abi.weight @up : memref<3x4x16xf32>
  %down = abi.weight @down : memref<3x16x16xf32>
  %logits = memref.alloc(%n) : memref<?x3xf32>
  tile.map outs(%logits : memref<?x3xf32>) {
  ^bb0(%old: f32):
    tile.yield %old : f32
  }
  %plan = memref.alloc(%n) : memref<?x11xi32>
  tile.route chosen top 2 ins(%logits : memref<?x3xf32>) outs(%plan : memref<?x11xi32>)
  %a = memref.alloc(%n) : memref<?x2x4xf32>
  %slots = memref.collapse_shape %a [[0, 1], [2]] : memref<?x2x4xf32> into memref<?x4xf32>
  tile.gather_slots ins(%x, %plan : memref<?x4xf32>, memref<?x11xi32>) outs(%slots : memref<?x4xf32>)
  %b = memref.alloc(%n) : memref<?x2x16xf32>
  %y = memref.collapse_shape %b [[0, 1], [2]] : memref<?x2x16xf32> into memref<?x16xf32>
  tile.matmul ins(%slots, %up : memref<?x4xf32>, memref<3x4x16xf32>) plan(%plan : memref<?x11xi32>) outs(%y : memref<?x16xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  %c = memref.alloc(%n) : memref<?x2x4xf32>
  %z = memref.collapse_shape %c [[0, 1], [2]] : memref<?x2x4xf32> into memref<?x4xf32>
  tile.matmul ins(%y, %down : memref<?x16xf32>, memref<3x16x16xf32>) plan(%plan : memref<?x11xi32>) outs(%z : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.combine ins(%z, %plan : memref<?x4xf32>, memref<?x11xi32>) outs(%x : memref<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    %both = arith.addf %sum, %old : f32
    tile.yield %both : f32
  }
  return
}
