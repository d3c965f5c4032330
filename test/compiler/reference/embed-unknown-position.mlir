// RUN: not osscc-eval %s --tokens=0 --positions=3 --sequences=0 2>&1 | FileCheck %s

// CHECK: row 0: error: position 3, but the table has 3
func.func @positions(%rows: !llm.rows) -> tensor<?x1xf32> {
  %table = arith.constant dense<0.0> : tensor<3x1xf32>
  %y = llm.embed %rows, %table {of_positions} : !llm.rows, tensor<3x1xf32> -> tensor<?x1xf32>
  return %y : tensor<?x1xf32>
}
