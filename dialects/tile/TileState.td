// How states lie: a header of its own, for the few kernels that change them.

#ifndef OSSCC_DIALECTS_TILE_TILESTATE_TD
#define OSSCC_DIALECTS_TILE_TILESTATE_TD

include "dialects/tile/TileName.td"

def Tile_StateAttr : AttrDef<Tile_Dialect, "State"> {
  let mnemonic = "state";
  let summary = "How the states of one cache group lie";
  let description = [{
    The one page of a sequence holds of each layer the latest `kept` rows of `channels` channels, oldest first, and `heads` matrices
    `[keys, values]`, all f32. `StateLayout` says where in the page.
  }];
  let parameters = (ins "int64_t":$group, "int64_t":$heads, "int64_t":$keys, "int64_t":$values, "int64_t":$channels, "int64_t":$kept);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // OSSCC_DIALECTS_TILE_TILESTATE_TD
