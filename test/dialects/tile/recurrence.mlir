// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK-LABEL: func.func @short_conv
// CHECK:         tile.short_conv ins(%{{.+}}, %{{.+}}, %{{.+}} : memref<?x8xf32>, memref<2x8xf32>) outs(%{{.+}} : memref<?x8xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
// CHECK-NEXT:    ^bb0(%[[SUM:.+]]: f32):
// CHECK-NEXT:      tile.yield %[[SUM]] : f32
func.func @short_conv(%x: memref<?x8xf32>, %w: memref<2x8xf32>, %at: index, %out: memref<?x8xf32>) {
  tile.short_conv ins(%x, %w, %at : memref<?x8xf32>, memref<2x8xf32>) outs(%out : memref<?x8xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}

// CHECK-LABEL: func.func @delta_rule
// CHECK:         tile.delta_rule ins({{.*}} : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>, memref<?x2xf32>, memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%{{.+}} : memref<?x6xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.000000e+00 : f32, log_rates}
func.func @delta_rule(%q: memref<?x4xf32>, %v: memref<?x6xf32>, %a: memref<?x2xf32>, %rates: memref<2xf32>, %at: index, %out: memref<?x6xf32>) {
  tile.delta_rule ins(%q, %q, %v, %a, %a, %rates, %rates, %at : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x6xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.0 : f32, log_rates}
  return
}
