// RUN: osscc-opt %s --cuda-split-attention --split-input-file | FileCheck %s

// 2,000 positions are 8 spans of 256: 8 rows of 2 blocks have a record for each of them.
module attributes {abi.model = #abi.model<name = "llama", hidden = 256, vocabulary = 3, layers = 1, positions = 2000, max_rows = 16>} {
  // CHECK-LABEL: func @long
  // CHECK:         %[[P:.+]] = memref.alloc() : memref<128x192xf32>
  // CHECK:         tile.attend {{.*}} partials(%[[P]] : memref<128x192xf32>)
  func.func @long(%q: memref<?x256xf32>, %at: index, %out: memref<?x256xf32>) {
    tile.attend ins(%q, %at : memref<?x256xf32>) outs(%out : memref<?x256xf32>) {cache = #tile.cache<group = 0, heads = 2, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}

// -----

// One span is merged with none.
module attributes {abi.model = #abi.model<name = "llama", hidden = 256, vocabulary = 3, layers = 1, positions = 256, max_rows = 16>} {
  // CHECK-LABEL: func @short
  // CHECK-NOT:     memref.alloc
  func.func @short(%q: memref<?x256xf32>, %at: index, %out: memref<?x256xf32>) {
    tile.attend ins(%q, %at : memref<?x256xf32>) outs(%out : memref<?x256xf32>) {cache = #tile.cache<group = 0, heads = 2, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}
