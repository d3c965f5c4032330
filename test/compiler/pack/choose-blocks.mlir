// RUN: osscc-opt %s --pack-choose-formats | FileCheck %s --check-prefix=KEEP
// RUN: osscc-opt %s --pack-choose-formats=storage=int8 | FileCheck %s --check-prefix=INT8
// RUN: osscc-opt %s --pack-choose-formats=storage=int4 | FileCheck %s --check-prefix=INT4

// Blocks are kept as they are, or decoded and stored anew.
// KEEP-LABEL: pack.weight @blocks : !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows> {
// KEEP-NOT:     pack.quantize
// KEEP:         pack.yield
// INT8-LABEL: pack.weight @blocks : !pack.block<64x32, #pack.format<i8, group = 32, scale = f16>, rows> {
// INT8:         %[[D:.+]] = pack.dequantize
// INT8:         pack.quantize %[[D]]
// INT4-LABEL: pack.weight @blocks : !pack.block<64x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> {
pack.weight @blocks : !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows> {
  %0 = pack.slice "m.gguf" at 64 : !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows>
  pack.yield %0 : !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows>
}

// Blocks under super-scales are kept too; other storage decodes them.
// KEEP-LABEL: pack.weight @super : !pack.block<64x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows> {
// INT8-LABEL: pack.weight @super : !pack.block<64x256, #pack.format<i8, group = 32, scale = f16>, rows> {
// INT8:         %[[D:.+]] = pack.dequantize
// INT8:         pack.quantize %[[D]]
pack.weight @super : !pack.block<64x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows> {
  %0 = pack.slice "m.gguf" at 64 : !pack.block<64x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows>
  pack.yield %0 : !pack.block<64x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>, rows>
}

// Blocks without a format have int8 codes where they would be kept, ternary ones exact codes of two bits.
// KEEP-LABEL: pack.weight @decoded : !pack.block<64x256, #pack.format<i8, group = 32, scale = f16>, rows> {
// KEEP-LABEL: pack.weight @ternary : !pack.block<64x256, #pack.format<ui2, group = 16, scale = ui4, minimum = ui4, super = 256>, rows> {
// INT4-LABEL: pack.weight @ternary : !pack.block<64x256, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> {
pack.weight @decoded : !pack.source<64x256xf32> {
  %0 = pack.slice "m.gguf" at 64 {blocks = "IQ2_XXS"} : !pack.source<64x256xf32>
  pack.yield %0 : !pack.source<64x256xf32>
}
pack.weight @ternary : !pack.source<64x256xf32> {
  %0 = pack.slice "m.gguf" at 64 {blocks = "TQ2_0"} : !pack.source<64x256xf32>
  pack.yield %0 : !pack.source<64x256xf32>
}

// A table of embed or logits has codes of 8 bits at least.
// KEEP-LABEL: pack.weight @table : !pack.block<32x64, #pack.format<bf16>, rows> {
// INT8-LABEL: pack.weight @table : !pack.block<32x64, #pack.format<i8, group = 32, scale = f16>, rows> {
// INT4-LABEL: pack.weight @table : !pack.block<32x64, #pack.format<i8, group = 32, scale = f16>, rows> {
pack.weight @table : !pack.source<32x64xbf16> {
  %0 = pack.slice "m.safetensors" at 64 : !pack.source<32x64xbf16>
  pack.yield %0 : !pack.source<32x64xbf16>
}

func.func @uses(%x: tensor<?x64xf32>, %y: tensor<?x32xf32>) -> (tensor<?x32xf32>, tensor<?x64xf32>) {
  %t = pack.get @table : tensor<32x64xbf16>
  %0 = llm.logits %x, %t : tensor<?x64xf32>, tensor<32x64xbf16> -> tensor<?x32xf32>
  %w = pack.get @blocks : !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows>
  %1 = llm.linear %y, %w : tensor<?x32xf32>, !pack.block<64x32, #pack.format<i4, group = 32, scale = f16>, rows> -> tensor<?x64xf32>
  return %0, %1 : tensor<?x32xf32>, tensor<?x64xf32>
}
