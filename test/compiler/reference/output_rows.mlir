// RUN: osscc-eval %s --tokens=0,0,0 --outputs=0,2 | FileCheck %s

// CHECK:      @output_rows
// CHECK-NEXT: 2x2
// CHECK-NEXT: [1, 2]
// CHECK-NEXT: [5, 6]
func.func @output_rows(%rows: !llm.rows) -> tensor<?x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %y = llm.output_rows %rows, %x : !llm.rows, tensor<3x2xf32> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
