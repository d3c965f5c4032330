// RUN: osscc-eval %s --tokens=2,0,2 | FileCheck %s

// Row t is the table's row of token t; f16 values widen exactly.
// CHECK:      @embed
// CHECK-NEXT: 3x2
// CHECK-NEXT: [5, 6]
// CHECK-NEXT: [1, 2.5]
// CHECK-NEXT: [5, 6]
func.func @embed(%rows: !llm.rows) -> tensor<?x2xf32> {
  %table = arith.constant dense<[[1.0, 2.5], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf16>
  %y = llm.embed %rows, %table : !llm.rows, tensor<3x2xf16> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
