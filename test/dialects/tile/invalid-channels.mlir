// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// Cases of the rules that speak of channels, in TileKernels.td and TileBlocks.td.

func.func @matmul_C4(%x: memref<?x4xf32>, %w: memref<1x4x16xf32>, %b: memref<16xf32>, %out: memref<?x16xf32>) {
  // expected-error @below {{the region takes 3 f32 and yields one}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<1x4x16xf32>) channels(%b : memref<16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @matmul_C6(%x: memref<?x4xf32>, %w: memref<2x4x16xf32>, %b: memref<16xf32>, %out: memref<?x16xf32>) {
  // expected-error @below {{2 parts of 16 channels have no values in 'memref<16xf32>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<2x4x16xf32>) channels(%b : memref<16xf32>) outs(%out : memref<?x16xf32>) attributes {parts = 2} {
  ^bb0(%a: f32, %c: f32, %ofa: f32, %ofc: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @matmul_C6_packed(%x: tensor<?x2xf32>, %w: !pack.block<4x2, #pack.format<f32>, tiles>, %out: tensor<?x4xf32>) {
  // expected-error @below {{1 parts of 4 channels have no values in '!pack.block<4x2, #pack.format<f32>, tiles>'}}
  tile.matmul ins(%x, %w : tensor<?x2xf32>, !pack.block<4x2, #pack.format<f32>, tiles>)
      channels(%w : !pack.block<4x2, #pack.format<f32>, tiles>) outs(%out : tensor<?x4xf32>) {
  ^bb0(%a: f32, %c: f32, %old: f32):
    tile.yield %a : f32
  } -> tensor<?x4xf32>
  return
}

// -----

func.func @store_C2(%a: vector<1x1x16xf32>, %b: memref<32xf32>, %out: memref<?x32xf32>, %n: index) {
  // expected-error @below {{the region takes 3 f32 and yields one}}
  tile.store %a channels(%b : memref<32xf32>) to %out[%n, %n] last %n {
  ^bb0(%new: f32, %old: f32):
    tile.yield %new : f32
  } : vector<1x1x16xf32> to memref<?x32xf32>
  return
}

// -----

func.func @store_C3(%a: vector<1x1x16xf32>, %b: memref<33xf32>, %out: memref<?x32xf32>, %n: index) {
  // expected-error @below {{1 parts of 32 channels have no values in 'memref<33xf32>'}}
  tile.store %a channels(%b : memref<33xf32>) to %out[%n, %n] last %n {
  ^bb0(%new: f32, %bias: f32, %old: f32):
    tile.yield %new : f32
  } : vector<1x1x16xf32> to memref<?x32xf32>
  return
}
