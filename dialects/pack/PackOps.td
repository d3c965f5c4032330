// The ops of the pack dialect: weights as symbols, and the steps of their recipes.

#ifndef OSSCC_DIALECTS_PACK_PACKOPS_TD
#define OSSCC_DIALECTS_PACK_PACKOPS_TD

include "dialects/pack/PackTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Pack_Op<string mnemonic, list<Trait> traits = []> : Op<Pack_Dialect, mnemonic, traits>;

def Pack_Stored : AnyTypeOf<[Pack_Source, Pack_Block], "a weight in some stage of its recipe">;

def Pack_WeightOp : Pack_Op<"weight", [Symbol, IsolatedFromAbove, SingleBlock, NoRegionArguments]> {
  let summary = "A stored weight and the recipe that makes it";
  let description = [{
    The region's last op is `pack.yield`. The symbol is the checkpoint's tensor name, or names joined by `+`. A `role` is given
    where the shape does not tell how the weight is read: a matrix multiplies or is looked up, a vector has one value a channel.

    * (C1) the recipe ends in a `yield` of the weight's type.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type, OptionalAttr<Pack_RoleAttr>:$role);
  let regions = (region SizedRegion<1>:$recipe);
  let assemblyFormat = "$sym_name (`role` $role^)? `:` $type attr-dict-with-keyword $recipe";
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::Type":$type), [{
    build($_builder, $_state, name, type, ::osscc::pack::RoleAttr());
  }]>];
  let hasVerifier = 1;
}

