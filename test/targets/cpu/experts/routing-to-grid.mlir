// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// Sigmoids and biases are written down; groups are marked by the sum of their best, and experts of the others are never chosen.
// CHECK-LABEL: func @route
// CHECK-SAME:    (%[[LOGITS:[a-z0-9]+]]: memref<?x8xf32>, %[[BIAS:[a-z0-9]+]]: memref<8xf32>, %[[PLAN:[a-z0-9]+]]: memref<?x11xi32>)
// CHECK:         %[[MARKS:.+]] = memref.alloca() {{.*}} : memref<8xi32>
// CHECK:         %[[CHOICES:.+]] = memref.alloca() {{.*}} : memref<8xf32>
// CHECK:         %[[GROUPMARKS:.+]] = memref.alloca() {{.*}} : memref<4xi32>
// CHECK:         %[[GROUPS:.+]] = memref.alloca() {{.*}} : memref<4xf32>
// CHECK:         tile.grid %c1 {
// CHECK:         math.exp
// CHECK:         memref.load %[[BIAS]]
// CHECK:         memref.store %{{.+}}, %[[CHOICES]]
// CHECK:         memref.store %{{.+}}, %[[GROUPS]]
// CHECK:         memref.store %{{.+}}, %[[GROUPMARKS]]
// CHECK:         memref.store %{{.+}}, %[[CHOICES]]
// CHECK:         memref.load %[[CHOICES]]
// CHECK:         memref.store %{{.+}}, %[[MARKS]]
// CHECK:         arith.divf
// CHECK:         arith.mulf %{{.+}}, %{{.+}} : f32
// CHECK-NOT:     tile.route
func.func @route(%logits: memref<?x8xf32>, %bias: memref<8xf32>, %plan: memref<?x11xi32>) {
  tile.route sigmoid_of_chosen top 2 ins(%logits : memref<?x8xf32>) bias(%bias : memref<8xf32>) outs(%plan : memref<?x11xi32>)
      {best = 2, groups = 4, kept = 2, scale = 2.5 : f32}
  return
}
