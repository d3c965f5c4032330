// RUN: osscc-opt %s | osscc-opt | FileCheck %s

// A matmul in full: two parts, an epilogue, a schedule.
// CHECK-LABEL: func.func @matmul
// CHECK-SAME:    (%[[X:.+]]: tensor<?x4xf32>, %[[W:.+]]: !pack.block<32x4, #pack.format<bf16>, tiles>, %[[OUT:.+]]: tensor<?x16xf32>)
// CHECK:         tile.matmul ins(%[[X]], %[[W]] : tensor<?x4xf32>, !pack.block<32x4, #pack.format<bf16>, tiles>)
// CHECK-SAME:      outs(%[[OUT]] : tensor<?x16xf32>)
// CHECK-SAME:      attributes {parts = 2 : i64, schedule = #tile.schedule<m = 6, n = 32, k = 8, lanes = 16, columns = 16>} {
// CHECK-NEXT:    ^bb0(%[[GATE:.+]]: f32, %[[UP:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      %[[P:.+]] = arith.mulf %[[GATE]], %[[UP]] : f32
// CHECK-NEXT:      tile.yield %[[P]] : f32
// CHECK-NEXT:    } -> tensor<?x16xf32>
func.func @matmul(%x: tensor<?x4xf32>, %w: !pack.block<32x4, #pack.format<bf16>, tiles>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %y = tile.matmul ins(%x, %w : tensor<?x4xf32>, !pack.block<32x4, #pack.format<bf16>, tiles>) outs(%out : tensor<?x16xf32>)
      attributes {parts = 2 : i64, schedule = #tile.schedule<m = 6, n = 32, k = 8, lanes = 16, columns = 16>} {
  ^bb0(%gate: f32, %up: f32, %old: f32):
    %product = arith.mulf %gate, %up : f32
    tile.yield %product : f32
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// On memory there is no result, and the weight is its storage.
// CHECK-LABEL: func.func @on_memory
// CHECK:         tile.matmul ins(%{{.+}}, %{{.+}} : memref<?x4xf32>, memref<1x4x16xf32>) outs(%{{.+}} : memref<?x16xf32>) {
// CHECK:         tile.norm ins(%{{.+}}, %{{.+}} : memref<?x4xf32>, memref<4xf32>) outs(%{{.+}} : memref<?x4xf32>) {eps = 1.000000e+00 : f32}{{$}}
func.func @on_memory(%x: memref<?x4xf32>, %w: memref<1x4x16xf32>, %out: memref<?x16xf32>, %scale: memref<4xf32>) {
  tile.matmul ins(%x, %w : memref<?x4xf32>, memref<1x4x16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  tile.norm ins(%x, %scale : memref<?x4xf32>, memref<4xf32>) outs(%x : memref<?x4xf32>) {eps = 1.0 : f32}
  return
}

// CHECK-LABEL: func.func @attention
// CHECK-SAME:    (%[[Q:.+]]: tensor<?x4xf32>, %[[K:.+]]: tensor<?x2xf32>, %[[AT:.+]]: index, %[[OUT:.+]]: tensor<?x4xf32>)
// CHECK:         tile.append ins(%[[K]], %[[K]], %[[AT]] : tensor<?x2xf32>, tensor<?x2xf32>)
// CHECK-SAME:      {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
// CHECK:         tile.attend ins(%[[Q]], %[[AT]] : tensor<?x4xf32>) outs(%[[OUT]] : tensor<?x4xf32>)
// CHECK-SAME:      {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>, scale = 5.000000e-01 : f32} -> tensor<?x4xf32>
func.func @attention(%q: tensor<?x4xf32>, %k: tensor<?x2xf32>, %at: index, %out: tensor<?x4xf32>) -> tensor<?x4xf32> {
  tile.append ins(%k, %k, %at : tensor<?x2xf32>, tensor<?x2xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>}
  %y = tile.attend ins(%q, %at : tensor<?x4xf32>) outs(%out : tensor<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 2, rows = 64, stored = f16>, scale = 0.5 : f32} -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @rows
// CHECK-SAME:    (%[[X:.+]]: tensor<?x4xf32>, %[[OUT:.+]]: tensor<?x4xf32>, %[[SCALE:.+]]: !pack.block<4, #pack.format<f32>, rows>)
// CHECK:         tile.norm ins(%[[X]], %[[SCALE]] : tensor<?x4xf32>, !pack.block<4, #pack.format<f32>, rows>) outs(%[[OUT]] : tensor<?x4xf32>) {eps = 1.000000e+00 : f32} -> tensor<?x4xf32>
// CHECK:         tile.rotate ins(%[[X]] : tensor<?x4xf32>) outs(%[[OUT]] : tensor<?x4xf32>) {dims = 4 : i64, frequencies = array<f32: 1.000000e+00, 5.000000e-01>} -> tensor<?x4xf32>
// CHECK:         tile.map ins(%[[X]] : tensor<?x4xf32>) outs(%[[OUT]] : tensor<?x4xf32>) {
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32):
// CHECK:         } -> tensor<?x4xf32>
func.func @rows(%x: tensor<?x4xf32>, %out: tensor<?x4xf32>, %scale: !pack.block<4, #pack.format<f32>, rows>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %n = tile.norm ins(%x, %scale : tensor<?x4xf32>, !pack.block<4, #pack.format<f32>, rows>) outs(%out : tensor<?x4xf32>)
      {eps = 1.0 : f32} -> tensor<?x4xf32>
  %r = tile.rotate ins(%x : tensor<?x4xf32>) outs(%out : tensor<?x4xf32>)
      {dims = 4, frequencies = array<f32: 1.0, 0.5>} -> tensor<?x4xf32>
  %m = tile.map ins(%x : tensor<?x4xf32>) outs(%out : tensor<?x4xf32>) {
  ^bb0(%a: f32, %old: f32):
    %sum = arith.addf %a, %old : f32
    tile.yield %sum : f32
  } -> tensor<?x4xf32>
  return %n, %r, %m : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func.func @gather
// CHECK:         tile.gather tokens ins(%{{.+}} : !pack.block<8x4, #pack.format<f16>, tiles>) outs(%{{.+}} : tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK:         tile.gather outputs ins(%{{.+}} : tensor<?x4xf32>) outs(%{{.+}} : tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @gather(%table: !pack.block<8x4, #pack.format<f16>, tiles>, %out: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %x = tile.gather tokens ins(%table : !pack.block<8x4, #pack.format<f16>, tiles>) outs(%out : tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = tile.gather outputs ins(%x : tensor<?x4xf32>) outs(%out : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// An input of a map may be a packed weight of one value a channel.
// CHECK-LABEL: func.func @bias
// CHECK:         tile.map ins(%{{.+}} : !pack.block<4, #pack.format<f32>, rows>) outs(%{{.+}} : tensor<?x4xf32>) {
func.func @bias(%b: !pack.block<4, #pack.format<f32>, rows>, %out: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %m = tile.map ins(%b : !pack.block<4, #pack.format<f32>, rows>) outs(%out : tensor<?x4xf32>) {
  ^bb0(%bias: f32, %old: f32):
    %s = arith.addf %old, %bias : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  return %m : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @prefetch
// CHECK-SAME:    (%[[W:.+]]: memref<4x4x16xf32>)
// CHECK:         tile.prefetch %[[W]] {blocks = 2 : i64, bytes = 64 : i64, streams = 2 : i64} : memref<4x4x16xf32>
func.func @prefetch(%w: memref<4x4x16xf32>) {
  tile.prefetch %w {blocks = 2, bytes = 64, streams = 2} : memref<4x4x16xf32>
  return
}

// A bias a row of the weight, packed and in memory.
// CHECK-LABEL: func @channels
// CHECK:         tile.matmul ins({{.*}}) channels(%{{.+}} : !pack.block<4, #pack.format<f32>, rows>) outs(%{{.+}} : tensor<?x4xf32>)
// CHECK:         tile.matmul ins({{.*}}) channels(%{{.+}}, %{{.+}} : memref<16xf32>, memref<16xf32>) outs(%{{.+}} : memref<?x16xf32>)
func.func @channels(%x: tensor<?x2xf32>, %w: !pack.block<4x2, #pack.format<f32>, tiles>, %b: !pack.block<4, #pack.format<f32>, rows>, %e: tensor<?x4xf32>, %m: memref<?x4xf32>, %n: memref<1x4x16xf32>, %c: memref<16xf32>, %out: memref<?x16xf32>) {
  %y = tile.matmul ins(%x, %w : tensor<?x2xf32>, !pack.block<4x2, #pack.format<f32>, tiles>) channels(%b : !pack.block<4, #pack.format<f32>, rows>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x4xf32>
  tile.matmul ins(%m, %n : memref<?x4xf32>, memref<1x4x16xf32>) channels(%c, %c : memref<16xf32>, memref<16xf32>) outs(%out : memref<?x16xf32>) {
  ^bb0(%acc: f32, %bias: f32, %other: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
