// RUN: osscc-opt %s --tile-split-attention --split-input-file | FileCheck %s

// 2,000 positions are 4 spans of 512: 256 records suffice for 2 key-value heads; a record has 2 query heads of 64 outputs, 16 sums and
// 16 maxima each.
module attributes {abi.model = #abi.model<name = "llama", hidden = 256, vocabulary = 3, layers = 1, positions = 2000, max_rows = 16>} {
  // CHECK-LABEL: func @long
  // CHECK:         %[[P:.+]] = memref.alloc() : memref<256x192xf32>
  // CHECK:         tile.attend ins({{.*}}) outs({{.*}}) partials(%[[P]] : memref<256x192xf32>)
  func.func @long(%q: memref<?x256xf32>, %at: index, %out: memref<?x256xf32>) {
    tile.attend ins(%q, %at : memref<?x256xf32>) outs(%out : memref<?x256xf32>) {group = 0 : i64, heads = 2 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 64 : i64}
    return
  }
}

// -----

// Many spans: one record for each of one row's, 8 heads of 256 spans.
module attributes {abi.model = #abi.model<name = "llama", hidden = 512, vocabulary = 3, layers = 1, positions = 131072, max_rows = 16>} {
  // CHECK-LABEL: func @longest
  // CHECK:         memref.alloc() : memref<2048x96xf32>
  func.func @longest(%q: memref<?x512xf32>, %at: index, %out: memref<?x512xf32>) {
    tile.attend ins(%q, %at : memref<?x512xf32>) outs(%out : memref<?x512xf32>) {group = 0 : i64, heads = 8 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 64 : i64}
    return
  }
}

// -----

// No past is longer than a span.
module attributes {abi.model = #abi.model<name = "llama", hidden = 64, vocabulary = 3, layers = 1, positions = 512, max_rows = 16>} {
  // CHECK-LABEL: func @short
  // CHECK-NOT:     partials
  func.func @short(%q: memref<?x64xf32>, %at: index, %out: memref<?x64xf32>) {
    tile.attend ins(%q, %at : memref<?x64xf32>) outs(%out : memref<?x64xf32>) {group = 0 : i64, heads = 1 : i64, page_rows = 64 : i64, scale = 0.5 : f32, size = 64 : i64}
    return
  }
}
