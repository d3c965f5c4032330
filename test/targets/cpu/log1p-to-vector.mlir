// RUN: osscc-opt %s --tile-to-vector | FileCheck %s

// Below sqrt(2) - 1 the polynomial is of the number itself, else of what is left of the sum behind a power of two. No log is left.
// CHECK-LABEL: func @log1p
// CHECK-SAME:    (%[[X:.+]]: f32)
// CHECK-DAG:     %[[BOUND:.+]] = arith.constant 0.414213568 : f32
// CHECK-DAG:     %[[ONE:.+]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[SUM:.+]] = arith.addf %[[X]], %[[ONE]]
// CHECK:         %[[BITS:.+]] = arith.bitcast %[[SUM]] : f32 to i32
// CHECK:         arith.shrsi
// CHECK:         %[[SMALL:.+]] = arith.cmpf olt, %[[X]], %[[BOUND]]
// CHECK:         arith.select %[[SMALL]], %[[X]], %{{.+}}
// CHECK-COUNT-8: math.fma
// CHECK:         %[[Y:.+]] = math.fma
// CHECK:         arith.select %{{.+}}, %{{.+}}, %[[X]]
// CHECK-NOT:     math.log1p
func.func @log1p(%x: f32) -> f32 {
  %y = math.log1p %x : f32
  return %y : f32
}
