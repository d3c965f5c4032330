// RUN: osscc-eval %s --tokens=0 --positions=8191 | FileCheck %s

// The second angle is 8191 * f32(1/100) rounded to f32, 81.909996; the exact 81.91 would give 0.973987 and 0.226605.
// CHECK:      @rope
// CHECK-NEXT: 1x4
// CHECK-NEXT: [-0.64639, 0.973988, -0.763007, 0.226602]
func.func @rope(%rows: !llm.rows) -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04> : !llm.rows, tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
