// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of PackOps.td, then the types and attributes.

// expected-error @below {{the recipe must end in a pack.yield of '!pack.source<4xf32>'}}
pack.weight @weight_C1 : !pack.source<4xf32> {
  %0 = pack.slice "model.safetensors" at 0 : !pack.source<4xf16>
  pack.yield %0 : !pack.source<4xf16>
}

// -----

func.func @get_C1() {
  // expected-error @below {{no pack.weight is called @nowhere}}
  %0 = pack.get @nowhere : tensor<4xf32>
  return
}

// -----

// expected-note @below {{the weight is here}}
pack.weight @w : !pack.source<4xf32> {
  %0 = pack.slice "model.safetensors" at 0 : !pack.source<4xf32>
  pack.yield %0 : !pack.source<4xf32>
}
func.func @get_C2() {
  // expected-error @below {{is 'tensor<8xf32>', expected 'tensor<4xf32>'}}
  %0 = pack.get @w : tensor<8xf32>
  return
}

// -----

pack.weight @slice_C1 : !pack.source<4xf32> {
  // expected-error @below {{'../secret' is not a plain base name}}
  %0 = pack.slice "../secret" at 0 : !pack.source<4xf32>
  pack.yield %0 : !pack.source<4xf32>
}

// -----

pack.weight @slice_C2 : !pack.source<4xf32> {
  // expected-error @below {{offset must not be negative}}
  %0 = pack.slice "model.safetensors" at -8 : !pack.source<4xf32>
  pack.yield %0 : !pack.source<4xf32>
}

// -----

func.func @quantize_C1(%a: !pack.source<2x4xf32>) {
  // expected-error @below {{changes the shape of '!pack.source<2x4xf32>' to that of '!pack.block<4x2, #pack.format<f32>, rows>'}}
  %0 = pack.quantize %a : <2x4xf32> -> <4x2, #pack.format<f32>, rows>
  return
}

// -----

func.func @quantize_C2(%a: !pack.source<2x4xf32>) {
  // expected-error @below {{stores row after row; pack.relayout makes tiles}}
  %0 = pack.quantize %a : <2x4xf32> -> <2x4, #pack.format<f32>, tiles>
  return
}

// -----

func.func @relayout_C1(%a: !pack.block<2x4, #pack.format<f32>, rows>) {
  // expected-error @below {{not its layout alone}}
  %0 = pack.relayout %a : <2x4, #pack.format<f32>, rows> -> <2x4, #pack.format<f16>, tiles>
  return
}

// -----

func.func @relayout_C2(%a: !pack.block<2x4, #pack.format<f32>, tiles>) {
  // expected-error @below {{goes from rows to tiles}}
  %0 = pack.relayout %a : <2x4, #pack.format<f32>, tiles> -> <2x4, #pack.format<f32>, rows>
  return
}

// -----

// expected-error @below {{no format has codes of 'i16' in groups of 0 with such scales}}
func.func private @format_code(!pack.block<2x4, #pack.format<i16>, rows>)

// -----

// expected-error @below {{a float format has neither group, scale nor minimum}}
func.func private @format_group(!pack.block<2x4, #pack.format<f16, group = 32>, rows>)

// -----

// expected-error @below {{a source is f32, f16, bf16, f8E4M3FN or i8, found 'f64'}}
func.func private @source_element(!pack.source<4xf64>)

// -----

// expected-error @below {{a weight's dimensions are positive, found 0}}
func.func private @source_extent(!pack.source<0x4xf32>)

// -----

// expected-error @below {{a weight has one to three dimensions, found 4}}
func.func private @block_rank(!pack.block<2x2x2x2, #pack.format<f32>, rows>)

// -----

// expected-error @below {{only a matrix is a table}}
func.func private @table_of_a_vector(!pack.block<4, #pack.format<f32>, table>)

// -----

// expected-error @below {{only matrices lie in tiles}}
func.func private @block_vector(!pack.block<4, #pack.format<f32>, tiles>)

// -----

// expected-error @below {{unknown layout 'columns'}}
func.func private @block_layout(!pack.block<4, #pack.format<f32>, columns>)
