// RUN: osscc-opt %s --pack-choose-formats=storage=int8 --pack-choose-layouts | FileCheck %s

// Of a table of positions the floats stay, whatever is asked; it lies row by row, as a table that nothing else reads.
// CHECK: pack.weight @tokens : !pack.block<32x32, #pack.format<i8, group = 32, scale = f16>, table>
// CHECK: pack.weight @places : !pack.block<16x32, #pack.format<bf16>, table>
pack.weight @tokens : !pack.source<32x32xbf16> {
  %0 = pack.slice "m.safetensors" at 0 : !pack.source<32x32xbf16>
  pack.yield %0 : !pack.source<32x32xbf16>
}
pack.weight @places : !pack.source<16x32xbf16> {
  %0 = pack.slice "m.safetensors" at 2048 : !pack.source<16x32xbf16>
  pack.yield %0 : !pack.source<16x32xbf16>
}
func.func @embed(%rows: !llm.rows) -> tensor<?x32xf32> {
  %a = pack.get @tokens : tensor<32x32xbf16>
  %x = llm.embed %rows, %a : !llm.rows, tensor<32x32xbf16> -> tensor<?x32xf32>
  %b = pack.get @places : tensor<16x32xbf16>
  %p = llm.embed %rows, %b {of_positions} : !llm.rows, tensor<16x32xbf16> -> tensor<?x32xf32>
  %y = llm.add %x, %p : tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
