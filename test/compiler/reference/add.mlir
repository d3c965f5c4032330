// RUN: osscc-eval %s | FileCheck %s

// CHECK:      @add
// CHECK-NEXT: 2x2
// CHECK-NEXT: [11, 22]
// CHECK-NEXT: [33, 44]
func.func @add() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[10.0, 20.0], [30.0, 40.0]]> : tensor<2x2xf32>
  %y = llm.add %a, %b : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
