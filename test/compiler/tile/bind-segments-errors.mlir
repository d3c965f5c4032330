// RUN: osscc-opt %s --tile-bind-segments --verify-diagnostics --split-input-file

// A copy of all logits is never wanted.
func.func @head(%x: memref<?x2xf32>, %logits: memref<?x2xf32>) -> memref<?x2xf32> attributes {abi.segment = "head"} {
  %n = abi.rows
  %y = memref.alloc(%n) : memref<?x2xf32>
  // expected-error @below {{the segment's results do not lie in their destinations}}
  return %y : memref<?x2xf32>
}

// -----

// A layer hands on as many values as it takes.
func.func @layer(%x: memref<?x2xf32>) attributes {abi.segment = "layer"} {
  // expected-error @below {{the segment's results do not lie in their destinations}}
  return
}

// -----

// What is handed on beside the hidden rows is told by the model.
// expected-error @below {{takes 2 values, more than the model hands on}}
func.func @layer(%x: memref<?x2xf32>, %c: memref<?x3xf32>) -> (memref<?x2xf32>, memref<?x3xf32>) attributes {abi.segment = "layer"} {
  return %x, %c : memref<?x2xf32>, memref<?x3xf32>
}

// -----

// expected-error @below {{has no place for its outputs}}
func.func @head() attributes {abi.segment = "head"} {
  return
}
