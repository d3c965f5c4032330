// RUN: osscc-eval %s | FileCheck %s

// As `linear`: the row (1, -2) against a head of three tokens.
// CHECK:      @logits
// CHECK-NEXT: 1x3
// CHECK-NEXT: [1, -2, -1]
func.func @logits() -> tensor<1x3xf32> {
  %x = arith.constant dense<[[1.0, -2.0]]> : tensor<1x2xf32>
  %head = arith.constant dense<[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]> : tensor<3x2xf32>
  %y = llm.logits %x, %head : tensor<1x2xf32>, tensor<3x2xf32> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
