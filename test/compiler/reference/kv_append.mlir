// RUN: osscc-eval %s --tokens=0,0 --positions=0,1 | FileCheck %s

// The later of two writes to a position holds. Equal keys: the mean of the values up to the row's own.
// CHECK:      @overwritten
// CHECK-NEXT: 2x1
// CHECK-NEXT: [3]
// CHECK-NEXT: [5]
func.func @overwritten(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<2x1xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x1xf32>
  %v = arith.constant dense<[[3.0], [7.0]]> : tensor<2x1xf32>
  llm.kv_append %rows, %cache layer 0, %zero, %zero : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<2x1xf32>, tensor<2x1xf32>
  llm.kv_append %rows, %cache layer 0, %zero, %v : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<2x1xf32>, tensor<2x1xf32>
  %y = llm.attention %rows, %cache layer 0, %zero scale 1.0 : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<2x1xf32>
  return %y : tensor<2x1xf32>
}
