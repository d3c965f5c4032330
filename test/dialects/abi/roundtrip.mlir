// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// CHECK: module attributes
// CHECK-SAME: abi.arena_bytes = 4096 : i64
// CHECK-SAME: abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 512, layers = 1>, #abi.cache_group<kind = "window", rows_per_page = 64, bytes_per_page = 512, layers = 2, window = 128>]
// CHECK-SAME: abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 8, layers = 1, positions = 16, max_rows = 8>
module attributes {
  abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 8, layers = 1, positions = 16, max_rows = 8>,
  abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 512, layers = 1>,
                      #abi.cache_group<kind = "window", rows_per_page = 64, bytes_per_page = 512, layers = 2, window = 128>],
  abi.arena_bytes = 4096 : i64
} {
  // CHECK-LABEL: func.func @fields
  // CHECK-SAME:    attributes {abi.segment = "embed"}
  // CHECK-NEXT:    %[[T:.+]] = abi.rows
  // CHECK-NEXT:    abi.output_rows
  // CHECK-NEXT:    abi.workers
  // CHECK-NEXT:    abi.worker
  // CHECK-NEXT:    abi.token %[[T]]
  // CHECK-NEXT:    abi.position %[[T]]
  // CHECK-NEXT:    abi.sequence %[[T]]
  // CHECK-NEXT:    abi.output_row %[[T]]
  func.func @fields() attributes {abi.segment = "embed"} {
    %rows = abi.rows
    %outputs = abi.output_rows
    %workers = abi.workers
    %worker = abi.worker
    %token = abi.token %rows
    %position = abi.position %rows
    %sequence = abi.sequence %rows
    %output = abi.output_row %rows
    return
  }

  // CHECK-LABEL: func.func @memory
  // CHECK-SAME:    (%[[N:.+]]: index)
  // CHECK-NEXT:    abi.weight @w : memref<1x4x16xf32>
  // CHECK-NEXT:    abi.arena 64 : memref<4xf32>
  // CHECK-NEXT:    abi.arena 128(%[[N]]) : memref<?x4xf32>
  // CHECK-NEXT:    abi.output %[[N]] : memref<?x8xf32>
  // CHECK-NEXT:    abi.embeddings %[[N]] : memref<?x4xf32>
  // CHECK-NEXT:    abi.page 0 of %[[N]][%[[N]]] at %[[N]] : memref<1x2x64xf32>
  func.func @memory(%n: index) {
    %weight = abi.weight @w : memref<1x4x16xf32>
    %fixed = abi.arena 64 : memref<4xf32>
    %sized = abi.arena 128(%n) : memref<?x4xf32>
    %output = abi.output %n : memref<?x8xf32>
    %given, %embeddings = abi.embeddings %n : memref<?x4xf32>
    %page = abi.page 0 of %n[%n] at %n : memref<1x2x64xf32>
    return
  }

  // CHECK-LABEL: func.func @work
  // CHECK-SAME:    (%[[N:[a-z0-9]+]]: index
  // CHECK-NEXT:    abi.barrier
  // CHECK-NEXT:    abi.next_block of %[[N]] below %[[N]]
  // CHECK-NEXT:    abi.finish %[[N]]
  func.func @work(%n: index) {
    abi.barrier
    %block = abi.next_block of %n below %n
    abi.finish %n
    return
  }
}
