// RUN: osscc-opt %s --llm-to-tile | FileCheck %s

// Rows that nobody else reads are multiplied in their place; a value for all channels is no bias of the product.
// CHECK-LABEL: func @multiply
// CHECK-SAME:    (%[[X:.+]]: tensor<?x2xf32> {{.*}}, %[[S:.+]]: !pack.block<1, #pack.format<f32>, rows>
// CHECK:         %[[SUM:.+]] = tile.map ins(%{{.+}} : tensor<?x2xf32>) outs(%[[X]] : tensor<?x2xf32>)
// CHECK:         tile.map ins(%[[S]] : !pack.block<1, #pack.format<f32>, rows>) outs(%[[SUM]] : tensor<?x2xf32>)
// CHECK-NEXT:    ^bb0(%[[W:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:    arith.mulf %[[OLD]], %[[W]]
func.func @multiply(%x: tensor<?x2xf32>, %s: !pack.block<1, #pack.format<f32>, rows>, %o: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %a = llm.add %x, %o : tensor<?x2xf32>
  %y = llm.multiply %a, %s : tensor<?x2xf32>, !pack.block<1, #pack.format<f32>, rows>
  return %y : tensor<?x2xf32>
}
