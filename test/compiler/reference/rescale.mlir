// RUN: mkdir -p %t
// RUN: %python -c "import struct, sys; open(sys.argv[1] + '/c.bin', 'wb').write(bytes([0x38, 0xb8, 0x01, 0x7e, 0x40, 0x00]) + struct.pack('<2f', 1, 2))" %t
// RUN: osscc-eval %s --weights=%t | FileCheck %s

// Codes 1, -1, 2^-9, 448, 2 and 0 in blocks of two rows and two channels, those at the edge smaller: scales 1 and 2.
pack.weight @w : !pack.source<2x3xf32> {
  %c = pack.slice "c.bin" at 0 : !pack.source<2x3xf8E4M3FN>
  %s = pack.slice "c.bin" at 6 : !pack.source<1x2xf32>
  %v = pack.rescale %c, %s blocks of 2 : <2x3xf8E4M3FN>, <1x2xf32> -> <2x3xf32>
  pack.yield %v : !pack.source<2x3xf32>
}

// CHECK:      @values
// CHECK-NEXT: 2x3
// CHECK-NEXT: [1, -1, 0.00390625]
// CHECK-NEXT: [448, 2, 0]
func.func @values() -> tensor<2x3xf32> {
  %w = pack.get @w : tensor<2x3xf32>
  return %w : tensor<2x3xf32>
}
