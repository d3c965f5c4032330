// RUN: osscc-opt %s --tile-to-grid | FileCheck %s

// Scores are 50 tanh(dot * scale / 50) before the mask hides any: 0.5 / 50 is one constant.
// CHECK-LABEL: func @attend
// CHECK-DAG:     %[[SCALE:.+]] = arith.constant dense<0.00999999977> : vector<16xf32>
// CHECK-DAG:     %[[CAP:.+]] = arith.constant dense<5.000000e+01> : vector<16xf32>
// CHECK-DAG:     %[[NEVER:.+]] = arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK:         %[[SHARE:.+]] = arith.mulf %{{.+}}, %[[SCALE]]
// CHECK-NEXT:    %[[TANH:.+]] = math.tanh %[[SHARE]]
// CHECK-NEXT:    %[[SCORE:.+]] = arith.mulf %[[TANH]], %[[CAP]]
// CHECK-NEXT:    arith.select %{{.+}}, %[[SCORE]], %[[NEVER]]
func.func @attend(%q: memref<?x4xf32>, %offset: index, %out: memref<?x4xf32>) {
  tile.attend ins(%q, %offset : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32, softcap = 50.0 : f32}
  return
}
