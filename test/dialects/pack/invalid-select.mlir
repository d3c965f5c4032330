// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of PackOps.td about parts of heads and about floats of 8 bits.

func.func @select_C1(%a: !pack.source<6x4xf32>) {
  // expected-error @below {{'!pack.source<6x4xf32>' is no matrix of 4 rows each}}
  %0 = pack.select %a from 0 of 4 : !pack.source<6x4xf32> -> !pack.source<3x4xf32>
  return
}

// -----

func.func @select_C2(%a: !pack.source<6x4xf32>) {
  // expected-error @below {{'!pack.source<4x4xf32>' does not have rows from 2 on of each 3 of '!pack.source<6x4xf32>'}}
  %0 = pack.select %a from 2 of 3 : !pack.source<6x4xf32> -> !pack.source<4x4xf32>
  return
}

// -----

func.func @select_C2_stack(%a: !pack.source<6x4xf32>) {
  // expected-error @below {{does not have rows from 0 on of each 3}}
  %0 = pack.select %a from 0 of 3 : !pack.source<6x4xf32> -> !pack.source<4x1x4xf32>
  return
}

// -----

func.func @select_C3(%a: !pack.source<6x4xf32>) {
  // expected-error @below {{changes how rows of '!pack.source<6x4xf32>' are stored}}
  %0 = pack.select %a from 0 of 3 : !pack.source<6x4xf32> -> !pack.source<2x4xbf16>
  return
}

// -----

func.func @rescale_C1(%codes: !pack.source<40x64xi8>, %scales: !pack.source<2x2xf32>) {
  // expected-error @below {{goes from a matrix of f8E4M3FN to one of f32, found '!pack.source<40x64xi8>' and '!pack.source<40x64xf32>'}}
  %0 = pack.rescale %codes, %scales blocks of 32 : <40x64xi8>, <2x2xf32> -> <40x64xf32>
  return
}

// -----

func.func @rescale_C2(%codes: !pack.source<40x64xf8E4M3FN>, %scales: !pack.source<1x2xf32>) {
  // expected-error @below {{'!pack.source<40x64xf8E4M3FN>' has no scales of blocks of 32 in '!pack.source<1x2xf32>'}}
  %0 = pack.rescale %codes, %scales blocks of 32 : <40x64xf8E4M3FN>, <1x2xf32> -> <40x64xf32>
  return
}
