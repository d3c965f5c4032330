// RUN: osscc-opt %s --llm-to-tile --tile-fuse-attention | FileCheck %s

// Latents are appended and read with the turns of what is no value; each head is taken to them and back by its own matrix.
// CHECK-LABEL: func.func @layer_0
// CHECK-NOT:     tile.rotate
// CHECK:         %[[Q:.+]] = tile.matmul {{.*}} outs(%{{.+}} : tensor<?x8xf32>) attributes {groups = 2 : i64}
// CHECK:         tile.append ins(%{{.+}}, %{{.+}}, %c0 : tensor<?x2xf32>, tensor<?x4xf32>) {cache = #tile.cache<group = 0, heads = 1, size = 6, rows = 64, stored = f16, values = 4>, frequencies = array<f32: 1.000000e+00>}
// CHECK:         %[[Y:.+]] = tile.attend ins(%[[Q]], %c0 : tensor<?x8xf32>) outs({{.*}}) rest(%{{.+}} : tensor<?x4xf32>) {cache = {{.*}} values = 4>, frequencies = array<f32: 1.000000e+00>, scale = 5.000000e-01 : f32}
// CHECK:         tile.matmul ins(%[[Y]], {{.*}} outs(%{{.+}} : tensor<?x6xf32>) attributes {groups = 2 : i64}
module attributes {llm.config = #llm.config<family = "test", layers = 1, hidden = 6, vocabulary = 8, positions = 64, max_rows = 4>} {
  func.func @layer_0(%rows: !llm.rows, %cache: !llm.cache<0, heads = 1, size = 6, values = 4>, %x: tensor<?x6xf32>, %n: tensor<?x4xf32>, %k: tensor<?x2xf32>,
                     %r: tensor<?x4xf32>, %up: !pack.block<2x4x2, #pack.format<f32>, tiles>, %out: !pack.block<2x3x4, #pack.format<f32>, tiles>) -> tensor<?x6xf32> {
    %q = llm.linear %n, %up groups 2 : tensor<?x4xf32>, !pack.block<2x4x2, #pack.format<f32>, tiles> -> tensor<?x8xf32>
    %kr = llm.rope %rows, %k by <dims = 2, theta = 10000.0 : f64> : !llm.rows, tensor<?x2xf32>
    %rr = llm.rope %rows, %r by <dims = 2, theta = 10000.0 : f64> : !llm.rows, tensor<?x4xf32>
    llm.kv_append %rows, %cache layer 0, %kr, %n : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x2xf32>, tensor<?x4xf32>
    %y = llm.attention %rows, %cache layer 0, %q rest %rr scale 0.5 : !llm.rows, <0, heads = 1, size = 6, values = 4>, tensor<?x8xf32> rest tensor<?x4xf32>
    %o = llm.linear %y, %out groups 2 : tensor<?x8xf32>, !pack.block<2x3x4, #pack.format<f32>, tiles> -> tensor<?x6xf32>
    %z = llm.add %x, %o : tensor<?x6xf32>
    return %z : tensor<?x6xf32>
  }
}
