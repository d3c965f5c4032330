// RUN: osscc-eval %s | FileCheck %s

// CHECK:      @scale
// CHECK-NEXT: 1x3
// CHECK-NEXT: [0.25, -0.5, 0]
func.func @scale() -> tensor<1x3xf32> {
  %x = arith.constant dense<[[1.0, -2.0, 0.0]]> : tensor<1x3xf32>
  %y = llm.scale %x by 0.25 : tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
