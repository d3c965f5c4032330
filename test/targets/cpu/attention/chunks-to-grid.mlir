// RUN: osscc-opt %s --tile-to-grid --split-input-file | FileCheck %s

// The first position that a row sees is where its chunk begins.
// CHECK-LABEL: func @chunks
// CHECK-DAG:     %[[SIZE:.+]] = arith.constant 100 : index
// CHECK:         tile.grid
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[CHUNK:.+]] = arith.divui %[[P]], %[[SIZE]]
// CHECK:         %[[FIRST:.+]] = arith.muli %[[CHUNK]], %[[SIZE]]
// CHECK:         %[[SPAN:.+]] = arith.divui %[[FIRST]], %{{.+}}
// CHECK:         scf.for %{{.+}} = %[[SPAN]] to
// CHECK-NOT:     tile.attend
func.func @chunks(%q: memref<?x4xf32>, %offset: index, %out: memref<?x4xf32>) {
  tile.attend ins(%q, %offset : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16, ring = 3>, mask = #tile.mask<window = 100, chunked = true>, scale = 0.5 : f32}
  return
}

// -----

// 1 + scale * log(1 + steps) of the row's position, once for all scores of the row.
// CHECK-LABEL: func @temperature
// CHECK-DAG:     %[[STEP:.+]] = arith.constant 8 : index
// CHECK-DAG:     %[[SCALE:.+]] = arith.constant 1.000000e-01 : f32
// CHECK-DAG:     %[[ONE:.+]] = arith.constant 1 : index
// CHECK:         %[[P:.+]] = abi.position
// CHECK:         %[[NEXT:.+]] = arith.addi %[[P]], %[[ONE]]
// CHECK:         %[[STEPS:.+]] = arith.divui %[[NEXT]], %[[STEP]]
// CHECK:         %[[WHOLE:.+]] = arith.index_cast %[[STEPS]] : index to i64
// CHECK:         %[[N:.+]] = arith.sitofp %[[WHOLE]] : i64 to f32
// CHECK:         %[[LOG:.+]] = math.log1p %[[N]]
// CHECK:         %[[FACTOR:.+]] = math.fma %[[LOG]], %[[SCALE]], %{{.+}}
// CHECK:         vector.broadcast %[[FACTOR]] : f32 to vector<16xf32>
func.func @temperature(%q: memref<?x4xf32>, %offset: index, %out: memref<?x4xf32>) {
  tile.attend ins(%q, %offset : memref<?x4xf32>) outs(%out : memref<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 0.5 : f32, temperature = #tile.temperature<step = 8, scale = 0.1, offset = 1>}
  return
}
