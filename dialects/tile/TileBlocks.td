// The block level: what one block of a kernel's grid computes.

#ifndef OSSCC_DIALECTS_TILE_TILEBLOCKS_TD
#define OSSCC_DIALECTS_TILE_TILEBLOCKS_TD

include "dialects/tile/TileBase.td"

def Tile_GridOp : Tile_Op<"grid", [SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects]> {
  let summary = "Independent blocks of work, taken by the workers";
  let description = [{
    The grid runs the body once for each block number from 0 to `blocks`. Each worker has a range of neighbouring blocks, takes
    them in rising order, and then helps the others with theirs. Every worker sees what the grid wrote after the next
    `abi.barrier`. A barrier stands between two grids.

    * (C1) the body takes one index.
  }];
  let arguments = (ins Index:$blocks);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$blocks attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Tile_LoadOp : Tile_Op<"load"> {
  let summary = "A block of rows, one value a lane group, rows past the end clamped";
  let description = [{
    block[i * planes + p, j] = x[min(row + i, last), k + p * J + j] as a vector<M * planes x J>. A row past the last is a copy
    of the last: its results are never stored, and the op reads no memory outside `x`.

    * (C1) the block's rows are a whole number of `planes`.
    * (C2) the block has the element type of `x`.
  }];
  let arguments = (ins MemRefOf<[F32, I32]>:$x, Index:$row, Index:$last, Index:$k, DefaultValuedAttr<I64Attr, "1">:$planes);
  let results = (outs VectorOfRankAndType<[2], [F32, I32]>:$block);
  let assemblyFormat = "$x `[` $row `,` $k `]` `last` $last attr-dict `:` type($x) `->` type($block)";
  let hasVerifier = 1;
}

def Tile_UnpackOp : Tile_Op<"unpack"> {
  let summary = "Packed codes to values, in registers";
  let description = [{
    Floats: block[j, c, l] = w[16 * tile + c * lanes + l, k + j] as vector<K x C x lanes>: the C * lanes rows from tile number
    `tile` on, for K channels from `k` on. Exact for every float format.

    Blocks: block[j, c, 4 l + i] = the unsigned code of w[16 * tile + c * lanes + l, k + 4 j + i] as
    vector<8 x C x 4 lanes x i8>, the 32 channels from `k` on; of a table's code its entry.

    * (C1) the result's last two dimensions are a whole number of tiles of 16 rows.
    * (C2) codes come by 32 channels.
  }];
  let arguments = (ins AnyMemRef:$w, Index:$tile, Index:$k, OptionalAttr<Pack_FormatAttr>:$format);
  let results = (outs VectorOfRankAndType<[3], [F32, I8]>:$block);
  let assemblyFormat = "$w `[` $tile `,` $k `]` attr-dict `:` type($w) `->` type($block)";
  let hasVerifier = 1;
}

def Tile_ScalesOp : Tile_Op<"scales"> {
  let summary = "The scales or the minimums of one group of channels";
  let description = [{
    block[c, l] = the scale of row 16 * tile + c * lanes + l, for the group of channel `k`; with `minimum` its minimum. Widened
    exactly, as is the product of an integer and its super-scale; the scale of f4E2M1FN is halved, since its entries are doubled.

    * (C1) the format is one of blocks, and has a minimum where that is asked.
    * (C2) the result is a whole number of tiles of 16 rows.
  }];
  let arguments = (ins AnyMemRef:$w, Index:$tile, Index:$k, Pack_FormatAttr:$format, UnitAttr:$minimum);
  let results = (outs VectorOfRankAndType<[2], [F32]>:$block);
  let assemblyFormat = "$w `[` $tile `,` $k `]` `of` $format (`minimum` $minimum^)? attr-dict `:` type($w) `->` type($block)";
  let hasVerifier = 1;
}

def Tile_LookupOp : Tile_Op<"lookup", [Pure, SameOperandsAndResultType]> {
  let summary = "Entries of a table of 16 bytes: the second target seam";
  let description = [{
    result[i] = table[codes[i]], the codes being below 16.

    * (C1) the table has 16 entries.
  }];
  let arguments = (ins VectorOfRankAndType<[1], [I8]>:$codes, DenseI8ArrayAttr:$table);
  let results = (outs VectorOfRankAndType<[1], [I8]>:$result);
  let assemblyFormat = "$codes `in` $table attr-dict `:` type($codes)";
  let hasVerifier = 1;
}

def Tile_DotOp : Tile_Op<"dot", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "Multiply a block of rows by a block of weights: the target seam";
  let description = [{
    f32: result[m, c, l] = acc[m, c, l] + sum_k a[m, k] * b[k, c, l], k rising, each step one fused multiply-add.

    Integers: a word of `a` is four signed codes in +-127, `b` has unsigned bytes of which `zero` is subtracted:
    result[m, c, l] = acc[m, c, l] + sum_(k, i) a[m, k][i] * (b[k, c, 4 l + i] - zero), exactly. Of rows in two planes
    a[m, k] is 255 * a[2 m, k] + a[2 m + 1, k]. `offsets` is -128 times each row's sum of codes, for the instructions that
    cannot subtract. Bytes of `b` are below 2^bits, where that is told.

    * (C1) `a` is vector<M x K>, `b` vector<K x C x lanes>, of bytes 4 lanes, and `acc` vector<M x C x lanes>; `a` has 2 M rows
      in two planes.
    * (C2) all are f32, or words, bytes and 32-bit integers with `offsets` of M rows; planes are of integers.
    * (C3) `zero` is 128, or at most 32 where bytes are below 64: then sums of two products fit 16 bits. `bits` is at most what that allows.
  }];
  let arguments = (ins VectorOfRankAndType<[2], [F32, I32]>:$a, VectorOfRankAndType<[3], [F32, I8]>:$b,
                       VectorOfRankAndType<[3], [F32, I32]>:$acc, Optional<VectorOfRankAndType<[1], [I32]>>:$offsets,
                       DefaultValuedAttr<I64Attr, "0">:$zero, DefaultValuedAttr<I64Attr, "0">:$bits);
  let results = (outs VectorOfRankAndType<[3], [F32, I32]>:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $acc (`offsets` $offsets^ `:` type($offsets))? attr-dict `:` type($a) `,` type($b) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def Tile_AccumulateOp : Tile_Op<"accumulate", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "The products of one group of codes, scaled, onto the sums";
  let description = [{
    result[m, c, l] = fma(f32(dots[m, c, l]), scales[c, l] * scale(m), acc[m, c, l]), then
    result[m, c, l] = fma(minimums[c, l], sum(m), result[m, c, l]) where there are minimums. `record` holds scale and sum of
    each row as f32 bits, as `quantize_rows` wrote them.

    * (C1) `dots` has the dimensions of `acc`; `scales` and `minimums` have all but the first.
    * (C2) `record` is vector<M x 2> of words.
  }];
  let arguments = (ins VectorOfRankAndType<[3], [I32]>:$dots, VectorOfRankAndType<[2], [I32]>:$record,
                       VectorOfRankAndType<[2], [F32]>:$scales, VectorOfRankAndType<[3], [F32]>:$acc,
                       Optional<VectorOfRankAndType<[2], [F32]>>:$minimums);
  let results = (outs VectorOfRankAndType<[3], [F32]>:$result);
  let assemblyFormat = [{
    $dots `,` $record `scales` $scales `onto` $acc (`minimums` $minimums^ `:` type($minimums))? attr-dict
    `:` type($dots) `,` type($record) `,` type($scales) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store", [AttrSizedOperandSegments, RecursiveMemoryEffects]> {
  let summary = "A block of accumulators through the epilogue to memory, masked at the edges";
  let description = [{
    out[row + m, n] = epilogue(blocks[0..parts][m, c, l], channels[0][(0..parts) * N + n], ..., old element) with
    n = column + c * lanes + l, for rows up to `last` and columns inside the N of `out`. The epilogue's arguments are those of
    the `matmul`.

    * (C1) all blocks have one type, vector<M x C x lanes>.
    * (C2) the epilogue has an f32 argument for each block, as many for each of `channels`, and one for the old element, and
      yields one f32.
    * (C3) each of `channels` has N values for each block.
  }];
  let arguments = (ins Variadic<VectorOfRankAndType<[3], [F32]>>:$blocks,
                       Arg<Variadic<MemRefRankOf<[F32], [1]>>, "", [MemRead]>:$channels,
                       Arg<MemRefOf<[F32]>, "", [MemRead, MemWrite]>:$out, Index:$row, Index:$last, Index:$column);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    $blocks (`channels` `(` $channels^ `:` type($channels) `)`)? `to` $out `[` $row `,` $column `]` `last` $last
    attr-dict-with-keyword $epilogue `:` type($blocks) `to` type($out)
  }];
  let hasVerifier = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "Ends a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // OSSCC_DIALECTS_TILE_TILEBLOCKS_TD
