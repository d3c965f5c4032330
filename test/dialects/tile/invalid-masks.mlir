// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @window_and_sinks
// CHECK-SAME:    (%[[Q:.+]]: memref<?x4xf32>, %[[AT:.+]]: index, %[[S:.+]]: memref<2xf32>)
func.func @window_and_sinks(%q: memref<?x4xf32>, %at: index, %s: memref<2xf32>) {
  // CHECK: tile.attend ins(%[[Q]], %[[AT]] : memref<?x4xf32>) outs(%[[Q]] : memref<?x4xf32>) sinks(%[[S]] : memref<2xf32>)
  // CHECK-SAME: {cache = #tile.cache<group = 1, heads = 1, size = 2, rows = 64, stored = f16, ring = 4>, factor = 1.500000e+00 : f32,
  // CHECK-SAME:  frequencies = array<f32: 1.000000e+00>, mask = #tile.mask<window = 128>, scale = 5.000000e-01 : f32}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>) sinks(%s : memref<2xf32>)
      {cache = #tile.cache<group = 1, heads = 1, size = 2, rows = 64, stored = f16, ring = 4>, scale = 0.5 : f32, mask = #tile.mask<window = 128>,
       frequencies = array<f32: 1.0>, factor = 1.5 : f32}
  return
}

// -----

func.func @attend_C6(%q: memref<?x4xf32>, %at: index) {
  // expected-error @below {{sees every position, but the cache is a ring}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16, ring = 4>, scale = 1.0 : f32}
  return
}

// -----

func.func @attend_C8(%q: memref<?x4xf32>, %at: index, %s: memref<2xf32>) {
  // expected-error @below {{has 1 query heads, but sinks are 'memref<2xf32>'}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>) sinks(%s : memref<2xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32}
  return
}

// -----

// expected-error @below {{a window has a position at least, found 0}}
func.func private @mask() attributes {mask = #tile.mask<window = 0>}

// -----

// expected-error @below {{a page is a whole number of 64 positions, found 32}}
func.func private @rows() attributes {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 32, stored = f16>}

// -----

// expected-error @below {{a cache has heads of channels, found 0 of 4 in group 0 with 0 pages}}
func.func private @heads() attributes {cache = #tile.cache<group = 0, heads = 0, size = 4, rows = 64, stored = f16>}

// -----

// expected-error @below {{caches f16, f32 or i8, found 'bf16'}}
func.func private @stored() attributes {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = bf16>}
