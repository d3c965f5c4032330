// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,2 | FileCheck %s

// One head of 4: the pairs are (x0, x2), which turns by 1 radian a position, and (x1, x3), by theta^(-2/4) = 0.01.
// Row 0 stands still; (1, 0) becomes (cos, sin), (0, 1) becomes (-sin, cos).
// CHECK:      @rope
// CHECK-NEXT: 3x4
// CHECK-NEXT: [1, 0, 0, 1]
// CHECK-NEXT: [0.540302, -0.00999983, 0.841471, 0.99995]
// CHECK-NEXT: [-0.416147, -0.0199987, 0.909297, 0.9998]
func.func @rope(%rows: !llm.rows) -> tensor<3x4xf32> {
  %x = arith.constant dense<[[1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]]> : tensor<3x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04> : !llm.rows, tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Each head turns alike.
// CHECK:      @heads
// CHECK-NEXT: 3x4
// CHECK-NEXT: [1, 0, 0, 2]
// CHECK-NEXT: [0.540302, 0.841471, -1.68294, 1.0806]
// CHECK-NEXT: [-0.416147, 0.909297, -1.81859, -0.832294]
func.func @heads(%rows: !llm.rows) -> tensor<3x4xf32> {
  %x = arith.constant dense<[[1.0, 0.0, 0.0, 2.0], [1.0, 0.0, 0.0, 2.0], [1.0, 0.0, 0.0, 2.0]]> : tensor<3x4xf32>
  %y = llm.rope %rows, %x by <dims = 2, theta = 1.0e+04> : !llm.rows, tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// Of a head of 4 with two channels that turn, the pair (x0, x2) does, by 1 radian a position; (x1, x3) stays.
// CHECK:      @part
// CHECK-NEXT: 3x4
// CHECK-NEXT: [1, 3, 0, 1]
// CHECK-NEXT: [0.540302, 3, 0.841471, 1]
// CHECK-NEXT: [-0.416147, 3, 0.909297, 1]
func.func @part(%rows: !llm.rows) -> tensor<3x4xf32> {
  %x = arith.constant dense<[[1.0, 3.0, 0.0, 1.0], [1.0, 3.0, 0.0, 1.0], [1.0, 3.0, 0.0, 1.0]]> : tensor<3x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, turned = 2> : !llm.rows, tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
