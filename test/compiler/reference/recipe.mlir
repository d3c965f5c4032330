// RUN: mkdir -p %t
// RUN: %python -c "import struct, sys; open(sys.argv[1] + '/w.bin', 'wb').write(struct.pack('<8f', 0, 1, 2.5, 1.0009765625, 1.00048828125, 5, 6, 7))" %t
// RUN: %python -c "import sys; open(sys.argv[1] + '/m.bin', 'wb').write(bytes([0x21, 0xf3] + [0] * 14 + [0xd5] * 16 + [128, 126]))" %t
// RUN: osscc-eval %s --weights=%t | FileCheck %s

// Slices are read where they lie, joined, rounded to f16 (ties to even); a layout changes no value.
pack.weight @w : !pack.block<3x2, #pack.format<f16>, tiles> {
  %a = pack.slice "w.bin" at 20 : !pack.source<1x2xf32>
  %b = pack.slice "w.bin" at 4 : !pack.source<2x2xf32>
  %ab = pack.concat %a, %b : !pack.source<1x2xf32>, !pack.source<2x2xf32> -> !pack.source<3x2xf32>
  %q = pack.quantize %ab : <3x2xf32> -> <3x2, #pack.format<f16>, rows>
  %t = pack.relayout %q : <3x2, #pack.format<f16>, rows> -> <3x2, #pack.format<f16>, tiles>
  pack.yield %t : !pack.block<3x2, #pack.format<f16>, tiles>
}

// CHECK:      @rows_of_w
// CHECK-NEXT: 2x3
// CHECK-NEXT: [5, 1, 1.00098]
// CHECK-NEXT: [6, 2.5, 1]
func.func @rows_of_w() -> tensor<2x3xf32> {
  %x = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %w = pack.get @w : !pack.block<3x2, #pack.format<f16>, tiles>
  %y = llm.linear %x, %w : tensor<2x2xf32>, !pack.block<3x2, #pack.format<f16>, tiles> -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// Values a channel join as rows of matrices do.
pack.weight @b : !pack.block<3, #pack.format<f32>, rows> {
  %a = pack.slice "w.bin" at 20 : !pack.source<1xf32>
  %b = pack.slice "w.bin" at 4 : !pack.source<2xf32>
  %ab = pack.concat %a, %b : !pack.source<1xf32>, !pack.source<2xf32> -> !pack.source<3xf32>
  %q = pack.quantize %ab : !pack.source<3xf32> -> <3, #pack.format<f32>, rows>
  pack.yield %q : !pack.block<3, #pack.format<f32>, rows>
}

// CHECK:      @values_of_b
// CHECK-NEXT: 1x3
// CHECK-NEXT: [5, 1, 2.5]
func.func @values_of_b() -> tensor<1x3xf32> {
  %x = arith.constant dense<0.0> : tensor<1x2xf32>
  %w = pack.get @w : !pack.block<3x2, #pack.format<f16>, tiles>
  %b = pack.get @b : !pack.block<3, #pack.format<f32>, rows>
  %y = llm.linear %x, %w bias %b : tensor<1x2xf32>, !pack.block<3x2, #pack.format<f16>, tiles>, !pack.block<3, #pack.format<f32>, rows> -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Codes and scales of MXFP4 that are two tensors: 2^(scale - 127) times 0.5, 1, 1.5, -6, then zeros; the other row has 3 and -3
// by turns.
pack.weight @z : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> {
  %c = pack.slice "m.bin" at 0 : !pack.source<2x16xi8>
  %s = pack.slice "m.bin" at 32 : !pack.source<2x1xi8>
  %z = pack.zip %c, %s : <2x16xi8>, <2x1xi8> -> <2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  pack.yield %z : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
}

// CHECK:      @codes
// CHECK-NEXT: 3x2
// CHECK-NEXT: [1, 1.5]
// CHECK-NEXT: [3, 1.5]
// CHECK-NEXT: [-12, -1.5]
func.func @codes() -> tensor<3x2xf32> {
  %x = arith.constant dense<"0x0000803F0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000803F00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000803F00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<3x32xf32>
  %w = pack.get @z : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  %y = llm.linear %x, %w : tensor<3x32xf32>, !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

pack.weight @t : !pack.block<2x4, #pack.format<f32>, rows> {
  %a = pack.slice "w.bin" at 0 : !pack.source<4x2xf32>
  %t = pack.transpose %a : <4x2xf32> -> <2x4xf32>
  %q = pack.quantize %t : <2x4xf32> -> <2x4, #pack.format<f32>, rows>
  pack.yield %q : !pack.block<2x4, #pack.format<f32>, rows>
}

// CHECK:      @columns
// CHECK-NEXT: 1x2
// CHECK-NEXT: [0, 1]
func.func @columns() -> tensor<1x2xf32> {
  %x = arith.constant dense<[[1.0, 0.0, 0.0, 0.0]]> : tensor<1x4xf32>
  %w = pack.get @t : !pack.block<2x4, #pack.format<f32>, rows>
  %y = llm.linear %x, %w : tensor<1x4xf32>, !pack.block<2x4, #pack.format<f32>, rows> -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Of each two rows the second: a stack of one row, transposed.
pack.weight @s : !pack.block<2x2x1, #pack.format<f32>, rows> {
  %a = pack.slice "w.bin" at 0 : !pack.source<4x2xf32>
  %s = pack.select %a from 1 of 2 : !pack.source<4x2xf32> -> !pack.source<2x1x2xf32>
  %t = pack.transpose %s : <2x1x2xf32> -> <2x2x1xf32>
  %q = pack.quantize %t : <2x2x1xf32> -> <2x2x1, #pack.format<f32>, rows>
  pack.yield %q : !pack.block<2x2x1, #pack.format<f32>, rows>
}

// CHECK:      @selected
// CHECK-NEXT: 1x4
// CHECK-NEXT: [2.5, 1.00098, 6, 7]
func.func @selected() -> tensor<1x4xf32> {
  %x = arith.constant dense<1.0> : tensor<1x2xf32>
  %w = pack.get @s : !pack.block<2x2x1, #pack.format<f32>, rows>
  %y = llm.linear %x, %w groups 2 : tensor<1x2xf32>, !pack.block<2x2x1, #pack.format<f32>, rows> -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
