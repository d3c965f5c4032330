// RUN: osscc-eval %s --tokens=0,0 --positions=0,1 --sequences=0,0 | FileCheck %s

// Weights 2 and 3 of the first row, from the second channel on: 2 * 1 + 3 * 10 = 32 and 2 * 2 + 3 * 20 = 64.
// CHECK:      @mix
// CHECK-NEXT: 2x2
// CHECK-NEXT: [32, 64]
// CHECK-NEXT: [-1, -2]
func.func @mix() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0], [1.0, 2.0]]> : tensor<2x2xf32>
  %b = arith.constant dense<[[10.0, 20.0], [10.0, 20.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[9.0, 2.0, 3.0], [9.0, -1.0, 0.0]]> : tensor<2x3xf32>
  %y = llm.mix %a, %b by %w from 1 : tensor<2x2xf32>, tensor<2x2xf32> by tensor<2x3xf32> -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// The target's squares have the mean 16, the row's 4: it is doubled. A row of ones is not below `least`, one of halves is taken as one of ones.
// CHECK:      @match
// CHECK-NEXT: 2x2
// CHECK-NEXT: [4, -4]
// CHECK-NEXT: [2, 2]
func.func @match() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[2.0, -2.0], [0.5, 0.5]]> : tensor<2x2xf32>
  %to = arith.constant dense<[[4.0, 4.0], [4.0, -4.0]]> : tensor<2x2xf32>
  %y = llm.match %x to %to least 1.0 : tensor<2x2xf32> to tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// The first row's mean is 3 and its deviation 2: above 3 + 2 / 2 lie 0 and 1. Of equal values nothing lies above.
// CHECK:      @cutoff
// CHECK-NEXT: 2x2
// CHECK-NEXT: [0, 1]
// CHECK-NEXT: [0, 0]
func.func @cutoff() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 5.0], [7.0, 7.0]]> : tensor<2x2xf32>
  %y = llm.cutoff %x at 0.5 : tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// Of 0 the softplus is ln 2: 2 becomes 4 ln 2 + 2 / 2, and -ln 2 becomes (1/2 + ln 2) * (1/2 - 1 + ln 2) - ln 2 / 2.
// CHECK:      @xielu
// CHECK-NEXT: 1x2
// CHECK-NEXT: [3.77259, -0.116121]
func.func @xielu() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[2.0, -0.69314718]]> : tensor<1x2xf32>
  %zero = arith.constant dense<0.0> : tensor<1xf32>
  %beta = arith.constant dense<0.5> : tensor<1xf32>
  %eps = arith.constant dense<-1.0e-6> : tensor<1xf32>
  %y = llm.xielu %x by %zero, %zero, %beta, %eps : tensor<1x2xf32> by tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
  return %y : tensor<1x2xf32>
}
