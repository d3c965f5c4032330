// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of TileKernels.td and TileExperts.td that speaks of latents, groups and their routing.

// expected-error @below {{latents of 4 channels have 5 of the value}}
func.func private @cache() attributes {a = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16, values = 5>}

// -----

func.func @append_C1(%k: memref<?x4xf32>, %v: memref<?x4xf32>, %at: index) {
  // expected-error @below {{k and v have 4 and 4 channels, expected 2 and 4}}
  tile.append ins(%k, %v, %at : memref<?x4xf32>, memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>}
  return
}

// -----

func.func @append_C2(%k: memref<?x2xf32>, %v: memref<?x4xf32>, %at: index) {
  // expected-error @below {{3 frequencies for heads of 2}}
  tile.append ins(%k, %v, %at : memref<?x2xf32>, memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, frequencies = array<f32: 1., 1., 1.>}
  return
}

// -----

func.func @attend_C9(%q: memref<?x8xf32>, %at: index, %rest: memref<?x2xf32>, %out: memref<?x8xf32>) {
  // expected-error @below {{has 2 query heads over #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, but a rest of 2 channels}}
  tile.attend ins(%q, %at : memref<?x8xf32>) outs(%out : memref<?x8xf32>) rest(%rest : memref<?x2xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, scale = 0.5 : f32}
  return
}

// -----

func.func @attend_C9_append(%q: memref<?x8xf32>, %at: index, %rest: memref<?x4xf32>, %out: memref<?x8xf32>, %k: memref<?x2xf32>, %v: memref<?x4xf32>) {
  // expected-error @below {{but a rest of 4 channels, and appends}}
  tile.attend ins(%q, %at : memref<?x8xf32>) outs(%out : memref<?x8xf32>) rest(%rest : memref<?x4xf32>) append(%k, %v : memref<?x2xf32>, memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, scale = 0.5 : f32}
  return
}

// -----

// Records are those of a block's heads: of 8 query heads four.
func.func @attend_C5(%q: memref<?x32xf32>, %at: index, %rest: memref<?x16xf32>, %out: memref<?x32xf32>, %p: memref<256x288xf32>) {
  // expected-error @below {{partials have 288 floats, a record has 144}}
  tile.attend ins(%q, %at : memref<?x32xf32>) outs(%out : memref<?x32xf32>) rest(%rest : memref<?x16xf32>) partials(%p : memref<256x288xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, scale = 0.5 : f32}
  return
}

// -----

func.func @matmul_C8(%x: memref<?x8xf32>, %w: !pack.block<2x3x4, #pack.format<f32>, tiles>, %out: memref<?x8xf32>) {
  // expected-error @below {{2 groups of 'memref<?x8xf32>' and 'memref<?x8xf32>' do not fit}}
  tile.matmul ins(%x, %w : memref<?x8xf32>, !pack.block<2x3x4, #pack.format<f32>, tiles>) outs(%out : memref<?x8xf32>) attributes {groups = 2} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

// Groups of 16 channels are no whole records.
func.func @matmul_C8_records(%x: memref<?x22xi32>, %w: !pack.block<2x32x16, #pack.format<i8, group = 32, scale = f16>, tiles>, %out: memref<?x64xf32>) {
  // expected-error @below {{2 groups of 'memref<?x22xi32>' and 'memref<?x64xf32>' do not fit}}
  tile.matmul ins(%x, %w : memref<?x22xi32>, !pack.block<2x32x16, #pack.format<i8, group = 32, scale = f16>, tiles>) outs(%out : memref<?x64xf32>) attributes {groups = 2, planes = 1} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @route_C3(%logits: memref<?x8xf32>, %plan: memref<?x16xi32>) {
  // expected-error @below {{chooses 3 of 8 experts in 1 of 4 groups by the best 1 of each}}
  tile.route all top 3 ins(%logits : memref<?x8xf32>) outs(%plan : memref<?x16xi32>) {groups = 4}
  return
}

// -----

func.func @route_C4(%logits: memref<?x8xf32>, %bias: memref<7xf32>, %plan: memref<?x11xi32>) {
  // expected-error @below {{has 8 experts, but a bias of 'memref<7xf32>'}}
  tile.route all top 2 ins(%logits : memref<?x8xf32>) bias(%bias : memref<7xf32>) outs(%plan : memref<?x11xi32>)
  return
}
