// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// The kernels that map, gather and cache rows; the others are in invalid-kernels.mlir.

func.func @map_C1(%x: memref<?x4xf32>, %out: memref<?x8xf32>) {
  // expected-error @below {{out has 8 channels, but an input is 'memref<?x4xf32>'}}
  tile.map ins(%x : memref<?x4xf32>) outs(%out : memref<?x8xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @map_C1_channels(%b: memref<4xf32>, %out: memref<?x8xf32>) {
  // expected-error @below {{out has 8 channels, but an input is 'memref<4xf32>'}}
  tile.map ins(%b : memref<4xf32>) outs(%out : memref<?x8xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @map_C1_matrix(%b: !pack.block<8x8, #pack.format<f32>, tiles>, %out: memref<?x8xf32>) {
  // expected-error @below {{out has 8 channels, but an input is '!pack.block<8x8, #pack.format<f32>, tiles>'}}
  tile.map ins(%b : !pack.block<8x8, #pack.format<f32>, tiles>) outs(%out : memref<?x8xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @map_C2(%x: memref<?x4xf32>) {
  // expected-error @below {{the region takes 2 f32 and yields one}}
  tile.map ins(%x : memref<?x4xf32>) outs(%x : memref<?x4xf32>) {
  ^bb0(%a: f32, %b: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @gather_C1(%table: memref<1x8x16xf32>, %out: memref<?x4xf32>) {
  // expected-error @below {{out has 4 channels, but the table is 'memref<1x8x16xf32>'}}
  tile.gather tokens ins(%table : memref<1x8x16xf32>) outs(%out : memref<?x4xf32>)
  return
}

// -----

func.func @gather_C2(%table: memref<1x4x16xf32>, %out: memref<?x4xf32>) {
  // expected-error @below {{outputs does not read 'memref<1x4x16xf32>'}}
  tile.gather outputs ins(%table : memref<1x4x16xf32>) outs(%out : memref<?x4xf32>)
  return
}

// -----

func.func @attend_C7(%q: memref<?x4xf32>, %at: index, %k: memref<?x2xf32>) {
  // expected-error @below {{k and v have 2 and 4 channels, expected 4}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>) append(%k, %q : memref<?x2xf32>, memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32}
  return
}
