// RUN: osscc-opt %s --pack-choose-layouts | FileCheck %s

// A matrix lies in tiles, and its recipe says when it gets there.
// CHECK:      pack.weight @matrix : !pack.block<4x2, #pack.format<f32>, tiles> {
// CHECK:        %[[ROWS:.+]] = pack.quantize
// CHECK-NEXT:   %[[TILES:.+]] = pack.relayout %[[ROWS]] : <{{.*}} rows> -> <{{.*}} tiles>
// CHECK-NEXT:   pack.yield %[[TILES]]
pack.weight @matrix : !pack.block<4x2, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xf32>
  %1 = pack.quantize %0 : !pack.source<4x2xf32> -> !pack.block<4x2, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<4x2, #pack.format<f32>, rows>
}

// One value a channel stays as it is.
// CHECK:      pack.weight @scale : !pack.block<2, #pack.format<f32>, rows> {
// CHECK-NOT:    pack.relayout
pack.weight @scale : !pack.block<2, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 24 : !pack.source<2xf32>
  %1 = pack.quantize %0 : !pack.source<2xf32> -> !pack.block<2, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<2, #pack.format<f32>, rows>
}

// CHECK-LABEL: func @joins_channels
// CHECK:         llm.concat {{.*}} -> !pack.block<4, #pack.format<f32>, rows>
func.func @joins_channels() -> !pack.block<4, #pack.format<f32>, rows> {
  %b = pack.get @scale : !pack.block<2, #pack.format<f32>, rows>
  %both = llm.concat %b, %b : !pack.block<2, #pack.format<f32>, rows>, !pack.block<2, #pack.format<f32>, rows> -> !pack.block<4, #pack.format<f32>, rows>
  return %both : !pack.block<4, #pack.format<f32>, rows>
}

// CHECK-LABEL: func @uses
// CHECK:         %[[W:.+]] = pack.get @matrix : !pack.block<4x2, #pack.format<f32>, tiles>
// CHECK:         llm.concat %[[W]], %[[W]] : {{.*}} -> !pack.block<8x2, #pack.format<f32>, tiles>
func.func @uses(%x: tensor<?x2xf32>) -> tensor<?x8xf32> {
  %w = pack.get @matrix : !pack.block<4x2, #pack.format<f32>, rows>
  %both = llm.concat %w, %w : !pack.block<4x2, #pack.format<f32>, rows>, !pack.block<4x2, #pack.format<f32>, rows> -> !pack.block<8x2, #pack.format<f32>, rows>
  %y = llm.linear %x, %both : tensor<?x2xf32>, !pack.block<8x2, #pack.format<f32>, rows> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
