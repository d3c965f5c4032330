// RUN: osscc-opt %s --tile-one-row | FileCheck %s

// Copies that are weighed differ, so that experts of the one row read them, not the row.
// CHECK-LABEL: func @layer
// CHECK:         scf.if
// CHECK:           tile.route sigmoid top 1 {{.+}} {own}
// CHECK:           tile.gather_slots ins(%{{.+}}) outs(%[[SLOTS:.+]] : memref<?x4xf32>) {weighed}
// CHECK:           tile.matmul ins(%[[SLOTS]], %{{.+}}) plan(%{{.+}}) outs(%{{.+}} : memref<?x4xf32>) attributes {most_rows = 1 : i64} {
// CHECK:         } else {
func.func @layer() attributes {abi.segment = "layer"} {
  %n = abi.rows
  %x = abi.arena 0(%n) : memref<?x4xf32>
  %w = abi.weight @w : memref<3x4x16xf32>
  %logits = memref.alloc(%n) : memref<?x3xf32>
  tile.map outs(%logits : memref<?x3xf32>) {
  ^bb0(%old: f32):
    tile.yield %old : f32
  }
  %plan = memref.alloc(%n) : memref<?x6xi32>
  tile.route sigmoid top 1 ins(%logits : memref<?x3xf32>) outs(%plan : memref<?x6xi32>)
  %slots = memref.alloc(%n) : memref<?x4xf32>
  tile.gather_slots ins(%x, %plan : memref<?x4xf32>, memref<?x6xi32>) outs(%slots : memref<?x4xf32>) {weighed}
  %y = memref.alloc(%n) : memref<?x4xf32>
  tile.matmul ins(%slots, %w : memref<?x4xf32>, memref<3x4x16xf32>) plan(%plan : memref<?x6xi32>) outs(%y : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.combine ins(%y, %plan : memref<?x4xf32>, memref<?x6xi32>) outs(%x : memref<?x4xf32>) attributes {unweighed} {
  ^bb0(%sum: f32, %old: f32):
    %both = arith.addf %sum, %old : f32
    tile.yield %both : f32
  }
  return
}
