// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @matmul_C<n> for the rules of TileKernels.td that speak of plans and stacks.

func.func @matmul_C7(%x: memref<?x4xf32>, %w: memref<4x4x16xf32>, %b: memref<1xf32>, %plan: memref<?x10xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{slots need a plan, and rows that are not interleaved}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<4x4x16xf32>) plan(%plan : memref<?x10xi32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C7_empty(%x: memref<?x4xf32>, %w: memref<4x4x16xf32>, %b: memref<1xf32>, %plan: memref<?x1xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{slots need a plan, and rows that are not interleaved}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<4x4x16xf32>) plan(%plan : memref<?x1xi32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C7_interleaved(%x: memref<?x4xf32>, %w: memref<4x4x16xf32>, %b: memref<1xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{slots need a plan, and rows that are not interleaved}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<4x4x16xf32>) plan(%plan : memref<?x11xi32>) outs(%out : memref<?x32xf32>) attributes {interleaved} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C7_same_row(%x: memref<?x4xf32>, %w: memref<2x4x16xf32>, %b: memref<1xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{slots need a plan, and rows that are not interleaved}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<2x4x16xf32>) outs(%out : memref<?x32xf32>) attributes {same_row} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C2_stack(%x: memref<?x4xf32>, %w: memref<5x4x16xf32>, %b: memref<1xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{1 parts of 32 channels do not make the rows of 'memref<5x4x16xf32>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<5x4x16xf32>) plan(%plan : memref<?x11xi32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C7_matrix(%x: memref<?x4xf32>, %w: !pack.block<32x4, #pack.format<f32>, tiles>, %b: memref<1xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{x has 4 channels, but w is '!pack.block<32x4, #pack.format<f32>, tiles>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, !pack.block<32x4, #pack.format<f32>, tiles>) plan(%plan : memref<?x11xi32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C1_no_plan(%x: memref<?x4xf32>, %w: !pack.block<2x32x4, #pack.format<f32>, tiles>, %b: memref<1xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{x has 4 channels, but w is '!pack.block<2x32x4, #pack.format<f32>, tiles>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, !pack.block<2x32x4, #pack.format<f32>, tiles>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C6_stack(%x: memref<?x4xf32>, %w: memref<4x4x16xf32>, %b: memref<32xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{1 parts of 32 channels have no values in 'memref<32xf32>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<4x4x16xf32>) channels(%b : memref<32xf32>) plan(%plan : memref<?x11xi32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C6_no_stack(%x: memref<?x4xf32>, %w: memref<2x4x16xf32>, %b: memref<2x32xf32>, %plan: memref<?x11xi32>, %out: memref<?x32xf32>) {
  // expected-error @below {{1 parts of 32 channels have no values in 'memref<2x32xf32>'}}
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<2x4x16xf32>) channels(%b : memref<2x32xf32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
