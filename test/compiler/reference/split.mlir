// RUN: osscc-eval %s | FileCheck %s

// CHECK:      @split
// CHECK-NEXT: 2x1
// CHECK-NEXT: [1]
// CHECK-NEXT: [4]
// CHECK-NEXT: 2x2
// CHECK-NEXT: [2, 3]
// CHECK-NEXT: [5, 6]
func.func @split() -> (tensor<2x1xf32>, tensor<2x2xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %a, %b = llm.split %x : tensor<2x3xf32> -> tensor<2x1xf32>, tensor<2x2xf32>
  return %a, %b : tensor<2x1xf32>, tensor<2x2xf32>
}
