// The ops of the tile dialect. Letters: T rows, N output channels, K input channels of a matmul; H query heads, d head size.

#ifndef OSSCC_DIALECTS_TILE_TILEOPS_TD
#define OSSCC_DIALECTS_TILE_TILEOPS_TD

include "dialects/tile/TileDialect.td"
include "dialects/pack/PackTypes.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Rows of f32, as a value or in memory.
def Tile_Rows : Type<Or<[TensorRankOf<[F32], [2]>.predicate, MemRefRankOf<[F32], [2]>.predicate]>, "rows of f32",
                               "::mlir::ShapedType">;
// Rows of 32-bit words: what `quantize_rows` makes of rows of f32.
def Tile_Words : Type<Or<[TensorRankOf<[I32], [2]>.predicate, MemRefRankOf<[I32], [2]>.predicate]>, "rows of 32-bit words",
                      "::mlir::ShapedType">;
// A packed matrix: its type until kernels are outlined, then the memory that holds it.
def Tile_Packed : AnyTypeOf<[Pack_Block, AnyMemRef], "a packed weight">;

//===- Kernel level ------------------------------------------------------------------------------------------------===//

// A kernel with one destination, `out`; on tensors it has one result, on memrefs none. Its blocks are shared by the workers;
// of a kernel that has `own` each worker computes all of them, into memory of its own, so that nobody waits for anybody.
class Tile_Kernel<string mnemonic, list<Trait> traits = []> : Tile_Op<mnemonic, [
    DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>] # traits> {
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
  }];
  let results = (outs Variadic<AnyRankedTensor>:$result);
  let hasVerifier = 1;
}

def Tile_MatmulOp : Tile_Kernel<"matmul", [IsolatedFromAbove]> {
  let summary = "Rows times a packed matrix, with an epilogue";
  let description = [{
    acc[p][t, n] = sum_k x[t, k] * w[p * N + n, k] for p < parts, then out[t, n] = epilogue(acc[0..parts][t, n], out[t, n]).

    The epilogue's arguments are f32 scalars: one accumulator a part, then the old element of `out`. A residual sum adds the
    latter; a gated MLP has two parts, gate and up.

    Where `w` is stored in blocks, `x` is what `quantize_rows` made, in `planes` planes, and the sum runs group after group:
    acc += f32(sum of codes' products) * (w's scale * x's scale), then + w's minimum * x's sum. `format` is that of `w`
    once its type is memory. `interleaved` says how the records of `x` lie. Where `most_rows` is given, another op takes the calls of more rows.

    * (C1) `w` reads as many channels as `x` has, or as many groups as its words.
    * (C2) `w` has parts * N rows.
    * (C3) with more than one part, N is a whole number of tiles of 16 rows, so that a block lies in whole tiles of each.
    * (C4) the epilogue has parts + 1 arguments of f32 and yields one f32.
    * (C5) `planes` is 1 or 2 where `w` is stored in blocks, 0 where in floats.
  }];
  let arguments = (ins AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$x, Tile_Packed:$w, Tile_Rows:$out,
                       DefaultValuedAttr<I64Attr, "1">:$parts, DefaultValuedAttr<I64Attr, "0">:$planes,
                       OptionalAttr<Pack_FormatAttr>:$format, OptionalAttr<Tile_ScheduleAttr>:$schedule,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$most_rows,
                       UnitAttr:$interleaved);
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
    /// How `w` is stored: by its type, or once that is memory by `format`; null for floats in memory.
    ::osscc::pack::FormatAttr storage() {
      if (auto block = ::llvm::dyn_cast<::osscc::pack::BlockType>(getW().getType()))
        return block.getFormat();
      return getFormatAttr();
    }
    /// Tiles of 16 rows that a block of the scheduled op takes of each part, one a stream: n / 16, or fewer so that the
    /// streams are equally long.
    int64_t streams();
    /// Blocks of the scheduled op: the tiles of one stream.
    int64_t blocks();
  }];
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $x `,` $w `:` type($x) `,` type($w) `)` `outs` `(` $out `:` type($out) `)` attr-dict-with-keyword $epilogue
    (`->` type($result)^)?
  }];
}

