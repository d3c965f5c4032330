// RUN: osscc-opt %s --llm-to-tile --split-input-file | FileCheck %s

!up = !pack.block<3x64x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
!upBias = !pack.block<3x64, #pack.format<f32>, rows>
!down = !pack.block<3x32x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
!downBias = !pack.block<3x32, #pack.format<f32>, rows>

// Rows are quantized once, behind the norm that the router reads too, then copied into slots. Biases and the activation are in the epilogues;
// memory of slots has the rows of the call, k of each.
// CHECK-LABEL: func @codes
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x32xf32>
// CHECK-SAME:    %[[LOGITS:[a-z0-9]+]]: tensor<?x3xf32>
// CHECK:         %[[CODES:.+]] = tile.quantize_rows ins(%[[X]] : tensor<?x32xf32>) outs(%{{.+}} : tensor<?x19xi32>) {planes = 2 : i64}
// CHECK:         %[[PLAN:.+]] = tile.route chosen top 2 ins(%[[LOGITS]] : tensor<?x3xf32>) outs(%{{.+}} : tensor<?x11xi32>)
// CHECK:         %[[T:.+]] = tensor.dim %[[X]]
// CHECK:         %[[EMPTY:.+]] = tensor.empty(%[[T]]) : tensor<?x2x19xi32>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[EMPTY]] {{\[\[}}0, 1], [2]] : tensor<?x2x19xi32> into tensor<?x19xi32>
// CHECK:         %[[SLOTS:.+]] = tile.gather_slots ins(%[[CODES]], %[[PLAN]] : {{.+}}) outs(%[[FLAT]] : tensor<?x19xi32>)
// CHECK:         %[[H:.+]] = tile.matmul ins(%[[SLOTS]], %{{.+}}) channels(%{{.+}}) plan(%[[PLAN]] : tensor<?x11xi32>) outs({{.+}} : tensor<?x32xf32>) attributes {parts = 2 : i64, planes = 2 : i64} {
// CHECK-NEXT:    ^bb0(%[[G:.+]]: f32, %[[U:.+]]: f32, %[[GB:.+]]: f32, %[[UB:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[GATE:.+]] = arith.addf %[[G]], %[[GB]]
// CHECK-NEXT:      %[[UP:.+]] = arith.addf %[[U]], %[[UB]]
// CHECK:           %[[OVER:.+]] = arith.cmpf ogt, %[[GATE]], %[[LIMIT:.+]] :
// CHECK-NEXT:      %[[CLAMPED:.+]] = arith.select %[[OVER]], %[[LIMIT]], %[[GATE]]
// CHECK:           arith.cmpf ogt, %[[UP]]
// CHECK:           arith.cmpf olt
// CHECK:           %[[POWER:.+]] = arith.mulf %[[CLAMPED]]
// CHECK:           arith.negf %[[POWER]]
// CHECK:           math.exp
// CHECK:           arith.divf %[[CLAMPED]]
// CHECK:           arith.addf
// CHECK:           arith.mulf
// CHECK:         %[[HC:.+]] = tile.quantize_rows ins(%[[H]] : tensor<?x32xf32>)
// CHECK:         %[[D:.+]] = tile.matmul ins(%[[HC]], %{{.+}}) channels(%{{.+}}) plan(%[[PLAN]] : tensor<?x11xi32>)
// CHECK-NEXT:    ^bb0(%[[ACC:.+]]: f32, %[[DB:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      arith.addf %[[ACC]], %[[DB]]
// CHECK:         tile.combine ins(%[[D]], %[[PLAN]] : {{.+}}) outs({{.+}} : tensor<?x32xf32>)
// CHECK-NOT:     llm.
func.func @codes(%x: tensor<?x32xf32>, %logits: tensor<?x3xf32>, %w1: !up, %b1: !upBias, %w2: !down, %b2: !downBias) -> tensor<?x32xf32> {
  %ids, %weights = llm.route %logits top 2 <softmax_of_chosen> : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 bias %b1 down %w2 bias %b2 <swiglu_oai, alpha = 1.702, limit = 7.0>
      : tensor<?x32xf32>, tensor<?x2xi32>, tensor<?x2xf32>, !up bias !upBias, !down bias !downBias
  return %y : tensor<?x32xf32>
}

