// RUN: osscc-opt %s --tile-to-gpu | FileCheck %s

// 2,000 positions are 8 spans of 256: 8 rows of 2 blocks have a record for each of them. Few rows are cut into spans, which others merge;
// many rows take a block each. How many spans there may be follows from the call's extent alone.
module attributes {abi.model = #abi.model<name = "llama", hidden = 256, vocabulary = 3, layers = 1, positions = 2000, max_rows = 16>} {
  // CHECK-LABEL: func.func private @attend_0
  // CHECK:         scf.if
  // CHECK:           abi.extent
  // CHECK:           %[[SPANS:.+]] = arith.minui
  // CHECK:           abi.launch @kernels::@attend_0_spans grid(%{{.+}}, %{{.+}}, %[[SPANS]]) threads 256
  // CHECK:           abi.launch @kernels::@attend_0_merge
  // CHECK:         } else {
  // CHECK:           abi.launch @kernels::@attend_0_whole grid(%{{.+}}, %{{.+}}, %{{.+}}) threads 256
  // CHECK:         gpu.func @attend_0_spans(%[[CALL:.+]]: !llvm.ptr
  // CHECK:           abi.position
  // CHECK:           abi.page_pointer 0 of %{{.+}}[%{{.+}}] : !llvm.ptr
  // CHECK-NOT:       math.exp
  // CHECK:         gpu.func @attend_0_merge
  func.func private @attend_0(%q: memref<?x256xf32>, %at: index, %out: memref<?x256xf32>, %p: memref<128x192xf32>) {
    tile.attend ins(%q, %at : memref<?x256xf32>) outs(%out : memref<?x256xf32>) partials(%p : memref<128x192xf32>) {cache = #tile.cache<group = 0, heads = 2, size = 64, rows = 64, stored = f16>, scale = 0.5 : f32}
    return
  }
}
