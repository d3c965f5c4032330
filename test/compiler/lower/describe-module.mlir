// RUN: osscc-opt %s --abi-describe-module | FileCheck %s
// RUN: osscc-opt %s --abi-describe-module="tiers=2" | FileCheck %s --check-prefix=BEST
// RUN: osscc-opt %s --abi-describe-module="tier=1 tiers=2" | FileCheck %s --check-prefix=OTHER

// Segments in their order, weights with their places, cache groups and dimensions become one table that the runtime finds by the
// symbol osscc_module. The second weight begins at a line of 64 bytes.
module attributes {abi.model = #abi.model<name = "llama", hidden = 4, vocabulary = 3, layers = 1, positions = 128, max_rows = 16>,
                   abi.cache_groups = [#abi.cache_group<kind = "full", rows_per_page = 64, bytes_per_page = 1024, layers = 1>,
                                       #abi.cache_group<kind = "window", rows_per_page = 64, bytes_per_page = 2048, layers = 2, window = 96>],
                   abi.arena_bytes = 512 : i64, abi.target = "x86_64 znver4", abi.features = "avx2,fma"} {
  pack.weight @first : !pack.block<2, #pack.format<f32>, rows> {
    %0 = pack.slice "model.safetensors" at 8 : !pack.source<2xf32>
    %1 = pack.quantize %0 : !pack.source<2xf32> -> !pack.block<2, #pack.format<f32>, rows>
    pack.yield %1 : !pack.block<2, #pack.format<f32>, rows>
  }
  pack.weight @second : !pack.block<2, #pack.format<f32>, rows> {
    %0 = pack.slice "model.safetensors" at 16 : !pack.source<2xf32>
    %1 = pack.quantize %0 : !pack.source<2xf32> -> !pack.block<2, #pack.format<f32>, rows>
    pack.yield %1 : !pack.block<2, #pack.format<f32>, rows>
  }
  llvm.func @embed(!llvm.ptr, i64) attributes {abi.segment = "embed"}
  llvm.func @layer_0(!llvm.ptr, i64) attributes {abi.segment = "layer"}

  // CHECK-DAG: llvm.mlir.global private constant @osscc_text_{{[0-9]+}}("layer_0\00")
  // CHECK-DAG: llvm.mlir.global private constant @osscc_text_{{[0-9]+}}("avx2,fma\00")
  // CHECK:     llvm.mlir.global private constant @osscc_segments()
  // CHECK:       llvm.mlir.addressof @embed
  // CHECK:       llvm.mlir.addressof @layer_0
  // CHECK:     llvm.mlir.global private constant @osscc_weights()
  // CHECK:       llvm.mlir.constant(64 : i64)
  // CHECK:     llvm.mlir.global private constant @osscc_cache_groups()
  // CHECK:       llvm.mlir.constant(1024 : i64)
  // CHECK:       llvm.mlir.constant(1 : i64)
  // CHECK:       llvm.mlir.constant(64 : i64)
  // CHECK:       llvm.mlir.constant(2048 : i64)
  // CHECK:       llvm.mlir.constant(96 : i64)
  // CHECK:     llvm.mlir.global private constant @osscc_model()
  // CHECK:       llvm.mlir.constant(512 : i64)
  // CHECK:     llvm.mlir.global external constant @osscc_module()
  // CHECK:       llvm.mlir.addressof @osscc_models

  // Of several CPU tiers the first has the table of all models, the others a model that it refers to.
  // BEST:      llvm.mlir.global private constant @osscc_model()
  // BEST:      llvm.mlir.global external constant @osscc_model_1() {{.*}} : i64
  // BEST:      llvm.mlir.global private constant @osscc_models()
  // BEST:        llvm.mlir.addressof @osscc_model
  // BEST:        llvm.mlir.addressof @osscc_model_1
  // BEST:      llvm.mlir.global external constant @osscc_module()
  // OTHER-NOT: @osscc_module()
  // OTHER:     llvm.mlir.global external constant @osscc_model_1()
  // OTHER:       llvm.mlir.addressof @osscc_segments
  // OTHER-NOT: @osscc_module()
}
