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

// A matrix that only embed reads is a table: a row lies by itself. One that the head reads too lies in tiles.
// CHECK:      pack.weight @embedded : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, table> {
// CHECK:        %[[ROWS:.+]] = pack.slice
// CHECK-NEXT:   pack.relayout %[[ROWS]] : <{{.*}} rows> -> <{{.*}} table>
pack.weight @embedded : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows> {
  %0 = pack.slice "model.gguf" at 8 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
  pack.yield %0 : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
}
// CHECK: pack.weight @tied : !pack.block<4x2, #pack.format<f32>, tiles> {
pack.weight @tied : !pack.block<4x2, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xf32>
  %1 = pack.quantize %0 : !pack.source<4x2xf32> -> !pack.block<4x2, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<4x2, #pack.format<f32>, rows>
}

// CHECK-LABEL: func @embed
// CHECK:         pack.get @embedded : !pack.block<4x32, {{.+}}, table>
func.func @embed(%rows: !llm.rows) -> (tensor<?x32xf32>, tensor<?x2xf32>) {
  %t = pack.get @embedded : !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows>
  %x = llm.embed %rows, %t : !llm.rows, !pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, rows> -> tensor<?x32xf32>
  %u = pack.get @tied : !pack.block<4x2, #pack.format<f32>, rows>
  %y = llm.embed %rows, %u : !llm.rows, !pack.block<4x2, #pack.format<f32>, rows> -> tensor<?x2xf32>
  return %x, %y : tensor<?x32xf32>, tensor<?x2xf32>
}
func.func @head(%x: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %u = pack.get @tied : !pack.block<4x2, #pack.format<f32>, rows>
  %y = llm.logits %x, %u : tensor<?x2xf32>, !pack.block<4x2, #pack.format<f32>, rows> -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
