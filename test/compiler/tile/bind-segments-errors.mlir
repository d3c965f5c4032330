// RUN: osscc-opt %s --tile-bind-segments --verify-diagnostics

// A result in memory of its own would need a copy, which no barrier orders.
func.func @layer(%x: memref<?x2xf32>) -> memref<?x2xf32> attributes {abi.segment = "layer"} {
  %n = abi.rows
  %y = memref.alloc(%n) : memref<?x2xf32>
  // expected-error @below {{the segment's result does not lie in its destination}}
  return %y : memref<?x2xf32>
}
