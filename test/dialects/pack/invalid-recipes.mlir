// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// The rules of steps that join, zip and turn rows.

func.func @concat_C1(%a: !pack.source<2x4xf32>, %b: !pack.source<2x4xf16>) {
  // expected-error @below {{part '!pack.source<2x4xf16>' does not have the channels and element type of '!pack.source<4x4xf32>'}}
  %0 = pack.concat %a, %b : !pack.source<2x4xf32>, !pack.source<2x4xf16> -> !pack.source<4x4xf32>
  return
}

// -----

func.func @concat_C1_rank(%a: !pack.source<2x4xf32>, %b: !pack.source<4xf32>) {
  // expected-error @below {{part '!pack.source<4xf32>' does not have the channels and element type of '!pack.source<3x4xf32>'}}
  %0 = pack.concat %a, %b : !pack.source<2x4xf32>, !pack.source<4xf32> -> !pack.source<3x4xf32>
  return
}

// -----

func.func @concat_C2(%a: !pack.source<2x4xf32>) {
  // expected-error @below {{the parts have 4 rows, but the whole has 5}}
  %0 = pack.concat %a, %a : !pack.source<2x4xf32>, !pack.source<2x4xf32> -> !pack.source<5x4xf32>
  return
}

// -----

func.func @concat_C3(%a: !pack.source<2x4xf32>) {
  // expected-error @below {{2 is no dimension of rows of '!pack.source<4x4xf32>'}}
  %0 = pack.concat %a, %a along 2 : !pack.source<2x4xf32>, !pack.source<2x4xf32> -> !pack.source<4x4xf32>
  return
}

// -----

func.func @concat_C3_block(%a: !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>) {
  // expected-error @below {{1 is no dimension of rows of}}
  %0 = pack.concat %a, %a along 1 : !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>, !pack.block<2x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows> -> !pack.block<2x64, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  return
}

// -----

func.func @concat_C1_members(%a: !pack.source<2x3x4xf32>, %b: !pack.source<3x3x4xf32>) {
  // expected-error @below {{part '!pack.source<3x3x4xf32>' does not have the channels and element type of '!pack.source<2x6x4xf32>'}}
  %0 = pack.concat %a, %b along 1 : !pack.source<2x3x4xf32>, !pack.source<3x3x4xf32> -> !pack.source<2x6x4xf32>
  return
}

// -----

func.func @zip_C1(%codes: !pack.source<4x16xi8>, %scales: !pack.source<4x1xi8>) {
  // expected-error @below {{is not rows of whole groups of MXFP4}}
  %0 = pack.zip %codes, %scales : <4x16xi8>, <4x1xi8> -> <4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, tiles>
  return
}

// -----

func.func @zip_C1_format(%codes: !pack.source<4x16xi8>, %scales: !pack.source<4x1xi8>) {
  // expected-error @below {{is not rows of whole groups of MXFP4}}
  %0 = pack.zip %codes, %scales : <4x16xi8>, <4x1xi8> -> <4x32, #pack.format<i8, group = 32, scale = f16>, rows>
  return
}

// -----

func.func @zip_C2(%codes: !pack.source<4x16xi8>, %scales: !pack.source<4x2xi8>) {
  // expected-error @below {{codes '!pack.source<4x16xi8>' and scales '!pack.source<4x2xi8>' do not make}}
  %0 = pack.zip %codes, %scales : <4x16xi8>, <4x2xi8> -> <4x32, #pack.format<f4E2M1FN, group = 32, scale = f8E8M0FNU>, rows>
  return
}

// -----

func.func @transpose_C1(%a: !pack.source<2x3x4xf32>) {
  // expected-error @below {{'!pack.source<3x2x4xf32>' is not '!pack.source<2x3x4xf32>' transposed}}
  %0 = pack.transpose %a : <2x3x4xf32> -> <3x2x4xf32>
  return
}

// -----

func.func @transpose_C2(%a: !pack.source<3x4xf32>) {
  // expected-error @below {{changes the element type of '!pack.source<3x4xf32>'}}
  %0 = pack.transpose %a : <3x4xf32> -> <4x3xbf16>
  return
}

// -----

func.func @stack_C1(%a: !pack.source<2x4xf32>, %b: !pack.source<2x5xf32>) {
  // expected-error @below {{part '!pack.source<2x5xf32>' is no part of a member of '!pack.source<2x2x4xf32>'}}
  %0 = pack.stack %a, %b : !pack.source<2x4xf32>, !pack.source<2x5xf32> -> !pack.source<2x2x4xf32>
  return
}

// -----

func.func @stack_C1_element(%a: !pack.source<2x4xf32>, %b: !pack.source<2x4xf16>) {
  // expected-error @below {{part '!pack.source<2x4xf16>' is no part of a member of}}
  %0 = pack.stack %a, %b : !pack.source<2x4xf32>, !pack.source<2x4xf16> -> !pack.source<2x2x4xf32>
  return
}

// -----

func.func @stack_C1_rank(%a: !pack.source<4xf32>) {
  // expected-error @below {{part '!pack.source<4xf32>' is no part of a member of}}
  %0 = pack.stack %a, %a : !pack.source<4xf32>, !pack.source<4xf32> -> !pack.source<2x1x4xf32>
  return
}

// -----

func.func @stack_C2(%a: !pack.source<2x4xf32>) {
  // expected-error @below {{3 parts do not make the rows of '!pack.source<2x3x4xf32>'}}
  %0 = pack.stack %a, %a, %a : !pack.source<2x4xf32>, !pack.source<2x4xf32>, !pack.source<2x4xf32> -> !pack.source<2x3x4xf32>
  return
}

// -----

func.func @stack_C2_alike(%a: !pack.source<2x4xf32>, %b: !pack.source<4x4xf32>) {
  // expected-error @below {{2 parts do not make the rows of '!pack.source<2x3x4xf32>'}}
  %0 = pack.stack %a, %b : !pack.source<2x4xf32>, !pack.source<4x4xf32> -> !pack.source<2x3x4xf32>
  return
}

// -----

func.func @stack_C2_vectors(%a: !pack.source<4xf32>) {
  // expected-error @below {{4 parts do not make the rows of '!pack.source<2x4xf32>'}}
  %0 = pack.stack %a, %a, %a, %a : !pack.source<4xf32>, !pack.source<4xf32>, !pack.source<4xf32>, !pack.source<4xf32> -> !pack.source<2x4xf32>
  return
}

// -----

func.func @permute_C3(%a: !pack.source<8x4xf32>) {
  // expected-error @below {{turns 6 rows of heads of 4}}
  %0 = pack.permute %a heads of 4 turned 6 : !pack.source<8x4xf32>
  return
}
