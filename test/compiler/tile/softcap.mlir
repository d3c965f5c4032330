// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s
// RUN: osscc-opt %s --llm-to-tile --tile-fuse-epilogues --split-input-file | FileCheck %s --check-prefix=FUSED

// CHECK-LABEL: func @attention
// CHECK:         tile.attend {{.*}} softcap = 5.000000e+01 : f32
func.func @attention(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 2>, %q: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = llm.attention %rows, %cache layer 0, %q scale 0.5 softcap 50.0 : !llm.rows, <0, heads = 1, size = 2>, tensor<?x4xf32>
  return %a : tensor<?x4xf32>
}

// -----

!table = !pack.block<16x2, #pack.format<f32>, tiles>

// A cap of logits changes the product in its place, which is the segment's last argument; fused it is the product's epilogue.
// CHECK-LABEL: func @head
// CHECK-SAME:    %[[OUT:[a-z0-9]+]]: tensor<?x16xf32> {bufferization.writable = true}) -> tensor<?x16xf32>
// CHECK:         %[[P:.+]] = tile.matmul {{.*}} outs(%[[OUT]] : tensor<?x16xf32>)
// CHECK:         tile.map outs(%[[P]] : tensor<?x16xf32>)
// CHECK-NEXT:    ^bb0(%[[OLD:.+]]: f32):
// CHECK-NEXT:    %[[CAP:.+]] = arith.constant 3.000000e+01
// CHECK-NEXT:    %[[SHARE:.+]] = arith.divf %[[OLD]], %[[CAP]]
// CHECK-NEXT:    %[[TANH:.+]] = math.tanh %[[SHARE]]
// CHECK-NEXT:    arith.mulf %[[TANH]], %[[CAP]]
// FUSED-LABEL: func @head
// FUSED:         tile.matmul
// FUSED-NEXT:    ^bb0(%[[ACC:.+]]: f32, %{{.+}}: f32):
// FUSED:         %[[SHARE:.+]] = arith.divf %[[ACC]], %{{.+}}
// FUSED-NEXT:    math.tanh %[[SHARE]]
// FUSED-NOT:     tile.map
module attributes {llm.config = #llm.config<family = "test", layers = 1, hidden = 2, vocabulary = 16, positions = 8, max_rows = 8>} {
  func.func @head(%rows: !llm.rows, %x: tensor<?x2xf32>, %w: !table) -> tensor<?x16xf32> attributes {llm.segment = "head"} {
    %p = llm.logits %x, %w : tensor<?x2xf32>, !table -> tensor<?x16xf32>
    %y = llm.softcap %p at 30.0 : tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
