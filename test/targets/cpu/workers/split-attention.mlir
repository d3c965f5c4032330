// RUN: osscc-opt %s --tile-split-attention --split-input-file | FileCheck %s

// 2,000 positions are 4 spans of 512: 256 records suffice for 2 key-value heads; a record has 2 query heads of 64 outputs, 16 sums and
// 16 maxima each.
module attributes {abi.model = #abi.model<name = "llama", hidden = 256, vocabulary = 3, layers = 1, positions = 2000, max_rows = 16>} {
  // CHECK-LABEL: func @long
  // CHECK:         %[[P:.+]] = memref.alloc() : memref<256x192xf32>
  // CHECK:         tile.attend ins({{.*}}) outs({{.*}}) partials(%[[P]] : memref<256x192xf32>)
  func.func @long(%q: memref<?x256xf32>, %at: index, %out: memref<?x256xf32>) {
    tile.attend ins(%q, %at : memref<?x256xf32>) outs(%out : memref<?x256xf32>) {cache = #tile.cache<group = 0, heads = 2, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}

// -----

// Many spans: one record for each of one row's, 8 heads of 256 spans.
module attributes {abi.model = #abi.model<name = "llama", hidden = 512, vocabulary = 3, layers = 1, positions = 131072, max_rows = 16>} {
  // CHECK-LABEL: func @longest
  // CHECK:         memref.alloc() : memref<2048x96xf32>
  func.func @longest(%q: memref<?x512xf32>, %at: index, %out: memref<?x512xf32>) {
    tile.attend ins(%q, %at : memref<?x512xf32>) outs(%out : memref<?x512xf32>) {cache = #tile.cache<group = 0, heads = 8, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}

// -----

// No past is longer than a span.
module attributes {abi.model = #abi.model<name = "llama", hidden = 64, vocabulary = 3, layers = 1, positions = 512, max_rows = 16>} {
  // CHECK-LABEL: func @short
  // CHECK-NOT:     partials
  func.func @short(%q: memref<?x64xf32>, %at: index, %out: memref<?x64xf32>) {
    tile.attend ins(%q, %at : memref<?x64xf32>) outs(%out : memref<?x64xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}

// -----

// What a window of 1,100 positions lets a row see lies in 4 spans at most, wherever it begins; one of 512 is not worth cutting.
module attributes {abi.model = #abi.model<name = "llama", hidden = 8192, vocabulary = 3, layers = 1, positions = 131072, max_rows = 16>} {
  // CHECK-LABEL: func @windows
  // CHECK:         memref.alloc() : memref<512x96xf32>
  // CHECK:         tile.attend {{.*}} partials
  // CHECK-NOT:     partials
  func.func @windows(%q: memref<?x8192xf32>, %at: index, %out: memref<?x8192xf32>) {
    tile.attend ins(%q, %at : memref<?x8192xf32>) outs(%out : memref<?x8192xf32>) {cache = #tile.cache<group = 0, heads = 128, size = 64, rows = 64, stored = f16, ring = 20>, mask = #tile.mask<window = 1100>, scale = 0.5 : f32}
    tile.attend ins(%q, %at : memref<?x8192xf32>) outs(%out : memref<?x8192xf32>) {cache = #tile.cache<group = 0, heads = 128, size = 64, rows = 64, stored = f16, ring = 20>, mask = #tile.mask<window = 512>, scale = 0.5 : f32}
    return
  }
}
