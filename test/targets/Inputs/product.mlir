func.func @product(%x: memref<?x38xi32>, %w: memref<4x1088xi8>, %out: memref<?x64xf32>) {
  tile.matmul ins(%x, %w : memref<?x38xi32>, memref<4x1088xi8>) outs(%out : memref<?x64xf32>) attributes {format = #pack.format<i8, group = 32, scale = f16>, planes = 2 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  }
  return
}
