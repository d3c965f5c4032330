// RUN: osscc-eval %s --tokens=0,0 --positions=0,1 --sequences=0,0 | FileCheck %s

// 2 tanh(x / 2): half of ln 3 has the tanh 1/2, and nothing comes above 2.
// CHECK:      @softcap
// CHECK-NEXT: 2x2
// CHECK-NEXT: [0, 1]
// CHECK-NEXT: [-1, 2]
func.func @softcap() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[0.0, 1.09861229], [-1.09861229, 1.0e+4]]> : tensor<2x2xf32>
  %y = llm.softcap %x at 2.0 : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// The scaled scores of row 1 are -ln 3 and ln 3; under a cap of 2 they are -1 and 1, and the second position weighs e / (e + 1/e) =
// 0.880797. Without the cap it would weigh 0.9.
// CHECK:      @attention
// CHECK-NEXT: 2x1
// CHECK-NEXT: [0]
// CHECK-NEXT: [0.880797]
func.func @attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<2x1xf32> {
  %k = arith.constant dense<[[-2.19722458], [2.19722458]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[0.0], [1.0]]> : tensor<2x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1>, tensor<2x1xf32>, tensor<2x1xf32>
  %q = arith.constant dense<1.0> : tensor<2x1xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 0.5 softcap 2.0 : !llm.rows, <0, heads = 1, size = 1>, tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
