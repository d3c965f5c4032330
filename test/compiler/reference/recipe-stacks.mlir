// RUN: mkdir -p %t
// RUN: %python -c "import struct, sys; open(sys.argv[1] + '/w.bin', 'wb').write(struct.pack('<8f', 0, 1, 2.5, 1.0009765625, 1.00048828125, 5, 6, 7))" %t
// RUN: osscc-eval %s --weights=%t | FileCheck %s

// A stack of two experts, whose tensors are rows of one matrix here: member 1 has the third row and then the first.
pack.weight @stack : !pack.source<2x2x2xf32> {
  %a = pack.slice "w.bin" at 0 : !pack.source<1x2xf32>
  %b = pack.slice "w.bin" at 8 : !pack.source<1x2xf32>
  %c = pack.slice "w.bin" at 20 : !pack.source<1x2xf32>
  %s = pack.stack %a, %b, %c, %a : !pack.source<1x2xf32>, !pack.source<1x2xf32>, !pack.source<1x2xf32>, !pack.source<1x2xf32> -> !pack.source<2x2x2xf32>
  pack.yield %s : !pack.source<2x2x2xf32>
}

// CHECK:      @values_of_stack
// CHECK-NEXT: 4x2
// CHECK-NEXT: [0, 1]
// CHECK-NEXT: [2.5, 1.00098]
// CHECK-NEXT: [5, 6]
// CHECK-NEXT: [0, 1]
func.func @values_of_stack() -> tensor<2x2x2xf32> {
  %s = pack.get @stack : tensor<2x2x2xf32>
  return %s : tensor<2x2x2xf32>
}

// Of heads of 4 rows the first two turn: as a pair, and as halves, of which each is followed by a row that stays.
pack.weight @pairs : !pack.source<8x1xf32> {
  %a = pack.slice "w.bin" at 0 : !pack.source<8x1xf32>
  %p = pack.permute %a heads of 4 turned 2 : !pack.source<8x1xf32>
  pack.yield %p : !pack.source<8x1xf32>
}
pack.weight @halves : !pack.source<1x8x1xf32> {
  %a = pack.slice "w.bin" at 0 : !pack.source<1x8x1xf32>
  %p = pack.permute %a heads of 8 turned 4 in halves along 1 : !pack.source<1x8x1xf32>
  pack.yield %p : !pack.source<1x8x1xf32>
}

// CHECK:      @values_of_pairs
// CHECK-NEXT: 8x1
// CHECK-NEXT: [0]
// CHECK-NEXT: [2.5]
// CHECK-NEXT: [1]
// CHECK-NEXT: [1.00098]
// CHECK-NEXT: [1.00049]
// CHECK-NEXT: [6]
// CHECK-NEXT: [5]
// CHECK-NEXT: [7]
func.func @values_of_pairs() -> tensor<8x1xf32> {
  %s = pack.get @pairs : tensor<8x1xf32>
  return %s : tensor<8x1xf32>
}

// CHECK:      @values_of_halves
// CHECK-NEXT: 8x1
// CHECK-NEXT: [0]
// CHECK-NEXT: [1]
// CHECK-NEXT: [1.00049]
// CHECK-NEXT: [5]
// CHECK-NEXT: [2.5]
// CHECK-NEXT: [1.00098]
// CHECK-NEXT: [6]
// CHECK-NEXT: [7]
func.func @values_of_halves() -> tensor<1x8x1xf32> {
  %s = pack.get @halves : tensor<1x8x1xf32>
  return %s : tensor<1x8x1xf32>
}
