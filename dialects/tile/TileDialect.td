// The tile dialect: which fused kernels, in which blocks?
//
//   kernel level   matmul, quantize_rows, attend, norm, rotate, map,      destination-style, on tensors, then on memrefs
//                  gather, append, route, gather_slots, combine,
//                  short_conv, delta_rule
//   block level    grid, load, store, unpack, scales, lookup, dot,        inside one kernel, on vectors
//                  accumulate, yield
//
// `tile-to-grid` expands the first into the second, `tile-to-vector` all of the second but `dot` and `lookup`: the target
// seams.

#ifndef OSSCC_DIALECTS_TILE_TILEDIALECT_TD
#define OSSCC_DIALECTS_TILE_TILEDIALECT_TD

include "dialects/tile/TileName.td"

def Tile_ScheduleAttr : AttrDef<Tile_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "The blocks of one matmul";
  let description = [{
    A worker takes `n` output channels at a time: one tile of 16 from each of n / 16 streams. The streams cut the weight into
    equal runs that lie one behind the other. A call of one row computes all `n` channels at once. A call of several rows takes
    `m` rows and `columns` channels at a time, so that the accumulators stay in registers; `columns` divides `n`. A step reads
    `k` channels of the input; `lanes` is the width of the target's vectors in f32.

    Where `few` is not 0, a call of 2 to 32 rows over a weight in blocks takes `few` rows and one tile of each part at a time,
    and goes through all streams in turn. Each weight then comes from memory once for all rows, and what follows in the streams
    is prefetched into the cache of level `level`. A schedule decides speed only, never a number.
  }];
  let parameters = (ins "int64_t":$m, "int64_t":$n, "int64_t":$k, "int64_t":$lanes,
                        "int64_t":$columns, DefaultValuedParameter<"int64_t", "0">:$few,
                        DefaultValuedParameter<"int64_t", "2">:$level);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_CacheAttr : AttrDef<Tile_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "How the keys and values of one cache group lie";
  let description = [{
    A page of the group holds `rows` positions, of each layer `heads` key-value heads of `size` channels in `stored`: f16, f32, or
    i8 with scales of f32. `PageLayout` says where in the page. Page `position / rows` of a sequence holds a position; where `ring`
    is given, page `position / rows % ring`, so that `ring` pages hold the latest positions of any text. Where `values` is given, the rows are
    latents: of each position and head `size` channels, the key, of which the first `values` are the value.
  }];
  let parameters = (ins "int64_t":$group, "int64_t":$heads, "int64_t":$size, "int64_t":$rows, "::mlir::Type":$stored,
                        DefaultValuedParameter<"int64_t", "0">:$ring, DefaultValuedParameter<"int64_t", "0">:$values);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isLatent() const { return getValues() != 0; }
    /// Channels of a head's value.
    int64_t valueSize() const { return isLatent() ? getValues() : getSize(); }
    /// Channels of a head's key that come as keys: those of latents that are no value.
    int64_t keySize() const { return getSize() - getValues(); }
  }];
}

def Tile_MaskAttr : AttrDef<Tile_Dialect, "Mask"> {
  let mnemonic = "mask";
  let summary = "Which positions up to its own a row sees";
  let description = [{
    With `window` a row at position p sees the positions from p - window + 1 to p; where it is `chunked`, from p - p mod window to p.
  }];
  let parameters = (ins "int64_t":$window, DefaultValuedParameter<"bool", "false">:$chunked);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_TemperatureAttr : AttrDef<Tile_Dialect, "Temperature"> {
  let mnemonic = "temperature";
  let summary = "What the scores of a row are multiplied by";
  let description = [{
    The scores of a row at position p are multiplied by 1 + scale * log(1 + floor((p + offset) / step)), in f32.
  }];
  let parameters = (ins "int64_t":$step, "::mlir::FloatAttr":$scale, DefaultValuedParameter<"int64_t", "0">:$offset);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_RowSource : I32EnumAttr<"RowSource", "which rows a gather reads", [
    I32EnumAttrCase<"Tokens", 0, "tokens">,     // the table's row of each token
    I32EnumAttrCase<"Outputs", 1, "outputs">,   // the rows whose output the call wants
    I32EnumAttrCase<"Positions", 2, "positions">]> { // the table's row of each position
  let cppNamespace = "::osscc::tile";
  let genSpecializedAttr = 0;
}
def Tile_RowSourceAttr : EnumAttr<Tile_Dialect, Tile_RowSource, "row_source">;

def Tile_Routing : I32EnumAttr<"Routing", "what the weights of the chosen experts are", [
    I32EnumAttrCase<"Chosen", 0, "chosen">,                       // a softmax over them
    I32EnumAttrCase<"All", 1, "all">,                             // a softmax over all
    I32EnumAttrCase<"Sigmoid", 2, "sigmoid">,                     // each its sigmoid
    I32EnumAttrCase<"SigmoidOfChosen", 3, "sigmoid_of_chosen">]> { // its share of their sigmoids
  let cppNamespace = "::osscc::tile";
  let genSpecializedAttr = 0;
}
def Tile_RoutingAttr : EnumAttr<Tile_Dialect, Tile_Routing, "routing">;

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

#endif // OSSCC_DIALECTS_TILE_TILEDIALECT_TD
