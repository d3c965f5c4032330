// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,2 | FileCheck %s

// One number a head, so that k' and q' are signs. exp(-softplus(0)) = 0.5 is left of the state, beta is 0.5.
// Row 0: 0 + 0.5 (4 - 0) = 2. Row 1: 1 + 0.5 (8 - 1) = 4.5. Row 2, k' = q' = -1: 2.25 - 0.5 (8 + 2.25) = -2.875, read as 2.875.
// CHECK:      @signs
// CHECK-NEXT: 3x1
// CHECK-NEXT: [2]
// CHECK-NEXT: [4.5]
// CHECK-NEXT: [2.875]
func.func @signs(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>) -> tensor<3x1xf32> {
  %q = arith.constant dense<[[1.0], [7.0], [-2.0]]> : tensor<3x1xf32>
  %k = arith.constant dense<[[3.0], [1.0], [-5.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[4.0], [8.0], [8.0]]> : tensor<3x1xf32>
  %a = arith.constant dense<-1.0> : tensor<3x1xf32>
  %b = arith.constant dense<0.0> : tensor<3x1xf32>
  %rate = arith.constant dense<-1.0> : tensor<1xf32>
  %shift = arith.constant dense<1.0> : tensor<1xf32>
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rate, %shift beta %b eps 1.0e-12
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>,
        tensor<3x1xf32>, tensor<1xf32>, tensor<1xf32>
  return %y : tensor<3x1xf32>
}

// The same rate as a logarithm: -exp(0).
// CHECK:      @log_rates
// CHECK-NEXT: 3x1
// CHECK-NEXT: [2]
// CHECK-NEXT: [4.5]
// CHECK-NEXT: [2.875]
func.func @log_rates(%rows: !llm.rows, %state: !llm.state<0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>) -> tensor<3x1xf32> {
  %q = arith.constant dense<[[1.0], [7.0], [-2.0]]> : tensor<3x1xf32>
  %k = arith.constant dense<[[3.0], [1.0], [-5.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[4.0], [8.0], [8.0]]> : tensor<3x1xf32>
  %zeros = arith.constant dense<0.0> : tensor<3x1xf32>
  %zero = arith.constant dense<0.0> : tensor<1xf32>
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %zeros, %zero, %zero beta %zeros eps 1.0e-12 log_rates
      : !llm.rows, <0, heads = 1, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<3x1xf32>,
        tensor<3x1xf32>, tensor<1xf32>, tensor<1xf32>
  return %y : tensor<3x1xf32>
}

// Two value heads share a key head: k' = (0.6, 0.8), q' = (0.8, 0.6) / sqrt(2), beta is 1 and nothing is left of the row before:
// 0.96 v / sqrt(2), the halves of a head's values apart.
// CHECK:      @heads
// CHECK-NEXT: 3x4
// CHECK-NEXT: [6.78823, -6.78823, 13.5765, 0]
// CHECK-NEXT: [6.78823, -6.78823, 13.5765, 0]
// CHECK-NEXT: [6.78823, -6.78823, 13.5765, 0]
func.func @heads(%rows: !llm.rows, %state: !llm.state<0, heads = 2, keys = 2, values = 2, channels = 1, kept = 1>) -> tensor<3x4xf32> {
  %q = arith.constant dense<[[4.0, 3.0], [4.0, 3.0], [8.0, 6.0]]> : tensor<3x2xf32>
  %k = arith.constant dense<[[3.0, 4.0], [6.0, 8.0], [3.0, 4.0]]> : tensor<3x2xf32>
  %v = arith.constant dense<[[10.0, -10.0, 20.0, 0.0], [10.0, -10.0, 20.0, 0.0], [10.0, -10.0, 20.0, 0.0]]> : tensor<3x4xf32>
  %a = arith.constant dense<100.0> : tensor<3x2xf32>
  %b = arith.constant dense<50.0> : tensor<3x2xf32>
  %rate = arith.constant dense<-1.0> : tensor<2xf32>
  %shift = arith.constant dense<0.0> : tensor<2xf32>
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %a, %rate, %shift beta %b eps 1.0e-12
      : !llm.rows, <0, heads = 2, keys = 2, values = 2, channels = 1, kept = 1>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x4xf32>,
        tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>
  return %y : tensor<3x4xf32>
}

// Two key heads, of which the second has the sign -1, and four value heads: a head's half of 2 has the sign of key head g / 2, and where they
// are tiled of g mod 2.
// CHECK:      @tiled
// CHECK-NEXT: 3x4
// CHECK-NEXT: [1, 1, -1, -1]
// CHECK:      3x4
// CHECK-NEXT: [1, -1, 1, -1]
func.func @tiled(%rows: !llm.rows, %state: !llm.state<0, heads = 4, keys = 1, values = 1, channels = 1, kept = 1>,
                 %other: !llm.state<1, heads = 4, keys = 1, values = 1, channels = 1, kept = 1>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %q = arith.constant dense<1.0> : tensor<3x2xf32>
  %k = arith.constant dense<[[1.0, -1.0], [1.0, -1.0], [1.0, -1.0]]> : tensor<3x2xf32>
  %v = arith.constant dense<2.0> : tensor<3x4xf32>
  %zero = arith.constant dense<0.0> : tensor<3x4xf32>
  %rate = arith.constant dense<-1.0> : tensor<4xf32>
  %y = llm.delta_rule %rows, %state layer 0, %q, %k, %v decay %zero, %rate, %rate beta %zero eps 1.0e-12
      : !llm.rows, <0, heads = 4, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x4xf32>,
        tensor<3x4xf32>, tensor<4xf32>, tensor<4xf32>
  %z = llm.delta_rule %rows, %other layer 0, %q, %k, %v decay %zero, %rate, %rate beta %zero eps 1.0e-12 tiled
      : !llm.rows, <1, heads = 4, keys = 1, values = 1, channels = 1, kept = 1>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x4xf32>,
        tensor<3x4xf32>, tensor<4xf32>, tensor<4xf32>
  return %y, %z : tensor<3x4xf32>, tensor<3x4xf32>
}
