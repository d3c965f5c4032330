// RUN: osscc-opt %s --tile-bind-segments | FileCheck %s

pack.weight @w : !pack.block<4x2, #pack.format<bf16>, tiles> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xbf16>
  %1 = pack.quantize %0 : !pack.source<4x2xbf16> -> !pack.block<4x2, #pack.format<bf16>, rows>
  %2 = pack.relayout %1 : !pack.block<4x2, #pack.format<bf16>, rows> -> !pack.block<4x2, #pack.format<bf16>, tiles>
  pack.yield %2 : !pack.block<4x2, #pack.format<bf16>, tiles>
}

// The head reads the hidden rows at the arena's start and writes where the call wants its logits; the weight is memory of whole tiles
// of 16 rows and pairs of channels.
// CHECK-LABEL: func @head() attributes {abi.segment = "head"}
// CHECK:         %[[T:.+]] = abi.rows
// CHECK:         %[[HIDDEN:.+]] = abi.arena 0(%[[T]]) : memref<?x2xf32>
// CHECK:         %[[O:.+]] = abi.output_rows
// CHECK:         %[[LOGITS:.+]] = abi.output %[[O]] : memref<?x4xf32>
// CHECK:         %[[W:.+]] = abi.weight @w : memref<1x1x16x2xbf16>
// CHECK:         tile.matmul ins(%[[HIDDEN]], %[[W]] : {{.*}}) outs(%[[LOGITS]]
// CHECK:         return{{$}}
func.func @head(%x: memref<?x2xf32>, %logits: memref<?x4xf32>) -> memref<?x4xf32> attributes {abi.segment = "head"} {
  %w = pack.get @w : !pack.block<4x2, #pack.format<bf16>, tiles>
  tile.matmul ins(%x, %w : memref<?x2xf32>, !pack.block<4x2, #pack.format<bf16>, tiles>) outs(%logits : memref<?x4xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return %logits : memref<?x4xf32>
}

pack.weight @blocks : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, tiles> {
  %0 = pack.slice "model.gguf" at 8 : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, rows>
  %1 = pack.relayout %0 : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, rows> -> !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, tiles>
  pack.yield %1 : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, tiles>
}

// Blocks become bytes, 16 rows of 18 in whole lines; what they are is then the kernel's attribute.
// CHECK-LABEL: func @table() attributes {abi.segment = "body"}
// CHECK:         %[[W:.+]] = abi.weight @blocks : memref<1x320xi8>
// CHECK:         tile.gather tokens ins(%[[W]] : memref<1x320xi8>) {{.*}} {format = #pack.format<i4, group = 32, scale = f16>}
func.func @table(%x: memref<?x32xf32>) -> memref<?x32xf32> attributes {abi.segment = "body"} {
  %w = pack.get @blocks : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, tiles>
  tile.gather tokens ins(%w : !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, tiles>) outs(%x : memref<?x32xf32>)
  return %x : memref<?x32xf32>
}

pack.weight @bias : !pack.block<4, #pack.format<f32>, rows> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4xf32>
  %1 = pack.quantize %0 : !pack.source<4xf32> -> !pack.block<4, #pack.format<f32>, rows>
  pack.yield %1 : !pack.block<4, #pack.format<f32>, rows>
}

// A bias becomes memory of a value a channel.
// CHECK-LABEL: func @biased() attributes {abi.segment = "head"}
// CHECK:         %[[B:.+]] = abi.weight @bias : memref<4xf32>
// CHECK:         tile.matmul ins({{.*}}) channels(%[[B]] : memref<4xf32>) outs
func.func @biased(%x: memref<?x2xf32>, %logits: memref<?x4xf32>) -> memref<?x4xf32> attributes {abi.segment = "head"} {
  %w = pack.get @w : !pack.block<4x2, #pack.format<bf16>, tiles>
  %b = pack.get @bias : !pack.block<4, #pack.format<f32>, rows>
  tile.matmul ins(%x, %w : memref<?x2xf32>, !pack.block<4x2, #pack.format<bf16>, tiles>) channels(%b : !pack.block<4, #pack.format<f32>, rows>) outs(%logits : memref<?x4xf32>) {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    %y = arith.addf %acc, %bias : f32
    tile.yield %y : f32
  }
  return %logits : memref<?x4xf32>
}
