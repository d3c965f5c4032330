// RUN: osscc-opt %s --llm-to-tile | FileCheck %s

!up = !pack.block<3x64x32, #pack.format<i8, group = 32, scale = f16>, tiles>
!down = !pack.block<3x32x32, #pack.format<i8, group = 32, scale = f16>, tiles>
!scales = !pack.block<3, #pack.format<f32>, rows>

// Slots are weighed before they are quantized, each by itself, and added up as they are. Scales go into the plan.
// CHECK-LABEL: func @moe
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: tensor<?x32xf32>
// CHECK:         %[[PLAN:.+]] = tile.route sigmoid top 2 ins(%{{.+}}) scales(%{{.+}} : !pack.block<3, {{.+}}) outs
// CHECK:         %[[SLOTS:.+]] = tile.gather_slots ins(%[[X]], %[[PLAN]] : {{.+}}) outs(%{{.+}} : tensor<?x32xf32>) {weighed}
// CHECK:         %[[CODES:.+]] = tile.quantize_rows ins(%[[SLOTS]] : tensor<?x32xf32>)
// CHECK:         tile.matmul ins(%[[CODES]], %{{.+}}) plan(%[[PLAN]]
// CHECK:         tile.combine {{.+}} attributes {unweighed} {
// CHECK-NOT:     llm.
func.func @moe(%x: tensor<?x32xf32>, %logits: tensor<?x3xf32>, %s: !scales, %w1: !up, %w2: !down) -> tensor<?x32xf32> {
  %ids, %weights = llm.route %logits scales %s top 2 <sigmoid> : tensor<?x3xf32> scales !scales -> tensor<?x2xi32>, tensor<?x2xf32>
  %y = llm.experts %x, %ids, %weights gate_up %w1 down %w2 <silu> {weighs_input}
      : tensor<?x32xf32>, tensor<?x2xi32>, tensor<?x2xf32>, !up, !down
  return %y : tensor<?x32xf32>
}
