// RUN: not osscc-eval %s --tokens=3 2>&1 | FileCheck %s

// CHECK: row 0: error: token 3, but the vocabulary has 3
func.func @embed(%rows: !llm.rows) -> tensor<?x1xf32> {
  %table = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %y = llm.embed %rows, %table : !llm.rows, tensor<3x1xf32> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
