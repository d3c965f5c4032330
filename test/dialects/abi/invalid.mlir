// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of AbiOps.td.

func.func @weight_C1() {
  // expected-error @below {{expected a memref of static shape, found 'memref<?x4x16xf32>'}}
  %0 = abi.weight @w : memref<?x4x16xf32>
  return
}

// -----

func.func @arena_C1() {
  // expected-error @below {{has 0 sizes for 'memref<?x4xf32>'}}
  %0 = abi.arena 0 : memref<?x4xf32>
  return
}

// -----

func.func @arena_C2() {
  // expected-error @below {{offset 32 is not a whole number of 64-byte lines}}
  %0 = abi.arena 32 : memref<4xf32>
  return
}

// -----

func.func @arena_C2_negative() {
  // expected-error @below {{offset -64 is not a whole number of 64-byte lines}}
  %0 = abi.arena -64 : memref<4xf32>
  return
}

// -----

func.func @output_C1(%n: index) {
  // expected-error @below {{expected a memref of dynamic rows and static channels, found 'memref<2x8xf32>'}}
  %0 = abi.output %n : memref<2x8xf32>
  return
}

// -----

func.func @embeddings_C1(%n: index) {
  // expected-error @below {{expected a memref of dynamic rows and static channels, found 'memref<?x?xf32>'}}
  %given, %0 = abi.embeddings %n : memref<?x?xf32>
  return
}

// -----

func.func @page_C1(%n: index) {
  // expected-error @below {{expected a memref of static shape, found 'memref<?xf32>'}}
  %0 = abi.page 0 of %n[%n] at %n : memref<?xf32>
  return
}

// -----

// expected-error @below {{a cache group is full, a window or a state, found "latent"}}
module attributes {abi.cache_groups = [#abi.cache_group<kind = "latent", rows_per_page = 64, bytes_per_page = 64, layers = 1>]} {}

// -----

// expected-error @below {{a window has positions, and a full group no window, found 0}}
module attributes {abi.cache_groups = [#abi.cache_group<kind = "window", rows_per_page = 64, bytes_per_page = 64, layers = 1>]} {}

// -----

// expected-error @below {{a window has positions, and a full group no window, found 128}}
module attributes {abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 64, layers = 1, window = 128>]} {}

// -----

// expected-error @below {{a page has positions and bytes, found 64 and 0}}
module attributes {abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 0, layers = 1>]} {}

// -----

// expected-error @below {{a state has one page, of 1 row, found 64}}
module attributes {abi.cache_groups = [#abi.cache_group<kind = "state", rows_per_page = 64, bytes_per_page = 64, layers = 1>]} {}
