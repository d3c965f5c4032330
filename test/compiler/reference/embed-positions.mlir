// RUN: osscc-eval %s --tokens=7,7,7 --positions=2,0,1 --sequences=0,1,1 | FileCheck %s

// Row t is the table's row of position t, whatever the token.
// CHECK:      @positions
// CHECK-NEXT: 3x2
// CHECK-NEXT: [5, 6]
// CHECK-NEXT: [1, 2.5]
// CHECK-NEXT: [3, 4]
func.func @positions(%rows: !llm.rows) -> tensor<?x2xf32> {
  %table = arith.constant dense<[[1.0, 2.5], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf16>
  %y = llm.embed %rows, %table {of_positions} : !llm.rows, tensor<3x2xf16> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