// -----

!up = !pack.block<3x40x32, #pack.format<bf16>, tiles>
!down = !pack.block<3x32x20, #pack.format<bf16>, tiles>

// Floats are not quantized. Halves of 20 channels are not whole tiles: a kernel of its own gates them.
// CHECK-LABEL: func @floats
// CHECK-NOT:     tile.quantize_rows
// CHECK:         tile.route all top 1
// CHECK:         %[[BOTH:.+]] = tile.matmul {{.+}} outs({{.+}} : tensor<?x40xf32>)
// CHECK-DAG:     %[[G:.+]] = tensor.extract_slice %[[BOTH]][0, 0]
// CHECK-DAG:     %[[U:.+]] = tensor.extract_slice %[[BOTH]][0, 20]
// CHECK:         %[[H:.+]] = tile.map ins(%[[G]], %[[U]] : tensor<?x20xf32>, tensor<?x20xf32>)
// CHECK:         tile.matmul ins(%[[H]]
func.func @floats(%x: tensor<?x32xf32>, %logits: tensor<?x3xf32>, %w1: !up, %w2: !down) -> tensor<?x32xf32> {
  %ids, %weights = llm.route %logits top 1 <softmax> : tensor<?x3xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu>
      : tensor<?x32xf32>, tensor<?x1xi32>, tensor<?x1xf32>, !up, !down
  return %y : tensor<?x32xf32>
}

// -----

!up = !pack.block<3x32x256, #pack.format<i6, group = 16, scale = i8, super = 256>, tiles>
!down = !pack.block<3x256x16, #pack.format<f32>, tiles>

// Groups of 16 channels want the sums of halves in their records.
// CHECK-LABEL: func @halves
// CHECK:         tile.quantize_rows {{.+}} outs(%{{.+}} : tensor<?x184xi32>)
func.func @halves(%x: tensor<?x256xf32>, %logits: tensor<?x3xf32>, %w1: !up, %w2: !down) -> tensor<?x256xf32> {
  %ids, %weights = llm.route %logits top 1 <softmax> : tensor<?x3xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu>
      : tensor<?x256xf32>, tensor<?x1xi32>, tensor<?x1xf32>, !up, !down
  return %y : tensor<?x256xf32>
}

// -----

!up = !pack.block<3x64x32, #pack.format<f32>, tiles>
!down = !pack.block<3x32x32, #pack.format<f32>, tiles>

// The residual sum writes onto the hidden rows, on whichever side the experts stand.
// CHECK-LABEL: func @residual
// CHECK-SAME:    (%[[HIDDEN:[a-z0-9]+]]: tensor<?x32xf32>
// CHECK:         %[[SUM:.+]] = tile.combine
// CHECK:         tile.map ins(%[[SUM]] : tensor<?x32xf32>) outs(%[[HIDDEN]] : tensor<?x32xf32>)
func.func @residual(%hidden: tensor<?x32xf32>, %logits: tensor<?x3xf32>, %w1: !up, %w2: !down) -> tensor<?x32xf32> {
  %ids, %weights = llm.route %logits top 1 <softmax> : tensor<?x3xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  %y = llm.experts %hidden, %ids, %weights gate_up %w1 down %w2 <silu>
      : tensor<?x32xf32>, tensor<?x1xi32>, tensor<?x1xf32>, !up, !down
  %z = llm.add %y, %hidden : tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// -----

!up = !pack.block<3x64x32, #pack.format<f32>, tiles>
!down = !pack.block<3x32x32, #pack.format<f32>, tiles>

// Experts that no routing has chosen stay: verify-stage refuses them.
// CHECK-LABEL: func @unrouted
// CHECK:         llm.experts
func.func @unrouted(%x: tensor<?x32xf32>, %ids: tensor<?x1xi32>, %weights: tensor<?x1xf32>, %w1: !up, %w2: !down) -> tensor<?x32xf32> {
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu>
      : tensor<?x32xf32>, tensor<?x1xi32>, tensor<?x1xf32>, !up, !down
  return %y : tensor<?x32xf32>
}
