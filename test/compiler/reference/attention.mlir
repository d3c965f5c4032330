// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,0 --sequences=0,0,1 | FileCheck %s

// Two query heads of one channel share one key-value head; rows 0 and 1 are one sequence, row 2 another.
// Row 0 and row 2 see themselves alone: their own value. Row 1 weighs values 10 and 20 by softmax of its scores:
// head 0, q = 0: equal weights, 15; head 1, q = ln 3 with keys 0 and 1: weights 1/4 and 3/4, 17.5.
// CHECK:      @attention
// CHECK-NEXT: 3x2
// CHECK-NEXT: [10, 10]
// CHECK-NEXT: [15, 17.5]
// CHECK-NEXT: [30, 30]
func.func @attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<3x2xf32> {
  %k = arith.constant dense<[[0.0], [1.0], [2.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<3x1xf32>, tensor<3x1xf32>
  %q = arith.constant dense<[[5.0, 5.0], [0.0, 1.09861229], [5.0, 5.0]]> : tensor<3x2xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// Query heads 0, 1 read key-value head 0, heads 2, 3 head 1; layers keep apart; `scale` halves ln 9 to ln 3.
// CHECK:      @grouped
// CHECK-NEXT: 3x4
// CHECK-NEXT: [1, 1, 2, 2]
// CHECK-NEXT: [1.75, 1.75, 3.5, 3.5]
// CHECK-NEXT: [5, 5, 6, 6]
func.func @grouped(%rows: !llm.rows, %cache: !llm.cache<0, heads = 2, size = 1>) -> tensor<3x4xf32> {
  %k = arith.constant dense<[[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]> : tensor<3x2xf32>
  %v = arith.constant dense<[[1.0, 2.0], [2.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, !llm.cache<0, heads = 2, size = 1>, tensor<3x2xf32>, tensor<3x2xf32>
  llm.kv_append %rows, %cache layer 1, %v, %k : !llm.rows, !llm.cache<0, heads = 2, size = 1>, tensor<3x2xf32>, tensor<3x2xf32>
  %q = arith.constant dense<2.19722458> : tensor<3x4xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 0.5 : !llm.rows, !llm.cache<0, heads = 2, size = 1>, tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
