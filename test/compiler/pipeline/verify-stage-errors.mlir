// RUN: osscc-opt %s --verify-stage=stage=tile --split-input-file --verify-diagnostics
// RUN: not osscc-opt %s --verify-stage=stage=nowhere 2>&1 | FileCheck %s --check-prefix=NOWHERE

// NOWHERE: unknown stage 'nowhere'

// An op of a dialect that the stage has removed is named.
func.func @left_over(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{'llm.add' remains after the stage tile}}
  %y = llm.add %x, %x : tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// The border to the target: no kernel is shared out yet, and no worker waits.
func.func @barrier() {
  // expected-error @below {{'abi.barrier' remains after the stage tile: how threads share kernels is for the target to say}}
  abi.barrier
  return
}

// -----

func.func @prefetch(%w: memref<2x576xi8>) {
  // expected-error @below {{'tile.prefetch' remains after the stage tile: how threads share kernels is for the target to say}}
  tile.prefetch %w {blocks = 1 : i64, bytes = 64 : i64, streams = 2 : i64} : memref<2x576xi8>
  return
}

// -----

func.func @scheduled(%x: memref<?x2xf32>, %w: memref<4x2x16xf32>, %out: memref<?x64xf32>) {
  // expected-error @below {{'tile.matmul' has 'schedule' after the stage tile: how threads share kernels is for the target to say}}
  tile.matmul ins(%x, %w : memref<?x2xf32>, memref<4x2x16xf32>) outs(%out : memref<?x64xf32>) attributes {schedule = #tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @own(%x: memref<?x32xf32>, %w: memref<32xf32>, %y: memref<?x32xf32>) {
  // expected-error @below {{'tile.norm' has 'own' after the stage tile}}
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32, own}
  return
}

// -----

func.func @appending(%q: memref<?x64xf32>, %at: index, %out: memref<?x64xf32>, %k: memref<?x64xf32>) {
  // expected-error @below {{'tile.attend' is shared after the stage tile}}
  tile.attend ins(%q, %at : memref<?x64xf32>) outs(%out : memref<?x64xf32>) append(%k, %k : memref<?x64xf32>, memref<?x64xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}

// -----

// Segments and weights are bound before.
func.func @copied(%a: memref<?x2xf32>, %b: memref<?x2xf32>) {
  // expected-error @below {{'memref.copy' remains after the stage tile: segments and weights must be bound}}
  memref.copy %a, %b : memref<?x2xf32> to memref<?x2xf32>
  return
}
