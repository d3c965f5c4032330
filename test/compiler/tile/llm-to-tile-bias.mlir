// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>
!bias = !pack.block<4, #pack.format<f32>, rows>

// A bias is added to the finished product, in place.
// CHECK-LABEL: func @linear
// CHECK-SAME:    %[[B:[a-z0-9]+]]: !pack.block<4, #pack.format<f32>, rows>
// CHECK:         %[[PRODUCT:.+]] = tile.matmul
// CHECK:         %[[Y:.+]] = tile.map ins(%[[B]] : {{.*}}) outs(%[[PRODUCT]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[BIAS:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:    %[[SUM:.+]] = arith.addf %[[OLD]], %[[BIAS]] : f32
// CHECK-NEXT:    tile.yield %[[SUM]] : f32
// CHECK:         return %[[Y]]
func.func @linear(%x: tensor<?x2xf32>, %w: !matrix, %b: !bias) -> tensor<?x4xf32> {
  %y = llm.linear %x, %w bias %b : tensor<?x2xf32>, !matrix, !bias -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!matrix = !pack.block<2x2, #pack.format<f32>, tiles>
!bias = !pack.block<2, #pack.format<f32>, rows>

// The residual sum writes onto the hidden rows, on whichever side the biased projection stands.
// CHECK-LABEL: func @add
// CHECK-SAME:    (%[[HIDDEN:[a-z0-9]+]]: tensor<?x2xf32>
// CHECK:         %[[PROJECTION:.+]] = tile.map ins(%{{.+}} : !pack.block
// CHECK:         tile.map ins(%[[PROJECTION]] : {{.*}}) outs(%[[HIDDEN]] : tensor<?x2xf32>)
func.func @add(%hidden: tensor<?x2xf32>, %w: !matrix, %b: !bias) -> tensor<?x2xf32> {
  %p = llm.linear %hidden, %w bias %b : tensor<?x2xf32>, !matrix, !bias -> tensor<?x2xf32>
  %y = llm.add %p, %hidden : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
