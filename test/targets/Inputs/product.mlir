!matrix = !pack.block<64x64, #pack.format<i8, group = 32, scale = f16>, tiles>

func.func @product(%x: tensor<?x38xi32>, %w: !matrix, %out: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = tile.matmul ins(%x, %w : tensor<?x38xi32>, !matrix) outs(%out : tensor<?x64xf32>) attributes {planes = 2 : i64} {
  ^bb0(%acc: f32, %old: f32):
    tile.yield %acc : f32
  } -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
