// RUN: osscc-eval %s | FileCheck %s

// Rows of the first part come first.
// CHECK:      @concat
// CHECK-NEXT: 3x2
// CHECK-NEXT: [1, 2]
// CHECK-NEXT: [3, 4]
// CHECK-NEXT: [5, 6]
func.func @concat() -> tensor<3x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[[3.0, 4.0], [5.0, 6.0]]> : tensor<2x2xf32>
  %y = llm.concat %a, %b : tensor<1x2xf32>, tensor<2x2xf32> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
