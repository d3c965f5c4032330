// RUN: osscc-opt %s --x86-matmul-to-amx --split-input-file | FileCheck %s

#s = #tile.schedule<m = 6, n = 32, k = 32, lanes = 16, columns = 32, few = 8>

// More than 32 rows go through tile registers, the rest stays a matmul of vectors. Codes of 8 bits become signed; zeros are loaded with
// stride 0; a product is 16 rows by 32 channels by 16 outputs. Three groups are padded to four.
// CHECK-LABEL: func @codes
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x33xi32>, %[[W:[a-z0-9]+]]: memref<4x1664xi8>
// CHECK:         %[[MANY:.+]] = arith.cmpi sgt, %{{.+}}, %c32{{.*}} : index
// CHECK:         %[[ZEROS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<16xi32>
// CHECK:         %[[WEIGHTS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<2x2048xi8>
// CHECK:         %[[SCALES:.+]] = memref.alloca() {alignment = 64 : i64} : memref<2x4x16xf32>
// CHECK:         memref.alloca() {alignment = 64 : i64} : memref<2x16x16xi32>
// CHECK:         memref.alloca() {alignment = 64 : i64} : memref<2x512x16xf32>
// CHECK:         scf.if %[[MANY]] {
// CHECK:           tile.grid %c2
// CHECK:             tile.unpack %[[W]]
// CHECK:             arith.subi %{{.+}}, %{{.+}} : vector<64xi8>
// CHECK:             vector.store %{{.+}}, %[[WEIGHTS]]
// CHECK:             tile.scales %[[W]]
// CHECK:             memref.prefetch
// CHECK:             llvm.call_intrinsic "llvm.x86.tileloadd64.internal"(%c8_i16, %c64_i16, %{{.+}}, %c64_i64)
// CHECK:             llvm.call_intrinsic "llvm.x86.tileloadd64.internal"(%c16_i16, %c64_i16, %{{.+}}, %c0_i64)
// CHECK:             llvm.call_intrinsic "llvm.x86.tileloadd64.internal"(%c16_i16, %c32_i16, %{{.+}}, %c32_i64)
// CHECK:             llvm.call_intrinsic "llvm.x86.tdpbssd.internal"(%c16_i16, %c64_i16, %c32_i16
// CHECK:             scf.for {{.*}} -> (vector<16x1x16xf32>, !llvm.x86_amx, !llvm.x86_amx)
// CHECK:               llvm.call_intrinsic "llvm.x86.tilestored64.internal"
// CHECK:               llvm.call_intrinsic "llvm.x86.tdpbssd.internal"
// CHECK:               tile.accumulate
// CHECK:             tile.store
// CHECK:         } else {
// CHECK:           tile.matmul ins(%[[X]], %[[W]] {{.*}} most_rows = 32 : i64
func.func @codes(%x: memref<?x33xi32>, %w: memref<4x1664xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x33xi32>, memref<4x1664xi8>) outs(%out : memref<?x64xf32>)
      attributes {interleaved, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 4, n = 16, k = 32, lanes = 16, columns = 16, few = 4>

// Two planes of a group share its weights and are joined, 255 * high + low; minimums are unpacked beside the scales. Gate and up, two
// parts of one stream, are stored by one epilogue.
// CHECK-LABEL: func @planes
// CHECK:         scf.for {{.*}} -> (vector<16x1x16xf32>, !llvm.x86_amx, !llvm.x86_amx)
// CHECK-COUNT-2:   llvm.call_intrinsic "llvm.x86.tilestored64.internal"
// CHECK:           llvm.call_intrinsic "llvm.x86.tileloadd64.internal"(%c8_i16
// CHECK-NOT:       (%c8_i16
// CHECK-COUNT-2:   llvm.call_intrinsic "llvm.x86.tdpbssd.internal"
// CHECK:           arith.shli
// CHECK:           tile.accumulate {{.*}} minimums
// CHECK:         tile.store %{{.+}}, %{{.+}} to
func.func @planes(%x: memref<?x38xi32>, %w: memref<2x640xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x38xi32>, memref<2x640xi8>) outs(%out : memref<?x16xf32>)
      attributes {interleaved, parts = 2 : i64, planes = 2 : i64, format = #pack.format<ui4, group = 32, scale = f16, minimum = f16>, schedule = #s} {
  ^bb0(%gate: f32, %up: f32, %old: f32):
    %y = arith.mulf %gate, %up : f32
    tile.yield %y : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 6, n = 16, k = 32, lanes = 16, columns = 16, few = 8>

// Floats, rows that are not interleaved, and what has few rows at most keep their kernel.
// CHECK-LABEL: func @others
// CHECK-NOT:     x86
func.func @others(%f: memref<?x32xf32>, %v: memref<1x32x16xf32>, %x: memref<?x11xi32>, %w: memref<1x576xi8>, %out: memref<?x16xf32>) {
  tile.matmul ins(%f, %v : memref<?x32xf32>, memref<1x32x16xf32>) outs(%out : memref<?x16xf32>) attributes {schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.matmul ins(%x, %w : memref<?x11xi32>, memref<1x576xi8>) outs(%out : memref<?x16xf32>)
      attributes {planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  tile.matmul ins(%x, %w : memref<?x11xi32>, memref<1x576xi8>) outs(%out : memref<?x16xf32>)
      attributes {interleaved, most_rows = 1 : i64, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}

// -----

#s = #tile.schedule<m = 6, n = 16, k = 32, lanes = 16, columns = 16, few = 8>

// Many rows and few have the same channels.
// CHECK-LABEL: func @channels
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<16xf32>
// CHECK:         scf.if
// CHECK:           tile.store %{{.+}} channels(%[[B]] : memref<16xf32>)
// CHECK:         } else {
// CHECK:           tile.matmul {{.*}} channels(%[[B]] : memref<16xf32>) {{.*}} most_rows = 32 : i64
func.func @channels(%x: memref<?x11xi32>, %w: memref<1x576xi8>, %b: memref<16xf32>, %out: memref<?x16xf32>) {
  tile.matmul ins(%x, %w : memref<?x11xi32>, memref<1x576xi8>) channels(%b : memref<16xf32>) outs(%out : memref<?x16xf32>)
      attributes {interleaved, planes = 1 : i64, format = #pack.format<i8, group = 32, scale = f16>, schedule = #s} {
  ^bb0(%acc: f32, %bias: f32, %old: f32):
    %y = arith.addf %acc, %bias : f32
    tile.yield %y : f32
  }
  return
}
