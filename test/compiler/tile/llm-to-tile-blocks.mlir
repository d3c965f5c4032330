// RUN: osscc-opt %s --llm-to-tile | FileCheck %s
// RUN: osscc-opt %s --llm-to-tile=planes=1 | FileCheck %s --check-prefix=ONE

!config = !pack.block<64x64, #pack.format<i8, group = 32, scale = f16>, tiles>

module attributes {llm.config = #llm.config<family = "llama", layers = 1, hidden = 64, vocabulary = 32, positions = 16, max_rows = 16>} {
  // A weight in blocks takes codes; two products of the same rows share them.
  // CHECK-LABEL: func @products
  // CHECK:         %[[Q:.+]] = tile.quantize_rows ins(%{{.+}} : tensor<?x64xf32>) outs(%{{.+}} : tensor<?x38xi32>) {planes = 2 : i64}
  // CHECK-NOT:     tile.quantize_rows
  // CHECK:         tile.matmul ins(%[[Q]], %{{.+}} : tensor<?x38xi32>, {{.*}}planes = 2 : i64
  // CHECK:         tile.matmul ins(%[[Q]], %{{.+}} : tensor<?x38xi32>, {{.*}}planes = 2 : i64
  // ONE:           tile.quantize_rows ins(%{{.+}} : tensor<?x64xf32>) outs(%{{.+}} : tensor<?x22xi32>) {planes = 1 : i64}
  func.func @products(%x: tensor<?x64xf32>, %a: !config, %b: !config) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
    %0 = llm.linear %x, %a : tensor<?x64xf32>, !config -> tensor<?x64xf32>
    %1 = llm.linear %x, %b : tensor<?x64xf32>, !config -> tensor<?x64xf32>
    return %0, %1 : tensor<?x64xf32>, tensor<?x64xf32>
  }
}
