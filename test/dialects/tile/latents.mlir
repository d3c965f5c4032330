// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK-LABEL: func.func @latents
// CHECK:         tile.append ins({{.*}} : memref<?x2xf32>, memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>}
// CHECK:         tile.attend ins({{.*}} : memref<?x8xf32>) outs({{.*}} : memref<?x8xf32>) rest({{.*}} : memref<?x4xf32>) {cache = {{.*}} values = 4>, scale = 5.000000e-01 : f32}
func.func @latents(%k: memref<?x2xf32>, %v: memref<?x4xf32>, %at: index, %q: memref<?x8xf32>, %rest: memref<?x4xf32>, %out: memref<?x8xf32>) {
  tile.append ins(%k, %v, %at : memref<?x2xf32>, memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>}
  tile.attend ins(%q, %at : memref<?x8xf32>) outs(%out : memref<?x8xf32>) rest(%rest : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, scale = 0.5 : f32}
  return
}

// CHECK-LABEL: func.func @groups
// CHECK:         tile.matmul ins(%{{.+}}, %{{.+}} : memref<?x8xf32>, !pack.block<2x3x4, #pack.format<f32>, tiles>) outs(%{{.+}} : memref<?x6xf32>) attributes {groups = 2 : i64} {
func.func @groups(%x: memref<?x8xf32>, %w: !pack.block<2x3x4, #pack.format<f32>, tiles>, %out: memref<?x6xf32>) {
  tile.matmul ins(%x, %w : memref<?x8xf32>, !pack.block<2x3x4, #pack.format<f32>, tiles>) outs(%out : memref<?x6xf32>) attributes {groups = 2} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// CHECK-LABEL: func.func @route
// CHECK:         tile.route sigmoid_of_chosen top 2 ins(%{{.+}} : memref<?x8xf32>) bias(%{{.+}} : memref<8xf32>) outs(%{{.+}} : memref<?x11xi32>) {best = 2 : i64, groups = 4 : i64, kept = 2 : i64, scale = 2.500000e+00 : f32}
func.func @route(%logits: memref<?x8xf32>, %bias: memref<8xf32>, %plan: memref<?x11xi32>) {
  tile.route sigmoid_of_chosen top 2 ins(%logits : memref<?x8xf32>) bias(%bias : memref<8xf32>) outs(%plan : memref<?x11xi32>)
      {best = 2, groups = 4, kept = 2, scale = 2.5 : f32}
  return
}
