// RUN: osscc-opt %s --tile-plan-arena --split-input-file | FileCheck %s

// 16 rows of 4 hidden channels take the first 256 bytes. The first buffer, 16 x 8 x 4 = 512 bytes, dies before the third is born:
// they share bytes. The second lives across both and lies behind.
// CHECK: module attributes {abi.arena_bytes = 1024 : i64
module attributes {abi.model = #abi.model<name = "m", hidden = 4, vocabulary = 3, layers = 1, positions = 64, max_rows = 16>} {
  func.func private @use(memref<?x8xf32>, memref<?x4xf32>)
  // CHECK-LABEL: func @layer
  // CHECK:         %[[T:.+]] = abi.rows
  // CHECK:         abi.arena 256(%[[T]]) : memref<?x8xf32>
  // CHECK:         abi.arena 768(%[[T]]) : memref<?x4xf32>
  // CHECK:         abi.arena 256(%[[T]]) : memref<?x8xf32>
  // CHECK-NOT:     memref.alloc
  func.func @layer() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %first = memref.alloc(%n) : memref<?x8xf32>
    %second = memref.alloc(%n) : memref<?x4xf32>
    call @use(%first, %second) : (memref<?x8xf32>, memref<?x4xf32>) -> ()
    %third = memref.alloc(%n) : memref<?x8xf32>
    call @use(%third, %second) : (memref<?x8xf32>, memref<?x4xf32>) -> ()
    return
  }
}

// -----

// A view keeps its buffer alive: the second may not take its bytes.
module attributes {abi.model = #abi.model<name = "m", hidden = 4, vocabulary = 3, layers = 1, positions = 64, max_rows = 16>} {
  func.func private @use(memref<?x4xf32, strided<[8, 1]>>)
  func.func private @fill(memref<?x8xf32>)
  // CHECK-LABEL: func @viewed
  // CHECK:         abi.arena 256
  // CHECK:         abi.arena 768
  func.func @viewed() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %first = memref.alloc(%n) : memref<?x8xf32>
    %view = memref.subview %first[0, 0] [%n, 4] [1, 1] : memref<?x8xf32> to memref<?x4xf32, strided<[8, 1]>>
    %second = memref.alloc(%n) : memref<?x8xf32>
    call @fill(%second) : (memref<?x8xf32>) -> ()
    call @use(%view) : (memref<?x4xf32, strided<[8, 1]>>) -> ()
    return
  }
}

// -----

// One of two forms runs: they share bytes behind what both use.
// CHECK: module attributes {abi.arena_bytes = 1280 : i64
module attributes {abi.model = #abi.model<name = "m", hidden = 4, vocabulary = 3, layers = 1, positions = 64, max_rows = 16>} {
  func.func private @use(memref<?x8xf32>)
  // CHECK-LABEL: func @forms
  // CHECK:         abi.arena 256
  // CHECK:         scf.if
  // CHECK:           abi.arena 768
  // CHECK:         else
  // CHECK:           abi.arena 768
  func.func @forms() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %is = arith.constant true
    %both = memref.alloc(%n) : memref<?x8xf32>
    scf.if %is {
      %first = memref.alloc(%n) : memref<?x8xf32>
      func.call @use(%first) : (memref<?x8xf32>) -> ()
      func.call @use(%both) : (memref<?x8xf32>) -> ()
    } else {
      %second = memref.alloc(%n) : memref<?x8xf32>
      func.call @use(%second) : (memref<?x8xf32>) -> ()
    }
    return
  }
}

// -----

// A plan that each worker makes for itself it may make late: the logits stay until nobody reads a plan of them any more, and the buffers that
// are born in between lie behind.
module attributes {abi.model = #abi.model<name = "m", hidden = 4, vocabulary = 3, layers = 1, positions = 64, max_rows = 16>} {
  func.func private @route(%logits: memref<?x8xf32>, %plan: memref<?x6xi32>) {
    tile.route chosen top 1 ins(%logits : memref<?x8xf32>) outs(%plan : memref<?x6xi32>) {own}
    return
  }
  func.func private @use(memref<?x6xi32>, memref<?x8xf32>)
  func.func private @fill(memref<?x8xf32>)
  // CHECK-LABEL: func @late
  // CHECK:         abi.arena 256(%{{.+}}) : memref<?x8xf32>
  // CHECK:         abi.arena 768(%{{.+}}) : memref<?x8xf32>
  // CHECK:         abi.arena 1280(%{{.+}}) : memref<?x8xf32>
  // CHECK:         abi.arena 256(%{{.+}}) : memref<?x8xf32>
  func.func @late() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %logits = memref.alloc(%n) : memref<?x8xf32>
    %own = memref.alloca() : memref<1x6xi32>
    %plan = memref.cast %own : memref<1x6xi32> to memref<?x6xi32>
    call @route(%logits, %plan) : (memref<?x8xf32>, memref<?x6xi32>) -> ()
    %first = memref.alloc(%n) : memref<?x8xf32>
    call @use(%plan, %first) : (memref<?x6xi32>, memref<?x8xf32>) -> ()
    %second = memref.alloc(%n) : memref<?x8xf32>
    call @use(%plan, %second) : (memref<?x6xi32>, memref<?x8xf32>) -> ()
    call @use(%plan, %first) : (memref<?x6xi32>, memref<?x8xf32>) -> ()
    %third = memref.alloc(%n) : memref<?x8xf32>
    call @fill(%third) : (memref<?x8xf32>) -> ()
    return
  }
}
