// RUN: not osscc-eval %s --tokens=0 --positions=3 2>&1 | FileCheck %s

// CHECK: row 0: error: nothing was appended at position 0 of sequence 0
func.func @attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<1x1xf32> {
  %q = arith.constant dense<0.0> : tensor<1x1xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 : !llm.rows, !llm.cache<0, heads = 1, size = 1>, tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
