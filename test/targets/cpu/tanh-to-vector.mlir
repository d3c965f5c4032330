// RUN: osscc-opt %s --tile-to-vector | FileCheck %s

// A polynomial near 0, exp elsewhere, of the size; the sign comes last. No tanh is left, nor the exp.
// CHECK-LABEL: func @tanh
// CHECK-SAME:    (%[[X:.+]]: vector<16xf32>)
// CHECK-DAG:     %[[BOUND:.+]] = arith.constant dense<6.250000e-01>
// CHECK-DAG:     %[[SIZE:.+]] = math.absf %[[X]]
// CHECK:         %[[NEAR:.+]] = math.fma %{{.+}}, %[[SIZE]], %[[SIZE]]
// CHECK-NOT:     math.exp
// CHECK:         %[[QUOTIENT:.+]] = arith.divf
// CHECK:         %[[FAR:.+]] = arith.subf %{{.+}}, %[[QUOTIENT]]
// CHECK:         %[[IS:.+]] = arith.cmpf olt, %[[SIZE]], %[[BOUND]]
// CHECK:         %[[Y:.+]] = arith.select %[[IS]], %[[NEAR]], %[[FAR]]
// CHECK:         math.copysign %[[Y]], %[[X]]
// CHECK-NOT:     math.tanh
func.func @tanh(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.tanh %x : vector<16xf32>
  return %y : vector<16xf32>
}
