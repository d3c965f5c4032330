// The kernel that measures rows, for maps that scale or cut them by what they are together.

#ifndef OSSCC_DIALECTS_TILE_TILEMOMENTS_TD
#define OSSCC_DIALECTS_TILE_TILEMOMENTS_TD

include "dialects/tile/TileBase.td"

def Tile_MomentsOp : Tile_Kernel<"moments"> {
  let summary = "The mean and the variance of every row";
  let description = [{
    out[t, 0] = mean_c(x[t, c]), out[t, 1] = mean_c((x[t, c] - out[t, 0])^2). Both sums run in 16 lanes, as those of a centered `norm` do.

    * (C1) `out` has two channels.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Rows:$out);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

#endif // OSSCC_DIALECTS_TILE_TILEMOMENTS_TD
