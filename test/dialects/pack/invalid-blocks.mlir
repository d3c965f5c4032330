// RUN: osscc-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{no format has codes of 'i8' in groups of 16 with such scales: dialects/pack/BlockFormats.cpp lists those of blocks}}
func.func private @format_group_size(!pack.block<2x32, #pack.format<i8, group = 16, scale = f16>, rows>)

// -----

// expected-error @below {{no format has codes of 'i8' in groups of 32 with such scales}}
func.func private @format_scale(!pack.block<2x32, #pack.format<i8, group = 32, scale = f32>, rows>)

// -----

// expected-error @below {{no format has codes of 'f4E2M1FN' in groups of 32 with such scales}}
func.func private @format_table_scale(!pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f16>, rows>)

// -----

// expected-error @below {{no format has codes of 'i4' in groups of 32 with such scales}}
func.func private @format_minimum(!pack.block<2x32, #pack.format<i4, group = 32, scale = f16, minimum = f16>, rows>)

// -----

// expected-error @below {{no format has codes of 'ui4' in groups of 32 with such scales}}
func.func private @format_super(!pack.block<2x256, #pack.format<ui4, group = 32, scale = ui6, minimum = ui6, super = 128>, rows>)

// -----

// expected-error @below {{a format has no 'zero'}}
func.func private @format_key(!pack.block<2x256, #pack.format<ui4, group = 32, zero = 8>, rows>)

// -----

pack.weight @slice_C3 : !pack.block<2x40, #pack.format<i8, group = 32, scale = f16>, rows> {
  // expected-error @below {{is not rows of whole blocks of a block format}}
  %0 = pack.slice "model.gguf" at 8 : !pack.block<2x40, #pack.format<i8, group = 32, scale = f16>, rows>
  pack.yield %0 : !pack.block<2x40, #pack.format<i8, group = 32, scale = f16>, rows>
}

// -----

func.func @permute_C1(%a: !pack.source<6x4xf32>) {
  // expected-error @below {{6 rows are not a whole number of heads of 4, an even number}}
  %0 = pack.permute %a heads of 4 : !pack.source<6x4xf32>
  return
}

// -----

func.func @permute_C2(%a: !pack.block<4x4, #pack.format<f32>, tiles>) {
  // expected-error @below {{permutes rows, not tiles}}
  %0 = pack.permute %a heads of 4 : !pack.block<4x4, #pack.format<f32>, tiles>
  return
}

// -----

func.func @dequantize_C1(%a: !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows>) {
  // expected-error @below {{changes the shape}}
  %0 = pack.dequantize %a : <2x32, #pack.format<i8, group = 32, scale = f16>, rows> -> <4x32xf32>
  return
}

// -----

func.func @dequantize_C2(%a: !pack.block<2x32, #pack.format<i8, group = 32, scale = f16>, rows>) {
  // expected-error @below {{goes from rows to f32}}
  %0 = pack.dequantize %a : <2x32, #pack.format<i8, group = 32, scale = f16>, rows> -> <2x32xf16>
  return
}

// -----

// Whole groups, but not whole blocks of the file.
pack.weight @slice_C3_super : !pack.block<2x288, #pack.format<i6, group = 16, scale = i8, super = 256>, rows> {
  // expected-error @below {{is not rows of whole blocks of a block format}}
  %0 = pack.slice "model.gguf" at 8 : !pack.block<2x288, #pack.format<i6, group = 16, scale = i8, super = 256>, rows>
  pack.yield %0 : !pack.block<2x288, #pack.format<i6, group = 16, scale = i8, super = 256>, rows>
}

// -----

func.func @quantize_C3(%a: !pack.source<2x256xf32>) {
  // expected-error @below {{does not choose codes of #pack.format<i6, group = 16, scale = i8, super = 256>}}
  %0 = pack.quantize %a : <2x256xf32> -> <2x256, #pack.format<i6, group = 16, scale = i8, super = 256>, rows>
  return
}

// -----

// Rows that are no whole blocks of the type, a type that nobody decodes, and values that are no f32.
pack.weight @slice_C4 : !pack.source<2x288xf32> {
  // expected-error @below {{blocks of "IQ2_XXS" do not decode to '!pack.source<2x288xf32>'}}
  %0 = pack.slice "model.gguf" at 8 {blocks = "IQ2_XXS"} : !pack.source<2x288xf32>
  pack.yield %0 : !pack.source<2x288xf32>
}

// -----

pack.weight @slice_C4_type : !pack.source<2x256xf32> {
  // expected-error @below {{blocks of "Q8_1" do not decode to '!pack.source<2x256xf32>'}}
  %0 = pack.slice "model.gguf" at 8 {blocks = "Q8_1"} : !pack.source<2x256xf32>
  pack.yield %0 : !pack.source<2x256xf32>
}

// -----

pack.weight @slice_C4_element : !pack.source<2x256xf16> {
  // expected-error @below {{blocks of "IQ2_XXS" do not decode to '!pack.source<2x256xf16>'}}
  %0 = pack.slice "model.gguf" at 8 {blocks = "IQ2_XXS"} : !pack.source<2x256xf16>
  pack.yield %0 : !pack.source<2x256xf16>
}
