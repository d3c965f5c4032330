// RUN: osscc-eval %s --tokens=0,0,0 --positions=0,1,2 --sequences=0,0,0 | FileCheck %s

// Chunks of two positions: row 1 sees its own chunk, at equal weights, and row 2 begins the next.
// CHECK:      @chunks
// CHECK-NEXT: 3x1
// CHECK-NEXT: [10]
// CHECK-NEXT: [15]
// CHECK-NEXT: [30]
func.func @chunks(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1, window = 2>) -> tensor<3x1xf32> {
  %k = arith.constant dense<1.0> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1, window = 2>, tensor<3x1xf32>, tensor<3x1xf32>
  %y = llm.attention %rows, %cache layer 0, %k scale 1.0 mask <window = 2, chunked = true> : !llm.rows, <0, heads = 1, size = 1, window = 2>, tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// At position 1 a step of two positions is over, since the offset adds one: scores are multiplied by 1 + log 2 / log 2 = 2. Those of keys 0
// and log(3) / 2 weigh 1 and 3 then: (10 + 60) / 4, (10 + 60 + 30) / 5.
// CHECK:      @temperature
// CHECK-NEXT: 3x1
// CHECK-NEXT: [10]
// CHECK-NEXT: [17.5]
// CHECK-NEXT: [20]
func.func @temperature(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 1>) -> tensor<3x1xf32> {
  %q = arith.constant dense<1.0> : tensor<3x1xf32>
  %k = arith.constant dense<[[0.0], [0.549306144], [0.0]]> : tensor<3x1xf32>
  %v = arith.constant dense<[[10.0], [20.0], [30.0]]> : tensor<3x1xf32>
  llm.kv_append %rows, %cache layer 0, %k, %v : !llm.rows, <0, heads = 1, size = 1>, tensor<3x1xf32>, tensor<3x1xf32>
  %y = llm.attention %rows, %cache layer 0, %q scale 1.0 temperature <step = 2, scale = 1.4426950408889634, offset = 1> : !llm.rows, <0, heads = 1, size = 1>, tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}
