// RUN: osscc-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{a block format has groups of 32, found 16}}
func.func private @format_group_size(!pack.block<2x32, #pack.format<i8, group = 16, scale = f16>, rows>)

// -----

// expected-error @below {{the scale of 'i8' is f16}}
func.func private @format_scale(!pack.block<2x32, #pack.format<i8, group = 32, scale = f32>, rows>)

// -----

// expected-error @below {{the scale of 'f4E2M1FN' is f8E8M0FNU}}
func.func private @format_table_scale(!pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f16>, rows>)

// -----

// expected-error @below {{only ui4 has a minimum, of f16}}
func.func private @format_minimum(!pack.block<2x32, #pack.format<i4, group = 32, scale = f16, minimum = f16>, rows>)

// -----

pack.weight @slice_C3 : !pack.block<2x40, #pack.format<i8, group = 32, scale = f16>, rows> {
  // expected-error @below {{is not rows of whole groups of a block format}}
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
