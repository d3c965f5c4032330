// RUN: mkdir -p %t
// RUN: %python -c "import struct, sys; open(sys.argv[1] + '/w.bin', 'wb').write(struct.pack('<8f', 0, 1, 2.5, 1.0009765625, 1.00048828125, 5, 6, 7))" %t
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
