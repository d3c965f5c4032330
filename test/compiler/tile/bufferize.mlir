// RUN: osscc-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s

!matrix = !pack.block<2x2, #pack.format<f32>, tiles>

// A residual sum is done in place: the norm reads the hidden rows before, so no copy is needed.
// CHECK-LABEL: func @in_place
// CHECK-SAME:    (%[[HIDDEN:[a-z0-9]+]]: memref<?x2xf32>
// CHECK-NOT:     memref.copy
// CHECK:         %[[NORMED:.+]] = memref.alloc
// CHECK:         tile.norm ins(%[[HIDDEN]], %{{.+}} : {{.*}}) outs(%[[NORMED]]
// CHECK:         tile.matmul ins(%[[NORMED]], %{{.+}} : {{.*}}) outs(%[[HIDDEN]]
// CHECK-NOT:     memref.copy
// CHECK:         return %[[HIDDEN]]
func.func @in_place(%x: tensor<?x2xf32> {bufferization.writable = true}, %s: !pack.block<2, #pack.format<f32>, rows>, %w: !matrix, %n: index) -> tensor<?x2xf32> {
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %y = tile.norm ins(%x, %s : tensor<?x2xf32>, !pack.block<2, #pack.format<f32>, rows>) outs(%e : tensor<?x2xf32>) {eps = 1.0e-05 : f32} -> tensor<?x2xf32>
  %z = tile.matmul ins(%y, %w : tensor<?x2xf32>, !matrix) outs(%x : tensor<?x2xf32>) {
  ^bb0(%acc: f32, %old: f32):
    %sum = arith.addf %acc, %old : f32
    tile.yield %sum : f32
  } -> tensor<?x2xf32>
  return %z : tensor<?x2xf32>
}

// Keys and values are read where they lie, as views of one block of rows.
// CHECK-LABEL: func @append
// CHECK:         %[[K:.+]] = memref.subview %{{.+}}[0, 0]
// CHECK:         %[[V:.+]] = memref.subview %{{.+}}[0, 2]
// CHECK:         tile.append ins(%[[K]], %[[V]], %{{.+}} : memref<?x2xf32, strided<[4, 1]>>, memref<?x2xf32, strided<[4, 1], offset: 2>>)
func.func @append(%kv: tensor<?x4xf32>, %n: index, %offset: index) {
  %k = tensor.extract_slice %kv[0, 0] [%n, 2] [1, 1] : tensor<?x4xf32> to tensor<?x2xf32>
  %v = tensor.extract_slice %kv[0, 2] [%n, 2] [1, 1] : tensor<?x4xf32> to tensor<?x2xf32>
  tile.append ins(%k, %v, %offset : tensor<?x2xf32>, tensor<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
  return
}
