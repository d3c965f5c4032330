// RUN: osscc-opt %s --split-input-file --verify-diagnostics

func.func @quantize_rows_C1(%x: memref<?x32xf32>, %out: memref<?x11xi32>) {
  // expected-error @below {{planes must be 1 or 2, found 3}}
  tile.quantize_rows ins(%x : memref<?x32xf32>) outs(%out : memref<?x11xi32>) {planes = 3 : i64}
  return
}

// -----

func.func @quantize_rows_C2(%x: memref<?x33xf32>, %out: memref<?x11xi32>) {
  // expected-error @below {{x has 33 channels, so out has 22 words, found 11}}
  tile.quantize_rows ins(%x : memref<?x33xf32>) outs(%out : memref<?x11xi32>) {planes = 1 : i64}
  return
}

// -----

func.func @matmul_C5(%x: memref<?x32xf32>, %w: memref<1x576xi8>, %out: memref<?x16xf32>) {
  // expected-error @below {{x is 'memref<?x32xf32>' in 0 planes, but w is stored as 'memref<1x576xi8>'}}
  tile.matmul ins(%x, %w : memref<?x32xf32>, memref<1x576xi8>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<i8, group = 32, scale = f16>} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @matmul_C1_groups(%x: memref<?x22xi32>, %w: memref<1x576xi8>, %out: memref<?x16xf32>) {
  // expected-error @below {{x has 22 channels, but w is 'memref<1x576xi8>'}}
  tile.matmul ins(%x, %w : memref<?x22xi32>, memref<1x576xi8>) outs(%out : memref<?x16xf32>)
      attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 1 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

func.func @norm_C3(%x: memref<?x32xf32>, %w: memref<32xf32>, %out: memref<?x11xi32>) {
  // expected-error @below {{writes 'memref<?x11xi32>' in 0 planes}}
  tile.norm ins(%x, %w : memref<?x32xf32>, memref<32xf32>) outs(%out : memref<?x11xi32>) {eps = 1.0e-05 : f32}
  return
}

// -----

func.func @unpack_C2(%w: memref<1x576xi8>, %n: index) {
  // expected-error @below {{'vector<4x1x64xi8>' is not the codes of 32 channels}}
  %0 = tile.unpack %w[%n, %n] {format = #pack.format<i8, group = 32, scale = f16>} : memref<1x576xi8> -> vector<4x1x64xi8>
  return
}

// -----

func.func @scales_C1(%w: memref<1x576xi8>, %n: index) {
  // expected-error @below {{has no such values}}
  %0 = tile.scales %w[%n, %n] of <i8, group = 32, scale = f16> minimum : memref<1x576xi8> -> vector<1x16xf32>
  return
}

// -----

func.func @scales_C2(%w: memref<1x576xi8>, %n: index) {
  // expected-error @below {{'vector<1x8xf32>' is not a whole number of tiles of 16 rows}}
  %0 = tile.scales %w[%n, %n] of <i8, group = 32, scale = f16> : memref<1x576xi8> -> vector<1x8xf32>
  return
}

// -----

func.func @lookup_C1(%codes: vector<32xi8>) {
  // expected-error @below {{the table has 2 entries, expected 16}}
  %0 = tile.lookup %codes in [1, 2] : vector<32xi8>
  return
}

// -----

func.func @dot_C2(%a: vector<1x8xi32>, %b: vector<8x1x64xi8>, %acc: vector<1x1x16xi32>) {
  // expected-error @below {{multiplies floats, or integers with the offsets of their rows}}
  %0 = tile.dot %a, %b, %acc : vector<1x8xi32>, vector<8x1x64xi8>, vector<1x1x16xi32>
  return
}

// -----

func.func @dot_C3(%a: vector<1x8xi32>, %b: vector<8x1x64xi8>, %acc: vector<1x1x16xi32>, %s: vector<1xi32>) {
  // expected-error @below {{zero must be 128 or from 0 to 32, found 64}}
  %0 = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 64 : i64} : vector<1x8xi32>, vector<8x1x64xi8>, vector<1x1x16xi32>
  return
}

// -----

func.func @accumulate_C1(%d: vector<2x1x16xi32>, %r: vector<1x2xi32>, %s: vector<1x16xf32>, %acc: vector<1x1x16xf32>) {
  // expected-error @below {{blocks 'vector<2x1x16xi32>' and 'vector<1x1x16xf32>' do not fit}}
  %0 = tile.accumulate %d, %r scales %s onto %acc : vector<2x1x16xi32>, vector<1x2xi32>, vector<1x16xf32>, vector<1x1x16xf32>
  return
}

// -----

func.func @accumulate_C2(%d: vector<1x1x16xi32>, %r: vector<2x2xi32>, %s: vector<1x16xf32>, %acc: vector<1x1x16xf32>) {
  // expected-error @below {{record is 'vector<2x2xi32>', expected scale and sum of 1 rows}}
  %0 = tile.accumulate %d, %r scales %s onto %acc : vector<1x1x16xi32>, vector<2x2xi32>, vector<1x16xf32>, vector<1x1x16xf32>
  return
}

// -----

// Sums of two products of bytes of 7 bits would leave 16 bits.
func.func @dot_C3_bits(%a: vector<1x8xi32>, %b: vector<8x1x64xi8>, %acc: vector<1x1x16xi32>, %s: vector<1xi32>) {
  // expected-error @below {{bytes of 7 bits do not go with a zero of 32}}
  %0 = tile.dot %a, %b, %acc offsets %s : vector<1xi32> {zero = 32 : i64, bits = 7 : i64} : vector<1x8xi32>, vector<8x1x64xi8>, vector<1x1x16xi32>
  return
}

// -----

// Weights in groups of 16 read the sums of halves, which these records do not have.
func.func @matmul_C1_halves(%x: tensor<?x88xi32>, %w: !pack.block<16x256, #pack.format<i6, group = 16, scale = i8, super = 256>, tiles>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  // expected-error @below {{x has 88 channels, but w is}}
  %0 = tile.matmul ins(%x, %w : tensor<?x88xi32>, !pack.block<16x256, #pack.format<i6, group = 16, scale = i8, super = 256>, tiles>) outs(%out : tensor<?x16xf32>) attributes {planes = 1 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
