// RUN: osscc-eval %s --tokens=0 --positions=1 | FileCheck %s

// Of the four frequencies 1, 0.1, 0.01 and 0.001 the waves are 6.3, 63, 628 and 6283 positions. With an original context of 2048,
// waves below 2048 / 4 = 512 are kept, above 2048 the frequency is divided by 8, and 628 lies between: it keeps
// t = (2048 / 628.3 - 1) / 3 = 0.7532 of itself, 0.01 * (0.2468 / 8 + 0.7532) = 0.00784.
// CHECK:      @llama3
// CHECK-NEXT: 1x8
// CHECK-NEXT: [0.540302, 0.995004, 0.999969, 1, 0.841471, 0.0998334, 0.00784011, 0.000125]
func.func @llama3(%rows: !llm.rows) -> tensor<1x8xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = llm.rope %rows, %x by <dims = 8, theta = 1.0e+04, scaling = <kind = "llama3", factor = 8.0, low = 1.0, high = 4.0, original = 2048.0>> : !llm.rows, tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}

// Every frequency is halved: one position turns as half a position did.
// CHECK:      @linear
// CHECK-NEXT: 1x4
// CHECK-NEXT: [0.877583, 0.99998{{[78]}}, 0.479426, 0.00499998]
func.func @linear(%rows: !llm.rows) -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "linear", factor = 2.0>> : !llm.rows, tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// The first frequency is halved and the second kept: what @linear and no scaling turn.
// CHECK:      @divisors
// CHECK-NEXT: 1x4
// CHECK-NEXT: [0.877583, 0.99995, 0.479426, 0.00999983]
func.func @divisors(%rows: !llm.rows) -> tensor<1x4xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %y = llm.rope %rows, %x by <dims = 4, theta = 1.0e+04, scaling = <kind = "divisors", divisors = [2.0, 1.0]>> : !llm.rows, tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// Of the frequencies 1, 0.1, 0.01 and 0.001 the first two are up to 1.5 and so kept, the third is divided for a third, 0.01 * (1/3 / 4 + 2/3)
// = 0.0075, the last as a whole: 0.00025; cosine and sine are doubled.
// CHECK:      @yarn
// CHECK-NEXT: 1x8
// CHECK-NEXT: [1.0806, 1.99001, 1.99994, 2, 1.68294, 0.199667, 0.0149999, 0.000{{5|499999}}]
func.func @yarn(%rows: !llm.rows) -> tensor<1x8xf32> {
  %x = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<1x8xf32>
  %y = llm.rope %rows, %x by <dims = 8, theta = 1.0e+04, scaling = <kind = "yarn", factor = 4.0, low = 1.5, high = 3.0>, factor = 2.0> : !llm.rows, tensor<1x8xf32>
  return %y : tensor<1x8xf32>
}
