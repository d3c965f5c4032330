// RUN: osscc-opt %s --pack-fold-recipes | FileCheck %s

!rows = !pack.block<4x2, #pack.format<bf16>, rows>
!tiles = !pack.block<4x2, #pack.format<bf16>, tiles>

// The join becomes one straight recipe: slices, concat, then one quantize and one relayout.
// CHECK:      pack.weight @"a+b" : !pack.block<8x2, #pack.format<bf16>, tiles> {
// CHECK-NEXT:   %[[A:.+]] = pack.slice "model.safetensors" at 8
// CHECK-NEXT:   %[[B:.+]] = pack.slice "model.safetensors" at 24
// CHECK-NEXT:   %[[BOTH:.+]] = pack.concat %[[A]], %[[B]] : {{.*}} -> !pack.source<8x2xbf16>
// CHECK-NEXT:   %[[ROWS:.+]] = pack.quantize %[[BOTH]]
// CHECK-NEXT:   %[[TILES:.+]] = pack.relayout %[[ROWS]]
// CHECK-NEXT:   pack.yield %[[TILES]]

// Nobody reads the second part or the spare one alone any more; the first has a reader left.
// CHECK:      pack.weight @a :
// CHECK-NOT:  pack.weight @b
// CHECK-NOT:  pack.weight @spare
pack.weight @a : !tiles {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xbf16>
  %1 = pack.quantize %0 : !pack.source<4x2xbf16> -> !rows
  %2 = pack.relayout %1 : !rows -> !tiles
  pack.yield %2 : !tiles
}
pack.weight @b : !tiles {
  %0 = pack.slice "model.safetensors" at 24 : !pack.source<4x2xbf16>
  %1 = pack.quantize %0 : !pack.source<4x2xbf16> -> !rows
  %2 = pack.relayout %1 : !rows -> !tiles
  pack.yield %2 : !tiles
}
pack.weight @spare : !tiles {
  %0 = pack.slice "model.safetensors" at 40 : !pack.source<4x2xbf16>
  %1 = pack.quantize %0 : !pack.source<4x2xbf16> -> !rows
  %2 = pack.relayout %1 : !rows -> !tiles
  pack.yield %2 : !tiles
}

// CHECK-LABEL: func @uses
// CHECK-NOT:     llm.concat
// CHECK:         %[[W:.+]] = pack.get @"a+b" : !pack.block<8x2, #pack.format<bf16>, tiles>
// CHECK:         llm.linear %{{.*}}, %[[W]]
func.func @uses(%x: tensor<?x2xf32>) -> (tensor<?x8xf32>, tensor<?x4xf32>) {
  %a = pack.get @a : !tiles
  %b = pack.get @b : !tiles
  %both = llm.concat %a, %b : !tiles, !tiles -> !pack.block<8x2, #pack.format<bf16>, tiles>
  %y = llm.linear %x, %both : tensor<?x2xf32>, !pack.block<8x2, #pack.format<bf16>, tiles> -> tensor<?x8xf32>
  %z = llm.linear %x, %a : tensor<?x2xf32>, !tiles -> tensor<?x4xf32>
  return %y, %z : tensor<?x8xf32>, tensor<?x4xf32>
}

!bias = !pack.block<4, #pack.format<f32>, rows>

// Biases join without tiles.
// CHECK:      pack.weight @"bias+bias" : !pack.block<8, #pack.format<f32>, rows> {
// CHECK:        %[[BOTH:.+]] = pack.concat %{{.+}}, %{{.+}} : {{.*}} -> !pack.source<8xf16>
// CHECK-NEXT:   %[[ROWS:.+]] = pack.quantize %[[BOTH]]
// CHECK-NEXT:   pack.yield %[[ROWS]]
// CHECK-LABEL: func @biases
// CHECK:         pack.get @"bias+bias"
pack.weight @bias : !bias {
  %0 = pack.slice "model.safetensors" at 56 : !pack.source<4xf16>
  %1 = pack.quantize %0 : !pack.source<4xf16> -> !bias
  pack.yield %1 : !bias
}
func.func @biases() -> !pack.block<8, #pack.format<f32>, rows> {
  %b = pack.get @bias : !bias
  %both = llm.concat %b, %b : !bias, !bias -> !pack.block<8, #pack.format<f32>, rows>
  return %both : !pack.block<8, #pack.format<f32>, rows>
}
