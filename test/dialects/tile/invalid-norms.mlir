// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @norm_C<n> for each rule of groups in TileKernels.td.

func.func @norm_C1_group(%x: memref<?x8xf32>, %w: memref<8xf32>) {
  // expected-error @below {{x has 8 channels, out 8, and w is 'memref<8xf32>'}}
  tile.norm ins(%x, %w : memref<?x8xf32>, memref<8xf32>) outs(%x : memref<?x8xf32>) {eps = 1.0 : f32, size = 4}
  return
}

// -----

func.func @norm_C3_group(%x: memref<?x64xf32>, %out: memref<?x22xi32>) {
  // expected-error @below {{in 1 planes, of groups of 32}}
  tile.norm ins(%x : memref<?x64xf32>) outs(%out : memref<?x22xi32>) {eps = 1.0 : f32, planes = 1, size = 32}
  return
}

// -----

func.func @norm_C4(%x: memref<?x8xf32>) {
  // expected-error @below {{x has 8 channels, not a whole number of groups of 3}}
  tile.norm ins(%x : memref<?x8xf32>) outs(%x : memref<?x8xf32>) {eps = 1.0 : f32, size = 3}
  return
}
