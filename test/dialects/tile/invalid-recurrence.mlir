// RUN: osscc-opt %s --split-input-file --verify-diagnostics
// A case @<op>_C<n> for each rule of TileRecurrence.td, and that of states.

// expected-error @below {{a state has rows of channels and heads of keys by values, found 0 of 8, and 2 of 2 by 3 in group 0}}
func.func private @state() attributes {a = #tile.state<group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 0>}

// -----

func.func @short_conv_C1_x(%x: memref<?x6xf32>, %w: memref<2x8xf32>, %at: index, %out: memref<?x8xf32>) {
  // expected-error @below {{x has 6 channels and out 8, but the state is}}
  tile.short_conv ins(%x, %w, %at : memref<?x6xf32>, memref<2x8xf32>) outs(%out : memref<?x8xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @short_conv_C1_out(%x: memref<?x8xf32>, %w: memref<2x8xf32>, %at: index, %out: memref<?x6xf32>) {
  // expected-error @below {{x has 8 channels and out 6, but the state is}}
  tile.short_conv ins(%x, %w, %at : memref<?x8xf32>, memref<2x8xf32>) outs(%out : memref<?x6xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @short_conv_C2(%x: memref<?x8xf32>, %w: memref<3x8xf32>, %at: index, %out: memref<?x8xf32>) {
  // expected-error @below {{w is 'memref<3x8xf32>', but the state is}}
  tile.short_conv ins(%x, %w, %at : memref<?x8xf32>, memref<3x8xf32>) outs(%out : memref<?x8xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
  ^bb0(%sum: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @short_conv_C3(%x: memref<?x8xf32>, %w: memref<2x8xf32>, %at: index, %out: memref<?x8xf32>) {
  // expected-error @below {{the region takes 1 f32 and yields one}}
  tile.short_conv ins(%x, %w, %at : memref<?x8xf32>, memref<2x8xf32>) outs(%out : memref<?x8xf32>)
      <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {
  ^bb0(%sum: f32, %old: f32):
    tile.yield %sum : f32
  }
  return
}

// -----

func.func @delta_rule_C1(%q: memref<?x4xf32>, %k: memref<?x4xf32>, %v: memref<?x6xf32>, %a: memref<?x2xf32>,
    %b: memref<?x3xf32>, %r: memref<2xf32>, %s: memref<2xf32>, %at: index, %out: memref<?x6xf32>) {
  // expected-error @below {{v has 6 channels, a 2, b 3 and out 6, but the state is}}
  tile.delta_rule ins(%q, %k, %v, %a, %b, %r, %s, %at : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>, memref<?x2xf32>,
      memref<?x3xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x6xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.0 : f32}
  return
}

// -----

func.func @delta_rule_C1_v(%q: memref<?x4xf32>, %k: memref<?x4xf32>, %v: memref<?x4xf32>, %a: memref<?x2xf32>,
    %b: memref<?x2xf32>, %r: memref<2xf32>, %s: memref<2xf32>, %at: index, %out: memref<?x4xf32>) {
  // expected-error @below {{v has 4 channels, a 2, b 2 and out 4, but the state is}}
  tile.delta_rule ins(%q, %k, %v, %a, %b, %r, %s, %at : memref<?x4xf32>, memref<?x4xf32>, memref<?x4xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x4xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.0 : f32}
  return
}

// -----

func.func @delta_rule_C2(%q: memref<?x6xf32>, %k: memref<?x6xf32>, %v: memref<?x6xf32>, %a: memref<?x2xf32>,
    %b: memref<?x2xf32>, %r: memref<2xf32>, %s: memref<2xf32>, %at: index, %out: memref<?x6xf32>) {
  // expected-error @below {{q and k have 6 and 6 channels, but the state is}}
  tile.delta_rule ins(%q, %k, %v, %a, %b, %r, %s, %at : memref<?x6xf32>, memref<?x6xf32>, memref<?x6xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x6xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.0 : f32}
  return
}

// -----

func.func @delta_rule_C3(%q: memref<?x4xf32>, %k: memref<?x4xf32>, %v: memref<?x6xf32>, %a: memref<?x2xf32>,
    %b: memref<?x2xf32>, %r: memref<3xf32>, %s: memref<2xf32>, %at: index, %out: memref<?x6xf32>) {
  // expected-error @below {{has 2 heads, but 'memref<3xf32>'}}
  tile.delta_rule ins(%q, %k, %v, %a, %b, %r, %s, %at : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<3xf32>, memref<2xf32>) outs(%out : memref<?x6xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 1.0 : f32}
  return
}

// -----

func.func @delta_rule_C4(%q: memref<?x4xf32>, %k: memref<?x4xf32>, %v: memref<?x6xf32>, %a: memref<?x2xf32>,
    %b: memref<?x2xf32>, %r: memref<2xf32>, %s: memref<2xf32>, %at: index, %out: memref<?x6xf32>) {
  // expected-error @below {{eps must be positive and finite}}
  tile.delta_rule ins(%q, %k, %v, %a, %b, %r, %s, %at : memref<?x4xf32>, memref<?x4xf32>, memref<?x6xf32>, memref<?x2xf32>,
      memref<?x2xf32>, memref<2xf32>, memref<2xf32>) outs(%out : memref<?x6xf32>) <group = 0, heads = 2, keys = 2, values = 3, channels = 8, kept = 1> {eps = 0.0 : f32}
  return
}
