// RUN: osscc-opt %s --tile-bind-segments | FileCheck %s

// 16 rows of 2 hidden channels take 128 bytes, those of 3 carried ones 192: each value has its place for the whole call, in every segment.
module attributes {abi.model = #abi.model<name = "m", hidden = 2, vocabulary = 4, layers = 2, positions = 64, max_rows = 16, carried = [3, 3]>} {
  // CHECK-LABEL: func @in_place
  // CHECK:         %[[X:.+]] = abi.arena 0(%{{.+}}) : memref<?x2xf32>
  // CHECK:         %[[A:.+]] = abi.arena 128(%{{.+}}) : memref<?x3xf32>
  // CHECK:         %[[B:.+]] = abi.arena 320(%{{.+}}) : memref<?x3xf32>
  // CHECK:         tile.map ins(%[[A]] : memref<?x3xf32>) outs(%[[B]]
  // CHECK-NOT:     tile.map
  func.func @in_place(%x: memref<?x2xf32>, %a: memref<?x3xf32>, %b: memref<?x3xf32>) -> (memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>) attributes {abi.segment = "layer"} {
    tile.map ins(%a : memref<?x3xf32>) outs(%b : memref<?x3xf32>) {
    ^bb0(%in: f32, %old: f32):
      %sum = arith.addf %in, %old : f32
      tile.yield %sum : f32
    }
    return %x, %a, %b : memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>
  }

  // What lies elsewhere is copied by a kernel; values that change places are both put aside before either is written.
  // CHECK-LABEL: func @changed
  // CHECK-DAG:     %[[A:.+]] = abi.arena 128(%{{.+}}) : memref<?x3xf32>
  // CHECK-DAG:     %[[B:.+]] = abi.arena 320(%{{.+}}) : memref<?x3xf32>
  // CHECK:         %[[NEW:.+]] = memref.alloc(%{{.+}}) : memref<?x3xf32>
  // CHECK:         %[[ASIDE:.+]] = memref.alloc(%{{.+}}) : memref<?x3xf32>
  // CHECK:         tile.map ins(%[[A]] : memref<?x3xf32>) outs(%[[ASIDE]]
  // CHECK:         tile.map ins(%[[NEW]] : memref<?x3xf32>) outs(%[[A]]
  // CHECK:         tile.map ins(%[[ASIDE]] : memref<?x3xf32>) outs(%[[B]]
  // CHECK-NOT:     tile.map
  // CHECK:         return{{$}}
  func.func @changed(%x: memref<?x2xf32>, %a: memref<?x3xf32>, %b: memref<?x3xf32>) -> (memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>) attributes {abi.segment = "layer"} {
    %n = abi.rows
    %new = memref.alloc(%n) : memref<?x3xf32>
    return %x, %new, %a : memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>
  }

  // A copy of bufferization's is a kernel too: a barrier will stand behind it.
  // CHECK-LABEL: func @copied
  // CHECK-NOT:     memref.copy
  // CHECK:         tile.map ins(%{{.+}} : memref<?x3xf32>) outs(%{{.+}} : memref<?x3xf32>)
  // CHECK-NOT:     memref.copy
  func.func @copied(%x: memref<?x2xf32>, %a: memref<?x3xf32>, %b: memref<?x3xf32>) -> (memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>) attributes {abi.segment = "layer"} {
    memref.copy %a, %b : memref<?x3xf32> to memref<?x3xf32>
    return %x, %a, %b : memref<?x2xf32>, memref<?x3xf32>, memref<?x3xf32>
  }

  // The head reads what it wants of them; its last argument is where the call wants its logits.
  // CHECK-LABEL: func @head
  // CHECK:         abi.arena 0
  // CHECK:         %[[A:.+]] = abi.arena 128
  // CHECK:         %[[LOGITS:.+]] = abi.output %
  // CHECK:         tile.gather outputs ins(%[[A]] : memref<?x3xf32>) outs(%[[LOGITS]] : memref<?x3xf32>)
  func.func @head(%x: memref<?x2xf32>, %a: memref<?x3xf32>, %b: memref<?x3xf32>, %logits: memref<?x3xf32>) -> memref<?x3xf32> attributes {abi.segment = "head"} {
    tile.gather outputs ins(%a : memref<?x3xf32>) outs(%logits : memref<?x3xf32>)
    return %logits : memref<?x3xf32>
  }
}
