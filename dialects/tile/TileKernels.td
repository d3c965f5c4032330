// The kernel level: each op reads and writes whole rows.

#ifndef OSSCC_DIALECTS_TILE_TILEKERNELS_TD
#define OSSCC_DIALECTS_TILE_TILEKERNELS_TD

include "dialects/tile/TileBase.td"

def Tile_MatmulOp : Tile_Kernel<"matmul", [IsolatedFromAbove, AttrSizedOperandSegments]> {
  let summary = "Rows times a packed matrix, with an epilogue";
  let description = [{
    acc[p][t, n] = sum_k x[t, k] * w[p * N + n, k] for p < parts, then
    out[t, n] = epilogue(acc[0..parts][t, n], channels[0][(0..parts) * N + n], channels[1][...], ..., out[t, n]).

    The epilogue's arguments are f32 scalars: an accumulator for each part, then of each of `channels` a value for each part,
    then the old element of `out`. `channels` have a value for each row of `w`, such as its bias. A residual sum adds the old
    element; a gated MLP has two parts, gate and up.

    Where `w` is stored in blocks, `x` holds the records that `quantize_rows` wrote in `planes` planes, and the sum runs group
    after group: acc += f32(sum of codes' products) * (w's scale * x's scale), then + w's minimum * x's sum over the group.
    With a `plan` (`route`) `w` is a stack of matrices, one an expert, and `channels` have a row for each of them; rows of `x` and `out`
    are slots. Each is multiplied by the matrix of its expert, and no other is read. With `same_row` every slot reads row 0 of `x`.

    With `groups` G a row of `x` is G groups of channels and one of `out` G groups of N, and `w` is a stack of G matrices: a group is
    multiplied by its own.

    `format` is the format of `w` once the type of `w` is memory. `interleaved` says how the records of `x` lie. Where `most_rows` is given, the
    op computes calls of at most so many rows, and another op computes the others.

    * (C1) `w` reads as many channels as `x` has, or as many records as its words; those of halves where its groups are of 16.
    * (C2) `w` has parts * N rows.
    * (C3) with more than one part, N is a whole number of tiles of 16 rows, so that a block lies in whole tiles of each.
    * (C4) the epilogue has parts * (1 + the number of `channels`) + 1 arguments of f32 and yields one f32.
    * (C5) `planes` is 1 or 2 where `w` is stored in blocks, 0 where in floats.
    * (C6) each of `channels` has parts * N values of f32.
    * (C7) a `plan` is one, its `w` a stack, in memory of whole tiles for each matrix, and `x` not interleaved; `same_row` has a `plan`.
    * (C8) `groups` divide the channels of `x` and `out`, those of `x` in whole records; their `w` is a stack of as many, and there are
      neither a `plan` nor `channels` nor parts.
  }];
  let arguments = (ins AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$x, Tile_Packed:$w, Variadic<Tile_Channels>:$channels,
                       Optional<Tile_Words>:$plan, Tile_Rows:$out, DefaultValuedAttr<I64Attr, "1">:$parts, DefaultValuedAttr<I64Attr, "0">:$planes,
                       OptionalAttr<Pack_FormatAttr>:$format, OptionalAttr<Tile_ScheduleAttr>:$schedule,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$most_rows,
                       UnitAttr:$interleaved, UnitAttr:$same_row,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>, "1">:$groups);
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
    /// How `w` is stored: by its type, or once that is memory by `format`; null for floats in memory.
    ::osscc::pack::FormatAttr storage() {
      if (auto block = ::llvm::dyn_cast<::osscc::pack::BlockType>(getW().getType()))
        return block.getFormat();
      return getFormatAttr();
    }
    /// Channels of `out` that one matrix of `w` makes: N.
    int64_t outputs();
    /// Tiles of 16 rows that a block of the scheduled op takes of each part, one a stream: n / 16, or fewer so that the
    /// streams are equally long.
    int64_t streams();
    /// Blocks of the scheduled op: the tiles of one stream. With a plan or groups, of each matrix.
    int64_t blocks();
  }];
  let regions = (region SizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $x `,` $w `:` type($x) `,` type($w) `)` (`channels` `(` $channels^ `:` type($channels) `)`)?
    (`plan` `(` $plan^ `:` type($plan) `)`)? `outs` `(` $out `:` type($out) `)` attr-dict-with-keyword $epilogue
    (`->` type($result)^)?
  }];
}

