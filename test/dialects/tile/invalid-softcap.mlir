// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @attend
// CHECK:         tile.attend {{.*}} scale = 1.000000e+00 : f32, softcap = 5.000000e+01 : f32}
func.func @attend(%q: memref<?x4xf32>, %at: index) {
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32, softcap = 50.0 : f32}
  return
}

// -----

func.func @attend_C10(%q: memref<?x4xf32>, %at: index) {
  // expected-error @below {{softcap must be positive and finite}}
  tile.attend ins(%q, %at : memref<?x4xf32>) outs(%q : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, scale = 1.0 : f32, softcap = -1.0 : f32}
  return
}
