// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,2 --sequences=0,0,0 | FileCheck %s

// A window of two positions: row 2 sees the values of positions 1 and 2 alone, at equal weights.
// CHECK:      @window
// CHECK-NEXT: 3x1
// CHECK-NEXT: [10]
// CHECK-NEXT: [15]
// CHECK-NEXT: [25]
func.func @window(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1, window = 2>) -> tensor<3x1xf32> {
  %k = arith.constant dense<1.0> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1, window = 2>, tensor<3x1xf32>, tensor<3x1xf32>
  %y = llm.attention %rows, %cache layer 0, %k scale 1.0 mask <window = 2> : !llm.rows, <0, heads = 1, size = 1, window = 2>, tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// A sink is one score more, without a value and without the scale: scores are 0. Head 0 has a sink of 0 and so one share more: 10 / 2,
// 30 / 3, 60 / 4. Head 1 has one of ln 3, three shares more: 10 / 4, 30 / 5, 60 / 6.
// CHECK:      @sinks
// CHECK-NEXT: 3x2
// CHECK-NEXT: [5, 2.5]
// CHECK-NEXT: [10, 6]
// CHECK-NEXT: [15, 10]
func.func @sinks(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<3x2xf32> {
  %k = arith.constant dense<1.0> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1>, tensor<3x1xf32>, tensor<3x1xf32>
  %q = arith.constant dense<0.0> : tensor<3x2xf32>
  %s = arith.constant dense<[0.0, 1.09861229]> : tensor<2xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 0.125 sinks %s : !llm.rows, <0, heads = 1, size = 1>, tensor<3x2xf32>, tensor<2xf32>
  return %y : tensor<3x2xf32>
}

// A sink far above every score leaves nothing, and overflows nothing; one far below changes nothing.
// CHECK:      @extremes
// CHECK-NEXT: 3x2
// CHECK-NEXT: [0, 10]
// CHECK-NEXT: [0, 15]
// CHECK-NEXT: [0, 20]
func.func @extremes(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<3x2xf32> {
  %k = arith.constant dense<1.0> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1>, tensor<3x1xf32>, tensor<3x1xf32>
  %q = arith.constant dense<0.0> : tensor<3x2xf32>
  %s = arith.constant dense<[3.0e+4, -3.0e+4]> : tensor<2xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 sinks %s : !llm.rows, <0, heads = 1, size = 1>, tensor<3x2xf32>, tensor<2xf32>
  return %y : tensor<3x2xf32>
}
