// RUN: osscc-opt %s --pack-choose-formats | FileCheck %s
// RUN: osscc-opt %s --pack-choose-formats=storage=f16 | FileCheck %s --check-prefix=F16
// RUN: osscc-opt %s --pack-choose-formats=storage=int4 | FileCheck %s --check-prefix=INT4

// A matrix keeps its element type or takes what is asked; its uses follow.
// CHECK:      pack.weight @matrix : !pack.block<4x2, #pack.format<bf16>, rows> {
// CHECK-NEXT:   %[[SLICE:.+]] = pack.slice "model.safetensors" at 8
// CHECK-NEXT:   %[[STORED:.+]] = pack.quantize %[[SLICE]] : {{.*}}<4x2, #pack.format<bf16>, rows>
// CHECK-NEXT:   pack.yield %[[STORED]]
// F16:        pack.weight @matrix : !pack.block<4x2, #pack.format<f16>, rows> {
pack.weight @matrix : !pack.source<4x2xbf16> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x2xbf16>
  pack.yield %0 : !pack.source<4x2xbf16>
}

// One value a channel is f32, whatever is asked.
// CHECK:      pack.weight @scale : !pack.block<2, #pack.format<f32>, rows> {
// F16:        pack.weight @scale : !pack.block<2, #pack.format<f32>, rows> {
pack.weight @scale : !pack.source<2xbf16> {
  %0 = pack.slice "model.safetensors" at 24 : !pack.source<2xbf16>
  pack.yield %0 : !pack.source<2xbf16>
}

// CHECK-LABEL: func @uses
// CHECK:         %[[W:.+]] = pack.get @matrix : !pack.block<4x2, #pack.format<bf16>, rows>
// CHECK:         llm.concat %[[W]], %[[W]] : {{.*}} -> !pack.block<8x2, #pack.format<bf16>, rows>
func.func @uses(%x: tensor<?x2xf32>) -> tensor<?x8xf32> {
  %w = pack.get @matrix : tensor<4x2xbf16>
  %both = llm.concat %w, %w : tensor<4x2xbf16>, tensor<4x2xbf16> -> tensor<8x2xbf16>
  %y = llm.linear %x, %both : tensor<?x2xf32>, tensor<8x2xbf16> -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A router keeps its floats where fewer bits are asked: they choose what is read.
// CHECK:      pack.weight @router role router : !pack.block<4x32, #pack.format<bf16>, rows> {
// F16:        pack.weight @router role router : !pack.block<4x32, #pack.format<f16>, rows> {
// INT4:       pack.weight @router role router : !pack.block<4x32, #pack.format<bf16>, rows> {
pack.weight @router role router : !pack.source<4x32xbf16> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<4x32xbf16>
  pack.yield %0 : !pack.source<4x32xbf16>
}

// The vectors of a stack are f32 as one alone is.
// CHECK:      pack.weight @biases role vectors : !pack.block<3x32, #pack.format<f32>, rows> {
// INT4:       pack.weight @biases role vectors : !pack.block<3x32, #pack.format<f32>, rows> {
pack.weight @biases role vectors : !pack.source<3x32xbf16> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<3x32xbf16>
  pack.yield %0 : !pack.source<3x32xbf16>
}

// Experts in 4 bits keep their codes, those in floats do not.
// INT4:       pack.weight @codes : !pack.block<3x4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> {
// INT4-NOT:     pack.dequantize
// INT4:       pack.weight @floats : !pack.block<3x4x32, #pack.format<ui4, group = 32, scale = f16, minimum = f16>, rows> {
pack.weight @codes : !pack.block<3x4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> {
  %0 = pack.slice "model.gguf" at 0 : !pack.block<3x4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  pack.yield %0 : !pack.block<3x4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
}
pack.weight @floats : !pack.source<3x4x32xbf16> {
  %0 = pack.slice "model.safetensors" at 8 : !pack.source<3x4x32xbf16>
  pack.yield %0 : !pack.source<3x4x32xbf16>
}
