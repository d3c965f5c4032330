// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,0 --sequences=0,0,1 | FileCheck %s

// Two taps, 0.5 of the row before and 2 of the row's own: 2 * 1, 0.5 * 1 + 2 * 3; the third row begins another sequence.
// CHECK:      @conv
// CHECK-NEXT: 3x1
// CHECK-NEXT: [2]
// CHECK-NEXT: [6.5]
// CHECK-NEXT: [10]
func.func @conv(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>) -> tensor<3x1xf32> {
  %x = arith.constant dense<[[1.0], [3.0], [5.0]]> : tensor<3x1xf32>
  %w = arith.constant dense<[[0.5], [2.0]]> : tensor<2x1xf32>
  %y = llm.short_conv %rows, %state layer 0, %x, %w
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<2x1xf32>
  return %y : tensor<3x1xf32>
}

// The activation is applied to the sum: silu(2) = 1.76159, silu(6.5) = 6.49024.
// CHECK:      @activated
// CHECK-NEXT: 3x1
// CHECK-NEXT: [1.76159]
// CHECK-NEXT: [6.49024]
// CHECK-NEXT: [9.99955]
func.func @activated(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>) -> tensor<3x1xf32> {
  %x = arith.constant dense<[[1.0], [3.0], [5.0]]> : tensor<3x1xf32>
  %w = arith.constant dense<[[0.5], [2.0]]> : tensor<2x1xf32>
  %y = llm.short_conv %rows, %state layer 0, %x, %w then <silu>
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<2x1xf32>
  return %y : tensor<3x1xf32>
}

// Layers have states of their own: the second one begins with zeros.
// CHECK:      @layers
// CHECK-NEXT: 3x1
// CHECK-NEXT: [4]
// CHECK-NEXT: [14]
// CHECK-NEXT: [20]
func.func @layers(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>) -> tensor<3x1xf32> {
  %x = arith.constant dense<[[1.0], [3.0], [5.0]]> : tensor<3x1xf32>
  %w = arith.constant dense<[[0.5], [2.0]]> : tensor<2x1xf32>
  %y = llm.short_conv %rows, %state layer 0, %x, %w
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<2x1xf32>
  %z = llm.short_conv %rows, %state layer 1, %y, %w
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<2x1xf32>
  return %z : tensor<3x1xf32>
}
