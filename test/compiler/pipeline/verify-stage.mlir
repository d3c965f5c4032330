// RUN: osscc-opt %s --verify-stage=stage=import | FileCheck %s

// What a stage may hold passes unchanged.
// CHECK-LABEL: func @graph
func.func @graph(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: llm.add
  %y = llm.add %x, %x : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
