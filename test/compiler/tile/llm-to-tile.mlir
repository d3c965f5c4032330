// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>

// The embedding writes the hidden rows, which become the segment's argument; the handle of rows is gone.
// CHECK-LABEL: func @embed
// CHECK-SAME:    (%[[TABLE:[a-z0-9]+]]: {{.*}}, %[[HIDDEN:[a-z0-9]+]]: tensor<?x2xf32> {bufferization.writable = true})
// CHECK-NOT:     llm.
// CHECK:         tile.gather tokens ins(%[[TABLE]] : {{.*}}) outs(%[[HIDDEN]] : tensor<?x2xf32>)
func.func @embed(%rows: !llm.rows, %table: !matrix) -> tensor<?x2xf32> {
  %y = llm.embed %rows, %table : !llm.rows, !matrix -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>

// A linear is a matmul that stores its accumulator; its destination has the rows of the input.
// CHECK-LABEL: func @linear
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32> {{.*}}, %[[W:[a-z0-9]+]]: {{.*}}, %[[OUT:[a-z0-9]+]]: tensor<?x4xf32> {{.*}})
// CHECK:         tile.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[OUT]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[ACC:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:    tile.yield %[[ACC]] : f32
func.func @linear(%x: tensor<?x2xf32>, %w: !matrix) -> tensor<?x4xf32> {
  %y = llm.linear %x, %w : tensor<?x2xf32>, !matrix -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!matrix = !pack.block<4x2, #pack.format<f32>, tiles>

// Logits are a matmul onto what the call wants written; only the wanted rows are gathered.
// CHECK-LABEL: func @head
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x2xf32> {{.*}}, %[[W:[a-z0-9]+]]: {{.*}}, %[[LOGITS:[a-z0-9]+]]: tensor<?x4xf32> {{.*}})
// CHECK:         %[[COUNT:.+]] = abi.output_rows
// CHECK:         %[[EMPTY:.+]] = tensor.empty(%[[COUNT]]) : tensor<?x2xf32>
// CHECK:         %[[WANTED:.+]] = tile.gather {{ ?}}outputs ins(%[[X]] : {{.*}}) outs(%[[EMPTY]]
// CHECK:         tile.matmul ins(%[[WANTED]], %[[W]] : {{.*}}) outs(%[[LOGITS]]
func.func @head(%rows: !llm.rows, %x: tensor<?x2xf32>, %w: !matrix) -> tensor<?x4xf32> {
  %wanted = llm.output_rows %rows, %x : !llm.rows, tensor<?x2xf32> -> tensor<?x2xf32>
  %y = llm.logits %wanted, %w : tensor<?x2xf32>, !matrix -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!scale = !pack.block<2, #pack.format<f32>, rows>

// CHECK-LABEL: func @rms_norm
// CHECK:         tile.norm ins(%{{.+}}, %{{.+}} : {{.*}}) outs(%{{.+}} : tensor<?x2xf32>) {eps = {{.*}} : f32}
func.func @rms_norm(%x: tensor<?x2xf32>, %w: !scale) -> tensor<?x2xf32> {
  %y = llm.rms_norm %x, %w eps 1.0e-05 : tensor<?x2xf32>, !scale
  return %y : tensor<?x2xf32>
}

// -----

// A gated MLP of one operand reads its halves: gate first. silu(g) * u is the body.
// CHECK-LABEL: func @glu
// CHECK-SAME:    (%[[BOTH:[a-z0-9]+]]: tensor<?x8xf32>
// CHECK-DAG:     %[[UP:.+]] = tensor.extract_slice %[[BOTH]][0, 4] [%{{.+}}, 4]
// CHECK-DAG:     %[[GATE:.+]] = tensor.extract_slice %[[BOTH]][0, 0] [%{{.+}}, 4]
// CHECK:         tile.map ins(%[[GATE]], %[[UP]] : {{.*}})
// CHECK-NEXT:    ^bb0(%[[G:.+]]: f32, %[[U:.+]]: f32, %{{.+}}: f32):
// CHECK:         %[[MINUS:.+]] = arith.negf %[[G]]
// CHECK:         %[[POWER:.+]] = math.exp %[[MINUS]]
// CHECK:         %[[SUM:.+]] = arith.addf %[[POWER]], %{{.+}}
// CHECK:         %[[ACT:.+]] = arith.divf %[[G]], %[[SUM]]
// CHECK:         %[[Y:.+]] = arith.mulf %[[ACT]], %[[U]]
// CHECK:         tile.yield %[[Y]]
func.func @glu(%both: tensor<?x8xf32>) -> tensor<?x4xf32> {
  %y = llm.glu <silu> %both : tensor<?x8xf32> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

!matrix = !pack.block<2x2, #pack.format<f32>, tiles>

// The residual sum writes onto the hidden rows, on whichever side the projection stands.
// CHECK-LABEL: func @add
// CHECK-SAME:    (%[[HIDDEN:[a-z0-9]+]]: tensor<?x2xf32>
// CHECK:         %[[PROJECTION:.+]] = tile.matmul
// CHECK:         tile.map ins(%[[PROJECTION]] : {{.*}}) outs(%[[HIDDEN]] : tensor<?x2xf32>)
// CHECK:         arith.addf
func.func @add(%hidden: tensor<?x2xf32>, %w: !matrix) -> tensor<?x2xf32> {
  %p = llm.linear %hidden, %w : tensor<?x2xf32>, !matrix -> tensor<?x2xf32>
  %y = llm.add %p, %hidden : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
