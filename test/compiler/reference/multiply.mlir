// RUN: osscc-eval %s --tokens=0,0 --positions=0,1 --sequences=0,0 | FileCheck %s

// CHECK:      @multiply
// CHECK-NEXT: 2x2
// CHECK-NEXT: [3, -12]
// CHECK-NEXT: [0, 6]
func.func @multiply() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [0.0, -1.0]]> : tensor<2x2xf32>
  %one = arith.constant dense<3.0> : tensor<1xf32>
  %all = arith.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %a = llm.multiply %x, %one : tensor<2x2xf32>, tensor<1xf32>
  %y = llm.multiply %a, %all : tensor<2x2xf32>, tensor<2xf32>
  return %y : tensor<2x2xf32>
}

// Of two pairs one turns, at position 1 by half an angle of 1: cos 0.5 = 0.877583, sin 0.5 = 0.479426. The other stays.
// CHECK:      @proportional
// CHECK-NEXT: 2x4
// CHECK-NEXT: [1, 2, 0, 4]
// CHECK-NEXT: [0.877583, 2, 0.479426, 4]
func.func @proportional(%rows: !llm.rows) -> tensor<2x4xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 0.0, 4.0], [1.0, 2.0, 0.0, 4.0]]> : tensor<2x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "proportional", factor = 2.0, low = 1.0>> : !llm.rows, tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
