// RUN: osscc-opt %s --x86-lower-dot --canonicalize | FileCheck %s

// Two rows, two registers, two channels: k is outermost and each step is one fused multiply-add of the broadcast scalar.
// CHECK-LABEL: func @dot
// CHECK-SAME:    (%[[A:.+]]: vector<2x2xf32>, %[[B:.+]]: vector<2x2x16xf32>, %[[ACC:.+]]: vector<2x2x16xf32>)
// CHECK:         %[[A00:.+]] = vector.extract %[[A]][0, 0]
// CHECK:         %[[X:.+]] = vector.broadcast %[[A00]] : f32 to vector<16xf32>
// CHECK:         %[[B00:.+]] = vector.extract %[[B]][0, 0] : vector<16xf32> from
// CHECK:         math.fma %[[X]], %[[B00]], %{{.+}} : vector<16xf32>
// CHECK-COUNT-7: math.fma
// CHECK-NOT:     tile.dot
func.func @dot(%a: vector<2x2xf32>, %b: vector<2x2x16xf32>, %acc: vector<2x2x16xf32>) -> vector<2x2x16xf32> {
  %r = tile.dot %a, %b, %acc : vector<2x2xf32>, vector<2x2x16xf32>, vector<2x2x16xf32>
  return %r : vector<2x2x16xf32>
}

// No x86 register has 4 lanes of f32 that kernels use: the op stays, for another lowering.
// CHECK-LABEL: func @not_a_register
// CHECK:         tile.dot
func.func @not_a_register(%a: vector<1x1xf32>, %b: vector<1x1x4xf32>, %acc: vector<1x1x4xf32>) -> vector<1x1x4xf32> {
  %r = tile.dot %a, %b, %acc : vector<1x1xf32>, vector<1x1x4xf32>, vector<1x1x4xf32>
  return %r : vector<1x1x4xf32>
}
