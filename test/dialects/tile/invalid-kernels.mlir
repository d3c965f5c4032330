// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of the kernel level of TileKernels.td.

func.func @matmul_C1(%x: memref<?x6xf32>, %w: memref<1x4x16xf32>, %out: memref<?x16xf32>) {
  // expected-error @below {{x has 6 channels, but w is 'memref<1x4x16xf32>'}}
  tile.matmul ins(%x, %w : memref<?x6xf32>, memref<1x4x16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @matmul_C2(%x: memref<?x4xf32>, %w: memref<1x4x16xf32>, %out: memref<?x17xf32>) {
  // expected-error @below {{1 parts of 17 channels do not make the rows of 'memref<1x4x16xf32>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<1x4x16xf32>) outs(%out : memref<?x17xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @matmul_C3(%x: memref<?x4xf32>, %w: memref<1x4x16xf32>, %out: memref<?x8xf32>) {
  // expected-error @below {{parts of 8 rows are not whole tiles}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<1x4x16xf32>) outs(%out : memref<?x8xf32>) attributes {parts = 2} {
  ^bb0(%a: f32, %b: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @matmul_C4(%x: memref<?x4xf32>, %w: memref<1x4x16xf32>, %out: memref<?x16xf32>) {
  // expected-error @below {{the region takes 2 f32 and yields one}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<1x4x16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @attend_C1(%q: memref<?x6xf32>, %at: index) {
  // expected-error @below {{6 channels are not a whole multiple of 1 heads of 4}}
  tile.attend ins(%q, %at : memref<?x6xf32>) outs(%q : memref<?x6xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32}
  return
}

// -----

func.func @attend_C2(%q: memref<?x4xf32>, %at: index) {
  // expected-error @below {{scale must be positive and finite}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = -1.0 : f32}
  return
}

// -----

func.func @attend_C3(%q: memref<?x4xf32>, %at: index) {
  // expected-error @below {{1 frequencies for heads of 4}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, frequencies = array<f32: 1.0>, scale = 1.0 : f32}
  return
}

// -----

func.func @attend_C5(%q: memref<?x4xf32>, %at: index, %partials: memref<8x32xf32>) {
  // expected-error @below {{partials have 32 floats, a record has 36}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>) partials(%partials : memref<8x32xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32}
  return
}

// -----

func.func @attend_C4(%q: memref<?x4xf32>, %at: index, %out: memref<?x11xi32>) {
  // expected-error @below {{writes 'memref<?x11xi32>' in 1 planes, of heads of 4}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%out : memref<?x11xi32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, planes = 1, scale = 1.0 : f32}
  return
}

// -----

func.func @append_C2(%k: memref<?x4xf32>, %at: index) {
  // expected-error @below {{3 frequencies for heads of 4}}
  tile.append ins(%k, %k, %at : memref<?x4xf32>, memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, frequencies = array<f32: 1.0, 1.0, 1.0>}
  return
}

// -----

func.func @prefetch_C1(%w: memref<4x4x16xf32>) {
  // expected-error @below {{blocks, streams and bytes must be positive}}
  tile.prefetch %w {blocks = 0, bytes = 64, streams = 1} : memref<4x4x16xf32>
  return
}

// -----

func.func @append_C1(%k: memref<?x4xf32>, %v: memref<?x2xf32>, %at: index) {
  // expected-error @below {{k and v have 4 and 2 channels, expected 4}}
  tile.append ins(%k, %v, %at : memref<?x4xf32>, memref<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>}
  return
}

// -----

func.func @norm_C1(%x: memref<?x4xf32>, %w: memref<5xf32>) {
  // expected-error @below {{x has 4 channels, out 4, and w is 'memref<5xf32>'}}
  tile.norm ins(%x, %w : memref<?x4xf32>, memref<5xf32>) outs(%x : memref<?x4xf32>) {eps = 1.0 : f32}
  return
}

// -----

func.func @norm_C2(%x: memref<?x4xf32>, %w: memref<4xf32>) {
  // expected-error @below {{eps must be positive and finite}}
  tile.norm ins(%x, %w : memref<?x4xf32>, memref<4xf32>) outs(%x : memref<?x4xf32>) {eps = 0.0 : f32}
  return
}

// -----

func.func @rotate_C1(%x: memref<?x6xf32>) {
  // expected-error @below {{x has 6 channels and out 6, not a whole number of heads of 4}}
  tile.rotate ins(%x : memref<?x6xf32>) outs(%x : memref<?x6xf32>) {dims = 4, frequencies = array<f32: 1.0, 0.5>}
  return
}

// -----

func.func @rotate_C2(%x: memref<?x4xf32>) {
  // expected-error @below {{has 1 frequencies for 4 dims}}
  tile.rotate ins(%x : memref<?x4xf32>) outs(%x : memref<?x4xf32>) {dims = 4, frequencies = array<f32: 1.0>}
  return
}
