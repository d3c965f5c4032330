// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @moments
// CHECK:         tile.moments ins(%{{.+}} : memref<?x40xf32>) outs(%{{.+}} : memref<?x2xf32>)
func.func @moments(%x: memref<?x40xf32>, %out: memref<?x2xf32>) {
  tile.moments ins(%x : memref<?x40xf32>) outs(%out : memref<?x2xf32>)
  return
}

// -----

func.func @moments_C1(%x: memref<?x40xf32>, %out: memref<?x3xf32>) {
  // expected-error @below {{out has 3 channels, not two}}
  tile.moments ins(%x : memref<?x40xf32>) outs(%out : memref<?x3xf32>)
  return
}
