// RUN: osscc-opt %s --split-input-file --verify-diagnostics | FileCheck %s
// What layer norms, tables of positions, chunks, temperatures and weights of inputs add to the kernels.

// CHECK-LABEL: func @kernels
// CHECK-SAME:    (%[[X:.+]]: memref<?x4xf32>, %[[W:.+]]: memref<4xf32>, %[[T:.+]]: memref<16x4xf32>, %[[AT:.+]]: index)
func.func @kernels(%x: memref<?x4xf32>, %w: memref<4xf32>, %t: memref<16x4xf32>, %at: index) {
  // CHECK: tile.norm ins(%[[X]], %[[W]] : memref<?x4xf32>, memref<4xf32>) bias(%[[W]] : memref<4xf32>) outs(%[[X]] : memref<?x4xf32>) {centered, eps = 1.000000e+00 : f32}
  tile.norm ins(%x, %w : memref<?x4xf32>, memref<4xf32>) bias(%w : memref<4xf32>) outs(%x : memref<?x4xf32>) {centered, eps = 1.0 : f32}
  // CHECK: tile.norm ins(%[[X]] : memref<?x4xf32>) bias(%[[W]] : memref<4xf32>) outs
  tile.norm ins(%x : memref<?x4xf32>) bias(%w : memref<4xf32>) outs(%x : memref<?x4xf32>) {centered, eps = 1.0 : f32}
  // CHECK: tile.gather positions ins(%[[T]] : memref<16x4xf32>) outs(%[[X]] : memref<?x4xf32>)
  tile.gather positions ins(%t : memref<16x4xf32>) outs(%x : memref<?x4xf32>)
  // CHECK: tile.attend {{.+}} mask = #tile.mask<window = 128, chunked = true>, scale = 5.000000e-01 : f32, temperature = #tile.temperature<step = 8, scale = 1.000000e-01 : f64, offset = 1>}
  tile.attend ins(%x, %at : memref<?x4xf32>) outs(%x : memref<?x4xf32>)
      {cache = #tile.cache<group = 0, heads = 1, size = 4, rows = 64, stored = f16>, mask = #tile.mask<window = 128, chunked = true>,
       scale = 0.5 : f32, temperature = #tile.temperature<step = 8, scale = 0.1, offset = 1>}
  return
}

// CHECK-LABEL: func @experts
func.func @experts(%logits: memref<?x3xf32>, %s: memref<3xf32>, %plan: memref<?x11xi32>, %x: memref<?x4xf32>) {
  // CHECK: tile.route all top 2 ins(%{{.+}}) scales(%{{.+}} : memref<3xf32>) outs(%{{.+}} : memref<?x11xi32>)
  tile.route all top 2 ins(%logits : memref<?x3xf32>) scales(%s : memref<3xf32>) outs(%plan : memref<?x11xi32>)
  // CHECK: tile.gather_slots {{.+}} outs(%{{.+}} : memref<?x4xf32>) {weighed}
  tile.gather_slots ins(%x, %plan : memref<?x4xf32>, memref<?x11xi32>) outs(%x : memref<?x4xf32>) {weighed}
  // CHECK: tile.combine {{.+}} outs(%{{.+}} : memref<?x4xf32>) attributes {unweighed} {
  tile.combine ins(%x, %plan : memref<?x4xf32>, memref<?x11xi32>) outs(%x : memref<?x4xf32>) attributes {unweighed} {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @norm_C1_bias(%x: memref<?x4xf32>, %b: memref<3xf32>) {
  // expected-error @below {{groups have 4 channels, but bias is 'memref<3xf32>'}}
  tile.norm ins(%x : memref<?x4xf32>) bias(%b : memref<3xf32>) outs(%x : memref<?x4xf32>) {centered, eps = 1.0 : f32}
  return
}

// -----

func.func @gather_C2_positions(%x: memref<?x4xf32>) {
  // expected-error @below {{positions does not read 'memref<?x4xf32>'}}
  tile.gather positions ins(%x : memref<?x4xf32>) outs(%x : memref<?x4xf32>)
  return
}

// -----

func.func @route_C5(%logits: memref<?x3xf32>, %s: memref<2xf32>, %plan: memref<?x11xi32>) {
  // expected-error @below {{has 3 experts, but scales of 'memref<2xf32>'}}
  tile.route all top 2 ins(%logits : memref<?x3xf32>) scales(%s : memref<2xf32>) outs(%plan : memref<?x11xi32>)
  return
}

// -----

func.func @gather_slots_C3(%x: memref<?x19xi32>, %plan: memref<?x11xi32>) {
  // expected-error @below {{weighs 'memref<?x19xi32>', which is not f32}}
  tile.gather_slots ins(%x, %plan : memref<?x19xi32>, memref<?x11xi32>) outs(%x : memref<?x19xi32>) {weighed}
  return
}

// -----

// expected-error @below {{a temperature has a step of positions, an offset and a finite scale, none of them negative}}
func.func private @temperature() attributes {t = #tile.temperature<step = 0, scale = 0.1>}