def Pack_GetOp : Pack_Op<"get", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Use a weight in a function";
  let description = [{
    * (C1) the symbol is a `pack.weight`.
    * (C2) a weight that is still a source is a tensor here; a stored one has the weight's own type.
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let results = (outs AnyTypeOf<[AnyRankedTensor, Pack_Block]>:$value);
  let assemblyFormat = "$weight attr-dict `:` type($value)";
}

def Pack_YieldOp : Pack_Op<"yield", [Pure, Terminator, HasParent<"WeightOp">]> {
  let summary = "The weight that the recipe makes";
  let arguments = (ins Pack_Stored:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Pack_SliceOp : Pack_Op<"slice", [Pure]> {
  let summary = "One tensor of the checkpoint";
  let description = [{
    `file` is a base name in the checkpoint's folder, `offset` counts bytes from the file's start. `tensor` is the tensor's name
    where it is not the weight's.

    Floats are a source; what lies there in a block format is a block in rows already. With attribute `blocks` there are
    blocks of a type that has no format, by GGUF's name: the source is what they decode to.

    * (C1) `file` is a plain base name.
    * (C2) `offset` is not negative.
    * (C3) a block is one of a block format, in layout `rows`, of whole blocks of a file.
    * (C4) `blocks` names a type that can be decoded, and the value is a source of f32 in whole blocks.
  }];
  let arguments = (ins StrAttr:$file, I64Attr:$offset, OptionalAttr<StrAttr>:$tensor);
  let results = (outs Pack_Stored:$value);
  let assemblyFormat = "$file `at` $offset (`tensor` $tensor^)? attr-dict `:` type($value)";
  let builders = [OpBuilder<(ins "::mlir::Type":$value, "::llvm::StringRef":$file, "int64_t":$offset), [{
    build($_builder, $_state, value, file, offset, ::mlir::StringAttr());
  }]>];
  let hasVerifier = 1;
}

def Pack_ConcatOp : Pack_Op<"concat", [Pure]> {
  let summary = "Join matrices, or rows of one value a channel, one after the other";
  let description = [{
    With `along` 1 the members of stacks are joined, each with its like.

    * (C1) all parts have the result's rank, other extents and element type, or its format in layout `rows`.
    * (C2) the parts' extents in dimension `along` add up to the result's.
    * (C3) `along` is a dimension of the result; of a block it is not the last.
  }];
  let arguments = (ins Variadic<Pack_Stored>:$parts, DefaultValuedAttr<I64Attr, "0">:$along);
  let results = (outs Pack_Stored:$whole);
  let assemblyFormat = "$parts (`along` $along^)? attr-dict `:` type($parts) `->` type($whole)";
  let hasVerifier = 1;
}

def Pack_StackOp : Pack_Op<"stack", [Pure]> {
  let summary = "Put matrices one after the other into a stack";
  let description = [{
    The rows of the parts follow each other in the result's members: a part each, or several that share a member. Of a result with
    one value a channel for each member, a part is such a row. Source: checkpoints that have tensors for each expert.

    * (C1) a part has one dimension less than the result, its channels, and its element type, or its format in layout `rows`.
    * (C2) all parts are alike, and as many of them as there are members, or a multiple, have the rows of the result.
  }];
  let arguments = (ins Variadic<Pack_Stored>:$parts);
  let results = (outs Pack_Stored:$whole);
  let assemblyFormat = "$parts attr-dict `:` type($parts) `->` type($whole)";
  let hasVerifier = 1;
}

def Pack_PermuteOp : Pack_Op<"permute", [Pure, AllTypesMatch<["source", "result"]>]> {
  let summary = "Put the two channels of a rotated pair half a head apart";
  let description = [{
    In every head of `size` rows, row s * size/2 + i of the result is row 2 i + s of the source, s being 0 or 1: GGUF files of
    the llama architecture keep the rows of q and k in pairs. A head may be a whole matrix whose two halves take turns. With
    `along` 1 the rows are those of a stack's members.

    With `turned` only so many rows of a head, its first, are pairs; of the others one half follows each of theirs. With `halves`
    the rows that turn are halves already, not pairs.

    * (C1) the extent in dimension `along` is a whole number of heads of an even `size`.
    * (C2) a block lies in `rows`, and `along` is not its last dimension.
    * (C3) `turned` is even, and no more than `size`.
  }];
  let arguments = (ins Pack_Stored:$source, I64Attr:$size, DefaultValuedAttr<I64Attr, "0">:$along,
                       DefaultValuedAttr<I64Attr, "0">:$turned, UnitAttr:$halves);
  let results = (outs Pack_Stored:$result);
  let assemblyFormat = [{
    $source `heads` `of` $size (`turned` $turned^)? (`in` `halves` $halves^)? (`along` $along^)? attr-dict `:` type($source)
  }];
  let extraClassDeclaration = [{
    /// The row of the source that becomes row `row` of the result.
    int64_t sourceRow(int64_t row);
    /// Rows of a head that are turned.
    int64_t turnedRows() { return static_cast<int64_t>(getTurned() != 0 ? getTurned() : getSize()); }
  }];
  let hasVerifier = 1;
}

def Pack_SelectOp : Pack_Op<"select", [Pure]> {
  let summary = "Some rows of each so many: of heads whose rows serve several uses, those of one";
  let description = [{
    Of each `each` rows of the source the result has those from `first` on. They follow each other; the result may be a stack of them.

    * (C1) the source is a matrix, with a whole number of times `each` rows.
    * (C2) the result has its channels, and as many rows of each as there are from `first` on at most.
    * (C3) a block lies in `rows`, and its format or the element type stays.
  }];
  let arguments = (ins Pack_Stored:$source, I64Attr:$first, I64Attr:$each);
  let results = (outs Pack_Stored:$result);
  let assemblyFormat = "$source `from` $first `of` $each attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Pack_ZipOp : Pack_Op<"zip", [Pure]> {
  let summary = "Blocks whose codes and scales are two tensors";
  let description = [{
    Byte j of a group's 16 codes has the channel 2 j of the group in its low half and the channel 2 j + 1 in its high half; the
    result's blocks have the order of GGUF, j and j + 16. Source: the tensors `_blocks` and `_scales` of gpt-oss.

    * (C1) the result is rows of MXFP4, in whole groups of 32 channels.
    * (C2) `codes` has a byte for every two channels of the result, `scales` one for every 32.
  }];
  let arguments = (ins Pack_Source:$codes, Pack_Source:$scales);
  let results = (outs Pack_Block:$block);
  let assemblyFormat = "$codes `,` $scales attr-dict `:` type($codes) `,` type($scales) `->` type($block)";
  let hasVerifier = 1;
}

def Pack_RescaleOp : Pack_Op<"rescale", [Pure]> {
  let summary = "Floats of 8 bits times the scale of their block";
  let description = [{
    value[n, k] = code[n, k] * scale[n / size, k / size], each product rounded once to f32. Blocks at the edges are smaller.
    Source: config key `quantization_config.weight_block_size`, tensors `weight_scale_inv`.

    * (C1) `codes` is a matrix of f8E4M3FN, the result one of f32 of its shape.
    * (C2) `scales` has an f32 or a bf16 for each block of `size` rows and `size` channels.
  }];
  let arguments = (ins Pack_Source:$codes, Pack_Source:$scales, I64Attr:$size);
  let results = (outs Pack_Source:$value);
  let assemblyFormat = [{
    $codes `,` $scales `blocks` `of` $size attr-dict `:` type($codes) `,` type($scales) `->` type($value)
  }];
  let hasVerifier = 1;
}

def Pack_TransposeOp : Pack_Op<"transpose", [Pure]> {
  let summary = "Matrices whose rows were columns";
  let description = [{
    * (C1) the source has two dimensions, or three of a stack, and the result's last two are exchanged.
    * (C2) the element type stays.
  }];
  let arguments = (ins Pack_Source:$source);
  let results = (outs Pack_Source:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Pack_DequantizeOp : Pack_Op<"dequantize", [Pure]> {
  let summary = "The values that a block format stands for";
  let description = [{
    Scales and minimums are widened exactly; the product and the sum are f32, each rounded once.

    * (C1) the shape stays.
    * (C2) the block lies in `rows`, the result is f32.
  }];
  let arguments = (ins Pack_Block:$block);
  let results = (outs Pack_Source:$value);
  let assemblyFormat = "$block attr-dict `:` type($block) `->` type($value)";
  let hasVerifier = 1;
}

def Pack_QuantizeOp : Pack_Op<"quantize", [Pure]> {
  let summary = "Store values in a format, row after row";
  let description = [{
    Floats are widened exactly and narrowed to the nearest, ties to even. In a block format the group's scale is chosen first,
    then each code is the nearest (docs/design/layout.md); a row's last group is filled up with zeros.

    * (C1) the shape stays.
    * (C2) the result's layout is `rows`.
    * (C3) a block format is Q8_0, Q4_0, Q4_1, MXFP4, or Q2_K of ternary values: codes of the others are kept, not chosen.
  }];
  let arguments = (ins Pack_Source:$source);
  let results = (outs Pack_Block:$block);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($block)";
  let hasVerifier = 1;
}

def Pack_RelayoutOp : Pack_Op<"relayout", [Pure]> {
  let summary = "Order stored values as the format's kernels read them";
  let description = [{
    * (C1) shape and format stay.
    * (C2) from layout `rows` to layout `tiles` or `table`.
  }];
  let arguments = (ins Pack_Block:$source);
  let results = (outs Pack_Block:$block);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($block)";
  let hasVerifier = 1;
}

#endif // OSSCC_DIALECTS_PACK_PACKOPS_TD
