// Kernels that change a state: a block takes all rows of the call in turn, for channels or heads that no other block has.

#ifndef OSSCC_DIALECTS_TILE_TILERECURRENCE_TD
#define OSSCC_DIALECTS_TILE_TILERECURRENCE_TD

include "dialects/tile/TileBase.td"
include "dialects/tile/TileState.td"

def Tile_ShortConvOp : Tile_Kernel<"short_conv", [IsolatedFromAbove]> {
  let summary = "Convolve each channel with its latest rows";
  let description = [{
    sum = sum_j w[j, c] * x[j rows from the oldest that the state keeps to the row's own, c], j rising, each step one fused multiply-add from 0,
    then out[t, c] = epilogue(sum). The state at byte `offset` of the sequence's page is left with the row as its latest.

    * (C1) `x` and `out` have the channels of the state.
    * (C2) `w` is [kept + 1, channels] of f32.
    * (C3) the epilogue takes an f32 and yields one.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Channels:$w, Index:$offset, Tile_Rows:$out, Tile_StateAttr:$state);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $x `,` $w `,` $offset `:` type($x) `,` type($w) `)` `outs` `(` $out `:` type($out) `)` $state attr-dict-with-keyword $epilogue
    (`->` type($result)^)?
  }];
}

def Tile_DeltaRuleOp : Tile_Kernel<"delta_rule"> {
  let summary = "The gated delta rule over the rows of a call";
  let description = [{
    What `llm.delta_rule` defines, on f32, in the order of the rows. A row's sums over channels of keys run in rising order, each step one
    fused multiply-add from 0; its norms are summed in 16 lanes, as those of `norm`. The state at byte `offset` of the sequence's page is
    changed in place.

    * (C1) `v` and `out` have heads * values channels of the state, `a` and `b` one a head.
    * (C2) `q` and `k` have the same channels, whole heads of the state's keys, whose number divides the state's heads.
    * (C3) `rates` and `shifts` have a value for each head of the state.
    * (C4) `eps` is positive and finite.
  }];
  let arguments = (ins Tile_Rows:$q, Tile_Rows:$k, Tile_Rows:$v, Tile_Rows:$a, Tile_Rows:$b, Tile_Channels:$rates, Tile_Channels:$shifts,
                       Index:$offset, Tile_Rows:$out, Tile_StateAttr:$state, F32Attr:$eps, UnitAttr:$log_rates,
                       UnitAttr:$tiled);
  let assemblyFormat = [{
    `ins` `(` $q `,` $k `,` $v `,` $a `,` $b `,` $rates `,` $shifts `,` $offset `:` type($q) `,` type($k) `,` type($v) `,` type($a) `,`
    type($b) `,` type($rates) `,` type($shifts) `)` `outs` `(` $out `:` type($out) `)` $state attr-dict (`->` type($result)^)?
  }];
}

#endif // OSSCC_DIALECTS_TILE_TILERECURRENCE_TD
