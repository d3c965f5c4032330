// RUN: osscc-opt %s --tile-fuse-epilogues --split-input-file | FileCheck %s

// The residual sum becomes the epilogue of the experts' sum.
// CHECK-LABEL: func @residual
// CHECK-SAME:    tensor<?x6xi32>, %[[HIDDEN:[a-z0-9]+]]: tensor<?x4xf32>, %{{.+}}: tensor<?x4xf32>)
// CHECK-NEXT:    tile.combine {{.+}} outs(%[[HIDDEN]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[SUM:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK-NEXT:    %[[BOTH:.+]] = arith.addf %[[SUM]], %[[OLD]]
// CHECK-NEXT:    tile.yield %[[BOTH]]
// CHECK-NOT:     tile.map
func.func @residual(%x: tensor<?x4xf32>, %plan: tensor<?x6xi32>, %hidden: tensor<?x4xf32>, %e: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %p = tile.combine ins(%x, %plan : tensor<?x4xf32>, tensor<?x6xi32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  } -> tensor<?x4xf32>
  %y = tile.map ins(%p : tensor<?x4xf32>) outs(%hidden : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = arith.addf %a, %b : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// A sum that somebody else reads, and one that its epilogue adds to something already, stay.
// CHECK-LABEL: func @shared
// CHECK-COUNT-2: tile.map
func.func @shared(%x: tensor<?x4xf32>, %plan: tensor<?x6xi32>, %hidden: tensor<?x4xf32>, %e: tensor<?x4xf32>, %f: tensor<?x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %p = tile.combine ins(%x, %plan : tensor<?x4xf32>, tensor<?x6xi32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  } -> tensor<?x4xf32>
  %y = tile.map ins(%p : tensor<?x4xf32>) outs(%hidden : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  } -> tensor<?x4xf32>
  %q = tile.combine ins(%x, %plan : tensor<?x4xf32>, tensor<?x6xi32>) outs(%p : tensor<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    %s = arith.addf %sum, %old : f32
    tile.yield %s : f32
  } -> tensor<?x4xf32>
  %z = tile.map ins(%q : tensor<?x4xf32>) outs(%f : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  } -> tensor<?x4xf32>
  return %y, %z, %p : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// The halves of a product with a stack are its two parts, with the plan that it had.
// CHECK-LABEL: func @planned
// CHECK:         tile.matmul {{.+}} plan(%{{.+}} : tensor<?x6xi32>) outs(%{{.+}} : tensor<?x16xf32>) attributes {parts = 2 : i64}
// CHECK-NOT:     tile.map
func.func @planned(%n: index, %x: tensor<?x2xf32>, %w: !pack.block<3x32x2, #pack.format<f32>, tiles>, %plan: tensor<?x6xi32>, %e: tensor<?x32xf32>, %out: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %p = tile.matmul ins(%x, %w : tensor<?x2xf32>, !pack.block<3x32x2, #pack.format<f32>, tiles>) plan(%plan : tensor<?x6xi32>) outs(%e : tensor<?x32xf32>) {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x32xf32>
  %g = tensor.extract_slice %p[0, 0] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %u = tensor.extract_slice %p[0, 16] [%n, 16] [1, 1] : tensor<?x32xf32> to tensor<?x16xf32>
  %y = tile.map ins(%g, %u : tensor<?x16xf32>, tensor<?x16xf32>) outs(%out : tensor<?x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    tile.yield %m : f32
  } -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// -----

// A factor of the sum, and then its residual sum, become one epilogue.
// CHECK-LABEL: func @scaled
// CHECK-SAME:    tensor<?x6xi32>, %[[HIDDEN:[a-z0-9]+]]: tensor<?x4xf32>, %{{.+}}: tensor<?x4xf32>)
// CHECK-NEXT:    tile.combine {{.+}} outs(%[[HIDDEN]] : tensor<?x4xf32>)
// CHECK-NEXT:    ^bb0(%[[SUM:.+]]: f32, %[[OLD:.+]]: f32):
// CHECK:         %[[SCALED:.+]] = arith.mulf %[[SUM]], %{{.+}}
// CHECK-NEXT:    arith.addf %[[SCALED]], %[[OLD]]
// CHECK-NOT:     tile.map
func.func @scaled(%x: tensor<?x4xf32>, %plan: tensor<?x6xi32>, %hidden: tensor<?x4xf32>, %e: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %p = tile.combine ins(%x, %plan : tensor<?x4xf32>, tensor<?x6xi32>) outs(%e : tensor<?x4xf32>) {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  } -> tensor<?x4xf32>
  %s = tile.map outs(%p : tensor<?x4xf32>) {
  ^bb0(%old: f32):
    %half = arith.constant 0.5 : f32
    %m = arith.mulf %old, %half : f32
    tile.yield %m : f32
  } -> tensor<?x4xf32>
  %y = tile.map ins(%s : tensor<?x4xf32>) outs(%hidden : tensor<?x4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %both = arith.addf %a, %b : f32
    tile.yield %both : f32
  } -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