def Tile_QuantizeRowsOp : Tile_Kernel<"quantize_rows"> {
  let summary = "Activations as signed codes of 8 bits, in one plane or two";
  let description = [{
    Each 32 channels become a record of words:

        codes[planes][8]   four codes a word, the lowest channel in the lowest byte
        scale              f32: the largest magnitude / 127, or / (255 * 127 + 127) with two planes
        sum                f32: scale * the sum of the codes
        offset             i32: -128 * the sum of the codes
        sums[2]            of the first 16 codes and of the others, and likewise
        offsets[2]         in rows that are multiplied by weights in groups of 16: `out` is wider then

    A code is the integer nearest to x / scale, ties to even, in +-127. With two planes a code is 255 * high + low, both in
    +-127, and the high plane comes first. Channels past the last count as zeros. Zeros have scale 0.

    With `interleaved` the records of 16 rows lie together, one after the other: codes[planes][16][8], then each word behind the
    codes of the 16 rows. A matrix unit then loads contiguous memory. The memory of `out` has room for whole sixteens of rows.

    * (C1) `planes` is 1 or 2.
    * (C2) `out` has a record for each 32 channels of `x`, all of them with or without the words of halves.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Words:$out, I64Attr:$planes, UnitAttr:$own, UnitAttr:$interleaved);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_AttendOp : Tile_Kernel<"attend", [AttrSizedOperandSegments]> {
  let summary = "Causal grouped-query attention over the pages of the cache";
  let description = [{
    out[t, h] = softmax(scale * q[t, h] . K) V over the positions up to the row's own that `mask` lets it see. Online softmax takes
    64 positions at a time, aligned to the absolute position. The layer's keys begin at byte `offset` of a page and lie as
    [heads][rows of a page / 64][size][64]; the values lie behind them as [heads][rows of a page][size]. Behind codes of i8 lie the
    scales of the keys and then of the values, f32 [heads][rows of a page] each. A number is its code times the scale of its
    position and head.

    `sinks` has a score for each query head that joins the softmax at its end and brings no value. With `temperature` the scores of
    positions are multiplied by what it says of the row's position. With `softcap` they are softcap * tanh(score / softcap) then. With `frequencies` the op
    rotates the queries first, as `rotate` does. With `planes` it writes the result into `out` as
    `quantize_rows` would. `partials` is memory in which workers leave what they computed of the spans of a row's past: one
    record for each span and key-value head, with the outputs, 16 running sums and 16 maxima of each head that shares it. With
    `append`, in a call of one row, the op appends the row's keys and values first, as `append` with the same attributes does.

    Over latents `q` meets the channels that are the value and `rest` the others, which the op rotates; a layer's rows begin at `offset` as
    [heads][rows of a page][size]. Few query heads are a block there, each with records of its own.

    * (C1) `q` is a whole multiple of heads * size channels, or of those of the values, and `out` those or their records.
    * (C2) `scale` is positive and finite.
    * (C3) `frequencies`, where given, are half the channels of a key, or of a head of `rest`.
    * (C4) `planes` is 1 or 2 where `out` has words, 0 where it has f32; with planes, a head is a whole number of groups.
    * (C5) `partials`, where given, has rows of a record.
    * (C6) a cache that is a ring needs a `mask`.
    * (C7) `k` and `v`, where given, have heads * size channels.
    * (C8) `sinks`, where given, has a value for each query head.
    * (C9) over latents there is a `rest` with the other channels of each head, and nothing is appended; else there is none.
    * (C10) `softcap`, where given, is positive and finite.
  }];
  let arguments = (ins Tile_Rows:$q, Index:$offset, AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$out,
                       Optional<Tile_Rows>:$rest, Optional<Tile_Channels>:$sinks, Optional<MemRefRankOf<[F32], [2]>>:$partials,
                       Optional<MemRefRankOf<[F32], [2]>>:$k, Optional<MemRefRankOf<[F32], [2]>>:$v, Tile_CacheAttr:$cache,
                       F32Attr:$scale, OptionalAttr<Tile_MaskAttr>:$mask, OptionalAttr<DenseF32ArrayAttr>:$frequencies,
                       DefaultValuedAttr<F32Attr, "1.0">:$factor, DefaultValuedAttr<I64Attr, "0">:$planes,
                       UnitAttr:$interleaved, OptionalAttr<F32Attr>:$softcap, OptionalAttr<Tile_TemperatureAttr>:$temperature);
  let assemblyFormat = [{
    `ins` `(` $q `,` $offset `:` type($q) `)` `outs` `(` $out `:` type($out) `)` (`rest` `(` $rest^ `:` type($rest) `)`)? (`sinks` `(` $sinks^ `:` type($sinks) `)`)?
    (`partials` `(` $partials^ `:` type($partials) `)`)? (`append` `(` $k^ `,` $v `:` type($k) `,` type($v) `)`)?
    attr-dict (`->` type($result)^)?
  }];
}

def Tile_NormOp : Tile_Kernel<"norm", [AttrSizedOperandSegments]> {
  let summary = "Root-mean-square norm of every row, or of every group of its channels; layer norm where it is centered";
  let description = [{
    out[t, c] = x[t, c] * (1 / sqrt(mean_c(x[t, c]^2) + eps)) * (w[c] + offset) + bias[c], where there is a `bias`. The sum runs in 16
    lanes, which are folded in one fixed order. Where it is `centered`, x[t, c] - mean_c(x[t, c]) takes the place of x[t, c], and the
    mean's sum runs likewise. With a `size` means are those of each group of so many channels, which share `w` and `bias`. With
    `planes` the op writes the result into `out` as `quantize_rows` would.

    * (C1) `w` and `bias`, where given, have the channels of a group, and `out` those of `x` or their records.
    * (C2) `eps` is positive and finite.
    * (C3) `planes` is 1 or 2 where `out` has words, 0 where it has f32; with planes the group is the row.
    * (C4) the channels of `x` are a whole number of groups.
  }];
  let arguments = (ins Tile_Rows:$x, Optional<Tile_Packed>:$w, Optional<Tile_Packed>:$bias,
                       AnyTypeOf<[Tile_Rows, Tile_Words], "rows">:$out, F32Attr:$eps,
                       DefaultValuedAttr<I64Attr, "0">:$planes, DefaultValuedAttr<I64Attr, "0">:$size,
                       DefaultValuedAttr<F32Attr, "0.0">:$offset, UnitAttr:$own, UnitAttr:$interleaved, UnitAttr:$centered);
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
    /// Channels of a group: of the whole row, where nothing is said.
    int64_t groupChannels() {
      return getSize() != 0 ? static_cast<int64_t>(getSize())
                            : ::llvm::cast<::mlir::ShapedType>(getX().getType()).getDimSize(1);
    }
  }];
  let assemblyFormat = [{
    `ins` `(` $x (`,` $w^)? `:` type($x) (`,` type($w)^)? `)` (`bias` `(` $bias^ `:` type($bias) `)`)?
    `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_RotateOp : Tile_Kernel<"rotate"> {
  let summary = "Rotate pairs of channels of every head by the row's position (RoPE)";
  let description = [{
    For each head: out[i] = x[i] cos - x[i + dims/2] sin, out[i + dims/2] = x[i + dims/2] cos + x[i] sin, with the angle
    f32(position) * frequencies[i], and cos and sin times `factor`, but where the frequency is 0.

    * (C1) `x` and `out` have the same channels, a whole number of heads of `dims`.
    * (C2) there are dims/2 frequencies.
  }];
  let arguments = (ins Tile_Rows:$x, Tile_Rows:$out, I64Attr:$dims, DenseF32ArrayAttr:$frequencies,
                       DefaultValuedAttr<F32Attr, "1.0">:$factor);
  let assemblyFormat = [{
    `ins` `(` $x `:` type($x) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_MapOp : Tile_Kernel<"map", [IsolatedFromAbove]> {
  let summary = "A fused elementwise kernel";
  let description = [{
    out[t, c] = body(x_0[t, c], x_1[t, c], ..., out[t, c]). The body's arguments are f32 scalars: one for each input, then the
    old element of `out`. An input is rows, or a packed weight of one value a channel, which every row reads. One channel of
    either gives its value to every channel.

    * (C1) every input has the channels of `out`, or one.
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
    `tokens`: out[t] = table[token(t)], where the table is packed as the head's matmul reads it, or row by row. In a call that has input
    embeddings, out[t] is the row's embedding. `positions`: out[t] = table[position(t)], of such a table. `outputs`:
    out[o] = table[output row o], where the table is the hidden rows.

    * (C1) `table` and `out` have the same channels.
    * (C2) `tokens` and `positions` read a packed table, `outputs` rows.
  }];
  let arguments = (ins AnyTypeOf<[Tile_Rows, Tile_Packed]>:$table, Tile_Rows:$out, Tile_RowSourceAttr:$rows,
                       OptionalAttr<Pack_FormatAttr>:$format, UnitAttr:$own);
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutMutable(); }
    /// Whether the table is memory of packed rows, not of tiles.
    bool isTableOfRows();
  }];
  let assemblyFormat = [{
    $rows `ins` `(` $table `:` type($table) `)` `outs` `(` $out `:` type($out) `)` attr-dict (`->` type($result)^)?
  }];
}

def Tile_AppendOp : Tile_Op<"append", [DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Write the rows' keys and values into the pages of the cache";
  let description = [{
    Layout and `offset` are those of `attend`. Numbers beyond the range of f16 become its largest. A scale of i8 is
    the largest magnitude of its head / 127, and a code is the integer nearest to x / scale, ties to even. With `frequencies` the
    op rotates the keys first, as `rotate` does. Of each head of latents `v` are the first channels and `k` the others; each have a scale.

    * (C1) `k` and `v` have heads * size channels; of latents those that are the value and the others.
    * (C2) `frequencies`, where given, are half the channels of a head of `k`.
  }];
  let arguments = (ins Tile_Rows:$k, Tile_Rows:$v, Index:$offset, Tile_CacheAttr:$cache,
                       OptionalAttr<DenseF32ArrayAttr>:$frequencies, DefaultValuedAttr<F32Attr, "1.0">:$factor);
  let assemblyFormat = "`ins` `(` $k `,` $v `,` $offset `:` type($k) `,` type($v) `)` attr-dict";
  let hasVerifier = 1;
}

def Tile_PrefetchOp : Tile_Op<"prefetch", [MemoryEffects<[MemWrite]>]> {
  let summary = "Ask for the first of the weights that a worker will read";
  let description = [{
    The op serves calls of few rows. The next matmul has `blocks` blocks, each a tile of every stream of `w`, and the streams are
    equally long. Each worker prefetches the bytes of each stream with which its range of blocks begins, `bytes` in all. The op
    changes no memory; it stands where a worker would wait for the others.

    * (C1) `blocks`, `streams` and `bytes` are positive.
  }];
  let arguments = (ins Tile_Packed:$w, I64Attr:$blocks, I64Attr:$streams, I64Attr:$bytes);
  let assemblyFormat = "$w attr-dict `:` type($w)";
  let hasVerifier = 1;
}

#endif // OSSCC_DIALECTS_TILE_TILEKERNELS_TD
