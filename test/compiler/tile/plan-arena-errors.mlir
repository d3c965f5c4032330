// RUN: osscc-opt %s --tile-plan-arena --split-input-file --verify-diagnostics

module attributes {abi.model = #abi.model<name = "m", hidden = 4, vocabulary = 3, layers = 1, positions = 64, max_rows = 16>} {
  // Twice the rows of a call would take twice the bytes that are planned.
  func.func @more() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %two = arith.constant 2 : index
    %twice = arith.muli %n, %two : index
    // expected-error @below {{has other rows than the call, which nothing bounds}}
    %rows = memref.alloc(%twice) : memref<?x8xf32>
    return
  }
}

// -----

// expected-error @below {{has no abi.model}}
module {}
