// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// A weight as import makes it: untouched.
// CHECK-LABEL: pack.weight @norm : !pack.source<4xf32> {
// CHECK:         %[[S:.+]] = pack.slice "model.safetensors" at 0 : !pack.source<4xf32>
// CHECK:         pack.yield %[[S]] : !pack.source<4xf32>
pack.weight @norm : !pack.source<4xf32> {
  %0 = pack.slice "model.safetensors" at 0 : !pack.source<4xf32>
  pack.yield %0 : !pack.source<4xf32>
}

// A whole recipe, its symbol being the names of two tensors.
// CHECK-LABEL: pack.weight @"k+v" : !pack.block<6x4, #pack.format<bf16>, tiles> {
// CHECK:         %[[K:.+]] = pack.slice "a.safetensors" at 16 : !pack.source<4x4xbf16>
// CHECK:         %[[V:.+]] = pack.slice "b.safetensors" at 128 : !pack.source<2x4xbf16>
// CHECK:         %[[KV:.+]] = pack.concat %[[K]], %[[V]] : !pack.source<4x4xbf16>, !pack.source<2x4xbf16> -> !pack.source<6x4xbf16>
// CHECK:         %[[Q:.+]] = pack.quantize %[[KV]] : <6x4xbf16> -> <6x4, #pack.format<bf16>, rows>
// CHECK:         %[[T:.+]] = pack.relayout %[[Q]] : <6x4, #pack.format<bf16>, rows> -> <6x4, #pack.format<bf16>, tiles>
// CHECK:         pack.yield %[[T]] : !pack.block<6x4, #pack.format<bf16>, tiles>
pack.weight @"k+v" : !pack.block<6x4, #pack.format<bf16>, tiles> {
  %k = pack.slice "a.safetensors" at 16 : !pack.source<4x4xbf16>
  %v = pack.slice "b.safetensors" at 128 : !pack.source<2x4xbf16>
  %kv = pack.concat %k, %v : !pack.source<4x4xbf16>, !pack.source<2x4xbf16> -> !pack.source<6x4xbf16>
  %q = pack.quantize %kv : <6x4xbf16> -> <6x4, #pack.format<bf16>, rows>
  %t = pack.relayout %q : <6x4, #pack.format<bf16>, rows> -> <6x4, #pack.format<bf16>, tiles>
  pack.yield %t : !pack.block<6x4, #pack.format<bf16>, tiles>
}

// A source is a tensor where it is used, a stored weight keeps its type.
// CHECK-LABEL: func.func @uses
// CHECK:         pack.get @norm : tensor<4xf32>
// CHECK:         pack.get @"k+v" : !pack.block<6x4, #pack.format<bf16>, tiles>
func.func @uses() -> (tensor<4xf32>, !pack.block<6x4, #pack.format<bf16>, tiles>) {
  %0 = pack.get @norm : tensor<4xf32>
  %1 = pack.get @"k+v" : !pack.block<6x4, #pack.format<bf16>, tiles>
  return %0, %1 : tensor<4xf32>, !pack.block<6x4, #pack.format<bf16>, tiles>
}

