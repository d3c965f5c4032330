// RUN: osscc-opt %s --tile-one-row --split-input-file | FileCheck %s

// For one row each worker norms for itself, behind the prefetch; attention appends what it reads. Other calls run what was there.
// CHECK-LABEL: func @layer
// CHECK:         %[[ONE:.+]] = arith.constant 1 : index
// CHECK:         %[[ROWS:.+]] = abi.rows
// CHECK:         %[[IS:.+]] = arith.cmpi eq, %[[ROWS]], %[[ONE]]
// CHECK:         scf.if %[[IS]] {
// CHECK:           %[[ALLOCA:.+]] = memref.alloca() {alignment = 64 : i64} : memref<1x19xi32>
// CHECK:           %[[OWN:.+]] = memref.cast %[[ALLOCA]] : memref<1x19xi32> to memref<?x19xi32>
// CHECK:           %[[W:.+]] = abi.weight @w
// CHECK:           tile.prefetch %[[W]]
// CHECK:           tile.norm {{.*}} outs(%[[OWN]] : memref<?x19xi32>) {eps = 9.99999974E-6 : f32, own, planes = 2 : i64}
// CHECK:           tile.matmul ins(%[[OWN]], %[[W]]
// CHECK-NOT:       tile.append
// CHECK:           tile.attend {{.*}} append(%{{.+}}, %{{.+}} : memref<?x32xf32>, memref<?x32xf32>)
// CHECK:         } else {
// CHECK:           %[[SHARED:.+]] = memref.alloc(%{{.+}}) : memref<?x19xi32>
// CHECK:           tile.norm {{.*}} outs(%[[SHARED]] : memref<?x19xi32>) {eps = 9.99999974E-6 : f32, planes = 2 : i64}
// CHECK:           tile.prefetch
// CHECK:           tile.matmul ins(%[[SHARED]]
// CHECK:           tile.append
// CHECK:           tile.attend
// CHECK-NOT:       append
func.func @layer() attributes {abi.segment = "layer"} {
  %c0 = arith.constant 0 : index
  %n = abi.rows
  %x = abi.arena 0(%n) : memref<?x32xf32>
  %s = abi.weight @s : memref<32xf32>
  %codes = memref.alloc(%n) : memref<?x19xi32>
  tile.norm ins(%x, %s : memref<?x32xf32>, memref<32xf32>) outs(%codes : memref<?x19xi32>) {eps = 1.0e-05 : f32, planes = 2 : i64}
  %w = abi.weight @w : memref<2x576xi8>
  %y = memref.alloc(%n) : memref<?x32xf32>
  tile.prefetch %w {blocks = 1 : i64, bytes = 64 : i64, streams = 2 : i64} : memref<2x576xi8>
  tile.matmul ins(%codes, %w : memref<?x19xi32>, memref<2x576xi8>) outs(%y : memref<?x32xf32>) attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 2 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.append ins(%y, %y, %c0 : memref<?x32xf32>, memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>}
  tile.attend ins(%y, %c0 : memref<?x32xf32>) outs(%x : memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}

// -----

// The head's rows are those whose output is wanted.
// CHECK-LABEL: func @head
// CHECK:         abi.output_rows
// CHECK:         scf.if
// CHECK:           memref.alloca() {alignment = 64 : i64} : memref<1x32xf32>
// CHECK:           tile.gather outputs {{.*}} {own}
// CHECK:         } else {
// CHECK-NOT:       own
func.func @head() attributes {abi.segment = "head"} {
  %n = abi.rows
  %o = abi.output_rows
  %x = abi.arena 0(%n) : memref<?x32xf32>
  %out = abi.output %o : memref<?x32xf32>
  %rows = memref.alloc(%o) : memref<?x32xf32>
  tile.gather outputs ins(%x : memref<?x32xf32>) outs(%rows : memref<?x32xf32>)
  tile.map ins(%rows : memref<?x32xf32>) outs(%out : memref<?x32xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

// Rows that a shared kernel writes too, long rows, and keys that nobody attends to next stay as they are.
// CHECK-LABEL: func @shared
// CHECK-NOT:     own
// CHECK:         tile.append
// CHECK-NOT:     own
// CHECK:         } else {
func.func @shared() attributes {abi.segment = "layer"} {
  %c0 = arith.constant 0 : index
  %n = abi.rows
  %x = abi.arena 0(%n) : memref<?x32xf32>
  %s = abi.weight @s : memref<32xf32>
  %y = memref.alloc(%n) : memref<?x32xf32>
  tile.norm ins(%x, %s : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32}
  tile.map ins(%x : memref<?x32xf32>) outs(%y : memref<?x32xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  %long = memref.alloc(%n) : memref<?x8192xf32>
  %codes = memref.alloc(%n) : memref<?x4864xi32>
  tile.quantize_rows ins(%long : memref<?x8192xf32>) outs(%codes : memref<?x4864xi32>) {planes = 2 : i64}
  tile.append ins(%y, %y, %c0 : memref<?x32xf32>, memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>}
  tile.map ins(%x : memref<?x32xf32>) outs(%x : memref<?x32xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

// Nothing to do for one row: one form.
// CHECK-LABEL: func @embed
// CHECK-NOT:     scf.if
func.func @embed(%x: memref<?x32xf32>, %y: memref<?x32xf32>) attributes {abi.segment = "embed"} {
  tile.map ins(%x : memref<?x32xf32>) outs(%y : memref<?x32xf32>) {
  ^bb0(%a: f32, %old: f32):
    tile.yield %a : f32
  }
  return
}

// -----

// Heads of q and k that are normed are each worker's own too, though attention's append reads them.
// CHECK-LABEL: func @normed_heads
// CHECK:         scf.if
// CHECK:           tile.norm {{.*}} own, size = 32 : i64}
// CHECK-NEXT:      tile.norm {{.*}} own, size = 32 : i64}
// CHECK-NEXT:      tile.attend {{.*}} append(
// CHECK:         } else {
// CHECK-NOT:       own
// CHECK:           tile.append
func.func @normed_heads() attributes {abi.segment = "layer"} {
  %c0 = arith.constant 0 : index
  %n = abi.rows
  %x = abi.arena 0(%n) : memref<?x64xf32>
  %v = abi.arena 0(%n) : memref<?x32xf32>
  %s = abi.weight @s : memref<32xf32>
  %q = memref.alloc(%n) : memref<?x64xf32>
  %k = memref.alloc(%n) : memref<?x32xf32>
  tile.norm ins(%x, %s : memref<?x64xf32>, memref<32xf32>) outs(%q : memref<?x64xf32>) {eps = 1.0e-05 : f32, size = 32}
  tile.norm ins(%v, %s : memref<?x32xf32>, memref<32xf32>) outs(%k : memref<?x32xf32>) {eps = 1.0e-05 : f32, size = 32}
  tile.append ins(%k, %v, %c0 : memref<?x32xf32>, memref<?x32xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>}
  tile.attend ins(%q, %c0 : memref<?x64xf32>) outs(%x : memref<?x64xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 32, rows = 64, stored = f16>, scale = 0.5 : f32}
  return
}
