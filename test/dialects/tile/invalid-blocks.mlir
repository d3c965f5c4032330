// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of the block level (TileBlocks.td), then the schedule's.

func.func @grid_C1(%n: index) {
  // expected-error @below {{the body takes one index}}
  tile.grid %n {
  ^bb0(%block: f32):
  }
  return
}

// -----

func.func @load_C1(%x: memref<?x4xi32>, %n: index) {
  // expected-error @below {{'vector<3x4xi32>' is not a whole number of 2 planes}}
  %0 = tile.load %x[%n, %n] last %n {planes = 2 : i64} : memref<?x4xi32> -> vector<3x4xi32>
  return
}

// -----

func.func @load_C2(%x: memref<?x4xi32>, %n: index) {
  // expected-error @below {{loads 'vector<1x4xf32>' from 'memref<?x4xi32>'}}
  %0 = tile.load %x[%n, %n] last %n : memref<?x4xi32> -> vector<1x4xf32>
  return
}

// -----

func.func @unpack_C1(%w: memref<2x4x16xf32>, %n: index) {
  // expected-error @below {{'vector<4x1x8xf32>' is not a whole number of tiles of 16 rows}}
  %0 = tile.unpack %w[%n, %n] : memref<2x4x16xf32> -> vector<4x1x8xf32>
  return
}

// -----

// The steps of k differ.
func.func @dot_C1(%a: vector<2x4xf32>, %b: vector<8x2x16xf32>, %acc: vector<2x2x16xf32>) {
  // expected-error @below {{blocks 'vector<2x4xf32>', 'vector<8x2x16xf32>' and 'vector<2x2x16xf32>' do not fit}}
  %0 = tile.dot %a, %b, %acc : vector<2x4xf32>, vector<8x2x16xf32>, vector<2x2x16xf32>
  return
}

// -----

// The rows differ.
func.func @dot_C1_rows(%a: vector<3x4xf32>, %b: vector<4x2x16xf32>, %acc: vector<2x2x16xf32>) {
  // expected-error @below {{do not fit}}
  %0 = tile.dot %a, %b, %acc : vector<3x4xf32>, vector<4x2x16xf32>, vector<2x2x16xf32>
  return
}

// -----

func.func @store_C1(%a: vector<2x2x16xf32>, %b: vector<1x2x16xf32>, %out: memref<?x32xf32>, %n: index) {
  // expected-error @below {{needs blocks of one type}}
  tile.store %a, %b to %out[%n, %n] last %n {
  ^bb0(%x: f32, %y: f32, %old: f32):
    tile.yield %x : f32
  } : vector<2x2x16xf32>, vector<1x2x16xf32> to memref<?x32xf32>
  return
}

// -----

func.func @store_C2(%a: vector<2x2x16xf32>, %out: memref<?x32xf32>, %n: index) {
  // expected-error @below {{the region takes 2 f32 and yields one}}
  tile.store %a to %out[%n, %n] last %n {
  ^bb0(%x: f32):
    tile.yield %x : f32
  } : vector<2x2x16xf32> to memref<?x32xf32>
  return
}

// -----

// expected-error @below {{a schedule takes at least one row and an even number of channels a step}}
func.func private @schedule_k() attributes {s = #tile.schedule<m = 1, n = 16, k = 3, lanes = 8, columns = 16>}

// -----

// expected-error @below {{n is a whole number of tiles of 16 rows, found 24}}
func.func private @schedule_n() attributes {s = #tile.schedule<m = 1, n = 24, k = 2, lanes = 8, columns = 16>}

// -----

// expected-error @below {{lanes divide a tile of 16 rows, found 5}}
func.func private @schedule_lanes() attributes {s = #tile.schedule<m = 1, n = 16, k = 2, lanes = 5, columns = 16>}

// -----

// expected-error @below {{few is at most 32, found 33}}
func.func private @schedule_few() attributes {s = #tile.schedule<m = 1, n = 48, k = 2, lanes = 8, columns = 16, few = 33>}

// -----

// expected-error @below {{level is 1 or 2, found 3}}
func.func private @schedule_level() attributes {s = #tile.schedule<m = 1, n = 48, k = 2, lanes = 8, columns = 16, few = 8, level = 3>}

// -----

// expected-error @below {{columns are whole tiles and divide n, found 32 of 48}}
func.func private @schedule_columns() attributes {s = #tile.schedule<m = 1, n = 48, k = 2, lanes = 8, columns = 32>}