// CHECK-LABEL: func.func private @formats
// CHECK-SAME:    (!pack.block<4, #pack.format<f32>, rows>, !pack.block<4x2, #pack.format<f16>, tiles>)
func.func private @formats(!pack.block<4, #pack.format<f32>, rows>, !pack.block<4x2, #pack.format<f16>, tiles>)

// A tensor of a GGUF file: blocks in rows, the rows of q put half a head apart, then laid in tiles or decoded.
// CHECK-LABEL: pack.weight @q : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, tiles> {
// CHECK:         %[[S:.+]] = pack.slice "m.gguf" at 64 : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows>
// CHECK:         %[[P:.+]] = pack.permute %[[S]] heads of 16 : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows>
// CHECK:         pack.dequantize %[[P]] : <64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> -> <64x32xf32>
pack.weight @q : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, tiles> {
  %s = pack.slice "m.gguf" at 64 : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows>
  %p = pack.permute %s heads of 16 : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows>
  %d = pack.dequantize %p : <64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> -> <64x32xf32>
  %t = pack.relayout %p : <64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> -> <64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, tiles>
  pack.yield %t : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, tiles>
}

// CHECK-LABEL: func.func private @block_formats
// CHECK-SAME:    #pack.format<i8, group = 32, scale = f16>
// CHECK-SAME:    #pack.format<i4, group = 32, scale = f16>
// CHECK-SAME:    #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>
func.func private @block_formats(!pack.block<4x32, #pack.format<i8, group = 32, scale = f16>, tiles>, !pack.block<4x32, #pack.format<i4, group = 32, scale = f16>, rows>, !pack.block<4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>)

// CHECK-LABEL: func.func private @super_formats
// CHECK-SAME:    #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>
// CHECK-SAME:    #pack.format<i6, group = 16, scale = i8, super = 256>
// CHECK-SAME:    #pack.format<ui4, group = 32, scale = f16, table = iq4>
// CHECK-SAME:    #pack.format<ui4, group = 32, scale = i6, super = 256, table = iq4>
func.func private @super_formats(!pack.block<4x256, #pack.format<ui4, super = 256, group = 32, scale = ui6, minimum = ui6>, tiles>, !pack.block<4x256, #pack.format<i6, group = 16, scale = i8, super = 256>, rows>, !pack.block<4x32, #pack.format<ui4, group = 32, scale = f16, table = iq4>, rows>, !pack.block<4x256, #pack.format<ui4, group = 32, scale = i6, super = 256, table = iq4>, tiles>)

// A stack of experts as gpt-oss keeps it: codes and scales are two tensors, the rows of gate and up take turns.
// CHECK-LABEL: pack.weight @experts : !pack.block<3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles> {
// CHECK:         %[[C:.+]] = pack.slice "m.safetensors" at 0 tensor "experts_blocks" : !pack.source<3x8x16xi8>
// CHECK:         %[[S:.+]] = pack.slice "m.safetensors" at 384 : !pack.source<3x8x1xi8>
// CHECK:         %[[Z:.+]] = pack.zip %[[C]], %[[S]] : <3x8x16xi8>, <3x8x1xi8> -> <3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
// CHECK:         pack.permute %[[Z]] heads of 8 along 1 : !pack.block<3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
pack.weight @experts : !pack.block<3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles> {
  %c = pack.slice "m.safetensors" at 0 tensor "experts_blocks" : !pack.source<3x8x16xi8>
  %s = pack.slice "m.safetensors" at 384 : !pack.source<3x8x1xi8>
  %z = pack.zip %c, %s : <3x8x16xi8>, <3x8x1xi8> -> <3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  %p = pack.permute %z heads of 8 along 1 : !pack.block<3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  %t = pack.relayout %p : <3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> -> <3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
  pack.yield %t : !pack.block<3x8x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
}

// CHECK-LABEL: pack.weight @router role router : !pack.source<3x32xbf16>
pack.weight @router role router : !pack.source<3x32xbf16> {
  %0 = pack.slice "m.safetensors" at 0 : !pack.source<3x32xbf16>
  pack.yield %0 : !pack.source<3x32xbf16>
}

// CHECK-LABEL: pack.weight @biases role vectors : !pack.source<3x8xbf16>
// CHECK:         pack.concat %{{.+}}, %{{.+}} along 1 : !pack.source<3x4xbf16>, !pack.source<3x4xbf16> -> !pack.source<3x8xbf16>
pack.weight @biases role vectors : !pack.source<3x8xbf16> {
  %0 = pack.slice "m.safetensors" at 0 : !pack.source<3x4xbf16>
  %1 = pack.slice "m.safetensors" at 24 : !pack.source<3x4xbf16>
  %2 = pack.concat %0, %1 along 1 : !pack.source<3x4xbf16>, !pack.source<3x4xbf16> -> !pack.source<3x8xbf16>
  pack.yield %2 : !pack.source<3x8xbf16>
}

// CHECK-LABEL: pack.weight @transposed : !pack.source<2x4x3xf32>
// CHECK:         pack.transpose %{{.+}} : <2x3x4xf32> -> <2x4x3xf32>
pack.weight @transposed : !pack.source<2x4x3xf32> {
  %0 = pack.slice "m.safetensors" at 0 : !pack.source<2x3x4xf32>
  %1 = pack.transpose %0 : <2x3x4xf32> -> <2x4x3xf32>
  pack.yield %1 : !pack.source<2x4x3xf32>
}

// Tensors of two experts: gate and up of each share a member; biases are a member each.
// CHECK-LABEL: func.func @stacks
// CHECK:         pack.stack %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : {{.+}} -> !pack.source<2x4x8xbf16>
// CHECK:         pack.stack %{{.+}}, %{{.+}} : !pack.source<8xf32>, !pack.source<8xf32> -> !pack.source<2x8xf32>
func.func @stacks(%a: !pack.source<2x8xbf16>, %b: !pack.source<8xf32>) {
  %0 = pack.stack %a, %a, %a, %a : !pack.source<2x8xbf16>, !pack.source<2x8xbf16>, !pack.source<2x8xbf16>, !pack.source<2x8xbf16> -> !pack.source<2x4x8xbf16>
  %1 = pack.stack %b, %b : !pack.source<8xf32>, !pack.source<8xf32> -> !pack.source<2x8xf32>
  return
}