def Tile_QuantizeRowsOp : Tile_Kernel<"quantize_rows"> {
  let summary = "Activations as signed codes of 8 bits, in one plane or two";
  let description = [{
    Each group of 32 channels becomes a record of words:

        codes[planes][8]   four codes a word, the lowest channel in the lowest byte
        scale              f32: the largest magnitude / 127, or / (255 * 127 + 127) with two planes
        sum                f32: scale * the sum of the group's codes
        offset             i32: -128 * the sum of the group's codes

    A code is the nearest to x / scale, ties to even, in +-127; with two planes it is 255 * high + low, both in +-127, the
    high plane first. Channels past the last are zeros. A group of zeros has scale 0.

    With `interleaved` the records of 16 rows lie together, group after group: codes[planes][16][8], scales [16], sums [16],
    offsets [16], so that a matrix unit loads what is contiguous. `out` is then memory of whole sixteens of rows.

    * (C1) `planes` is 1 or 2.
    * (C2) `out` has a record for each group of 32 channels of `x`.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Words:$out, I64Attr:$planes, UnitAttr:$own, UnitAttr:$interleaved);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_AttendOp : Tile_Kernel<"attend", [AttrSizedOperandSegments]> {
  let summary = "Causal grouped-query attention over the pages of the cache";
  let description = [{
    out[t, h] = softmax(scale * q[t, h] . K) V over the positions up to the row's own, with online softmax over blocks of 64
    positions aligned to the absolute position. `offset` is the byte in a page where the layer's keys begin: they lie as
    [heads][rows of a page / 64][size][64], the values behind them as [heads][rows of a page][size]. `cached` is what is
    stored: f16 unless it is given, f32, or i8. The codes of i8 are followed by the scales of keys and of values, f32
    [heads][rows of a page] each: a number is its code times the scale of its position and head.

    With `frequencies` the queries are rotated first, as `rotate` does it. With `planes` the result goes into `out` as
    `quantize_rows` would write it. `partials` is memory in which workers leave what they made of spans of one row's past,
    one record a span and key-value head: the heads that share it, each its outputs, 16 running sums and 16 maxima. With
    `append`, in a call of one row, the row's keys and values are appended first, as `append` with the same attributes does it.

    * (C1) `q` is a whole multiple of heads * size channels, and `out` those or their records.
    * (C2) `scale` is positive and finite.
    * (C3) `frequencies`, where given, are size / 2.
    * (C4) `planes` is 1 or 2 where `out` has words, 0 where it has f32; with planes, a head is a whole number of groups.
    * (C5) `partials`, where given, has rows of a record.
    * (C6) `cached` is f16, f32 or i8.
    * (C7) `k` and `v`, where given, have heads * size channels.
  }];
  let arguments = (ins Tile_Rows:$q, Index:$offset, AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$out,
                       Optional<MemRefRankOf<[F32], [2]>>:$partials, Optional<MemRefRankOf<[F32], [2]>>:$k,
                       Optional<MemRefRankOf<[F32], [2]>>:$v, I64Attr:$group, I64Attr:$heads, I64Attr:$size,
                       I64Attr:$page_rows, F32Attr:$scale, OptionalAttr<DenseF32ArrayAttr>:$frequencies, OptionalAttr<TypeAttr>:$cached,
                       DefaultValuedAttr<I64Attr, "0">:$planes, UnitAttr:$interleaved);
  let assemblyFormat = [{
    `ins` `(` $q `,` $offset `:` type($q) `)` `outs` `(` $out `:` type($out) `)`
    (`partials` `(` $partials^ `:` type($partials) `)`)? (`append` `(` $k^ `,` $v `:` type($k) `,` type($v) `)`)?
    attr-dict (`->` type($result)^)?
  }];
}

def Tile_NormOp : Tile_Kernel<"norm"> {
  let summary = "Root-mean-square norm of every row";
  let description = [{
    out[t, c] = x[t, c] * (1 / sqrt(mean_c(x[t, c]^2) + eps)) * w[c]. The sum runs in 16 lanes, folded in one fixed order.
    With `planes` the result goes into `out` as `quantize_rows` would write it.

    * (C1) `x` and `w` have the same channels, and `out` those or their records.
    * (C2) `eps` is positive and finite.
    * (C3) `planes` is 1 or 2 where `out` has words, 0 where it has f32.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Packed:$w, AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$out, F32Attr:$eps,
                       DefaultValuedAttr<I64Attr, "0">:$planes, UnitAttr:$own, UnitAttr:$interleaved);
  let assemblyFormat = [{
    `ins` `(` $x `,` $w `:` type($x) `,` type($w) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_RotateOp : Tile_Kernel<"rotate"> {
  let summary = "Rotate pairs of channels of every head by the row's position (RoPE)";
  let description = [{
    For each head: out[i] = x[i] cos - x[i + dims/2] sin, out[i + dims/2] = x[i + dims/2] cos + x[i] sin, with the angle
    f32(position) * frequencies[i].

    * (C1) `x` and `out` have the same channels, a whole number of heads of `dims`.
    * (C2) there are dims/2 frequencies.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Rows:$out, I64Attr:$dims, DenseF32ArrayAttr:$frequencies);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_MapOp : Tile_Kernel<"map", [IsolatedFromAbove]> {
  let summary = "A fused elementwise kernel";
  let description = [{
    out[t, c] = body(x_0[t, c], x_1[t, c], ..., out[t, c]); the body's arguments are f32 scalars, an input each and the old
    element of `out` last. An input is rows, or a packed weight of one value a channel, which is the same for every row.

    * (C1) every input has the channels of `out`.
    * (C2) the body has an f32 argument for each input and one for `out`, and yields one f32.
  }];
  let arguments = (ins Variadic<AnyTypeOf<[Tile_Rows, Tile_Packed]>>:$inputs, Tile_Rows:$out);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $out `:` type($out) `)` attr-dict-with-keyword $body
    (`->` type($result)^)?
  }];
}

def Tile_GatherOp : Tile_Kernel<"gather"> {
  let summary = "Copy chosen rows of a table";
  let description = [{
    `tokens`: out[t] = table[token(t)], the table packed as the head's matmul reads it, or out[t] = the call's input
    embedding where it has them. `outputs`: out[o] = table[output row o], the table being hidden rows.

    * (C1) `table` and `out` have the same channels.
    * (C2) `tokens` reads a packed table, `outputs` rows.
  }];
  let arguments = (ins AnyTypeOf<[Tile_Rows, Tile_Packed]>:$table, Tile_Rows:$out, Tile_RowSourceAttr:$rows,
                       OptionalAttr<Pack_FormatAttr>:$format, UnitAttr:$own);
  let assemblyFormat = [{
    $rows `ins` `(` $table `:` type($table) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_AppendOp : Tile_Op<"append", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Write the rows' keys and values into the pages of the cache";
  let description = [{
    Layout, `offset` and `cached` as in `attend`. What is beyond f16 becomes its largest; a scale of i8 is the largest
    magnitude of its head / 127, and a code the nearest to x / scale, ties to even. With `frequencies` the keys are rotated
    first, as `rotate` does it.

    * (C1) `k` and `v` have heads * size channels.
    * (C2) `frequencies`, where given, are size / 2.
    * (C3) `cached` is f16, f32 or i8.
  }];
  let arguments = (ins Tile_Rows:$k, Tile_Rows:$v, Index:$offset, I64Attr:$group, I64Attr:$heads, I64Attr:$size,
                       I64Attr:$page_rows, OptionalAttr<DenseF32ArrayAttr>:$frequencies, OptionalAttr<TypeAttr>:$cached);
  let assemblyFormat = "`ins` `(` $k `,` $v `,` $offset `:` type($k) `,` type($v) `)` attr-dict";
  let hasVerifier = 1;
}

def Tile_PrefetchOp : Tile_Op<"prefetch", [MemoryEffects<[MemWrite]>]> {
  let summary = "Ask for the first of the weights that a worker will read";
  let description = [{
    In a call of few rows each worker prefetches, of each of the streams of `w`, which are equally long, the first bytes that
    its range of the `blocks` of the next matmul begins with, `bytes` together. A block is a tile of each stream. The op
    changes nothing; it is placed where a worker would wait for the others.

    * (C1) `blocks`, `streams` and `bytes` are positive.
  }];
  let arguments = (ins Tile_Packed:$w, I64Attr:$blocks, I64Attr:$streams, I64Attr:$bytes);
  let assemblyFormat = "$w attr-dict `:` type($w)";
  let hasVerifier = 1;
}

//===- Block level -------------------------------------------------------------------------------------------------===//

def Tile_GridOp : Tile_Op<"grid", [SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects]> {
  let summary = "Independent blocks of work, taken by the workers";
  let description = [{
    Runs the body once for each block number from 0 to `blocks`. Each worker has a range of neighbouring blocks, takes them
    in rising order, and then helps the others with theirs. What the grid wrote is visible to every worker after the next
    `abi.barrier`, and one stands between two grids.

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
    of it: its results are never stored, and no memory outside `x` is read.

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
    vector<8 x C x 4 lanes x i8>, the group of channels from `k` on; of a table's code its entry.

    * (C1) the result's last two dimensions are a whole number of tiles of 16 rows.
    * (C2) codes come in groups of 32 channels.
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
    exactly; a table's scale is halved, since its entries are doubled.

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
    cannot subtract.

    * (C1) `a` is vector<M x K>, `b` vector<K x C x lanes>, of bytes 4 lanes, and `acc` vector<M x C x lanes>; `a` has 2 M rows
      in two planes.
    * (C2) all are f32, or words, bytes and 32-bit integers with `offsets` of M rows; planes are of integers.
    * (C3) `zero` is 128, or below 16 where every byte is below 32: then sums of products fit 16 bits.
  }];
  let arguments = (ins VectorOfRankAndType<[2], [F32, I32]>:$a, VectorOfRankAndType<[3], [F32, I8]>:$b,
                       VectorOfRankAndType<[3], [F32, I32]>:$acc, Optional<VectorOfRankAndType<[1], [I32]>>:$offsets,
                       DefaultValuedAttr<I64Attr, "0">:$zero);
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

def Tile_StoreOp : Tile_Op<"store", [RecursiveMemoryEffects]> {
  let summary = "A block of accumulators through the epilogue to memory, masked at the edges";
  let description = [{
    out[row + m, column + c * lanes + l] = epilogue(blocks[0..parts][m, c, l], old element), for rows up to `last` and columns
    inside `out`.

    * (C1) all blocks have one type, vector<M x C x lanes>.
    * (C2) the epilogue has an f32 argument for each block and one for the old element, and yields one f32.
  }];
  let arguments = (ins Variadic<VectorOfRankAndType<[3], [F32]>>:$blocks, Arg<MemRefOf<[F32]>, "", [MemRead, MemWrite]>:$out,
                       Index:$row, Index:$last, Index:$column);
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    $blocks `to` $out `[` $row `,` $column `]` `last` $last attr-dict-with-keyword $epilogue `:` type($blocks) `to` type($out)
  }];
  let hasVerifier = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "Ends a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // OSSCC_DIALECTS_TILE_TILEOPS_TD
