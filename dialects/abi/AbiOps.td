// The ops of the abi dialect: the fields and functions of OssccCall that emitted code uses.

#ifndef OSSCC_DIALECTS_ABI_ABIOPS_TD
#define OSSCC_DIALECTS_ABI_ABIOPS_TD

include "dialects/abi/AbiDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Reads a field of the call or of one of its rows: constant during a call.
class Abi_Field<string mnemonic, string text> : Abi_Op<mnemonic, [Pure]> {
  let summary = text;
  let results = (outs Index:$value);
  let assemblyFormat = "attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, $_builder.getIndexType()); }]>];
}
class Abi_RowField<string mnemonic, string text> : Abi_Op<mnemonic, [Pure]> {
  let summary = text;
  let arguments = (ins Index:$row);
  let results = (outs Index:$value);
  let assemblyFormat = "$row attr-dict";
  let builders = [OpBuilder<(ins "::mlir::Value":$row), [{
    build($_builder, $_state, $_builder.getIndexType(), row);
  }]>];
}

def Abi_RowsOp : Abi_Field<"rows", "T, the rows of this call">;
def Abi_OutputRowsOp : Abi_Field<"output_rows", "O, the rows whose output is wanted">;
def Abi_ExtentOp : Abi_Field<"extent", "On a device: no less than the largest position + 1, alike for many calls">;
def Abi_WorkersOp : Abi_Field<"workers", "How many workers run this call">;
def Abi_WorkerOp : Abi_Field<"worker", "The number of this worker">;
def Abi_TokenOp : Abi_RowField<"token", "The row's token id">;
def Abi_PositionOp : Abi_RowField<"position", "The row's place in its sequence">;
def Abi_SequenceOp : Abi_RowField<"sequence", "The row's sequence, an index into the page tables">;
def Abi_OutputRowOp : Abi_RowField<"output_row", "The number, in the call, of the o-th output row">;

def Abi_WeightOp : Abi_Op<"weight", [Pure]> {
  let summary = "The stored bytes of a weight";
  let description = [{
    * (C1) the memref has a static shape.
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let results = (outs AnyMemRef:$value);
  let assemblyFormat = "$weight attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Abi_ArenaOp : Abi_Op<"arena", [Pure]> {
  let summary = "A part of the call's scratch memory";
  let description = [{
    * (C1) one size for each dynamic dimension of the memref.
    * (C2) `offset` is a whole number of 64-byte lines.
  }];
  let arguments = (ins I64Attr:$offset, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$value);
  let assemblyFormat = "$offset (`(` $sizes^ `)`)? attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Abi_OutputOp : Abi_Op<"output", [Pure]> {
  let summary = "Where the call wants its logits, [O, V]";
  let description = [{
    * (C1) the memref has a dynamic number of rows and static channels.
  }];
  let arguments = (ins Index:$rows);
  let results = (outs AnyMemRef:$value);
  let assemblyFormat = "$rows attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Abi_EmbeddingsOp : Abi_Op<"embeddings", [Pure]> {
  let summary = "The call's input embeddings, [T, D], and whether it has them";
  let description = [{
    * (C1) the memref has a dynamic number of rows and static channels.
  }];
  let arguments = (ins Index:$rows);
  let results = (outs I1:$given, AnyMemRef:$value);
  let assemblyFormat = "$rows attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Abi_PageOp : Abi_Op<"page"> {
  let summary = "A part of a page of the cache, from `offset` bytes on";
  let description = [{
    The page that holds position `index * rows_per_page` and those after it, of `sequence` in cache group `group`.

    * (C1) the memref has a static shape.
  }];
  let arguments = (ins I64Attr:$group, Index:$sequence, Index:$index, Index:$offset);
  let results = (outs AnyMemRef:$value);
  let assemblyFormat = "$group `of` $sequence `[` $index `]` `at` $offset attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Abi_PagePointerOp : Abi_Op<"page_pointer", [Pure]> {
  let summary = "Where a page of the cache lies, in a kernel of a device";
  let description = [{
    The page with number `index` of those that `sequence` has in cache group `group`, an `!llvm.ptr`: kernels of a device address memory
    themselves.
  }];
  let arguments = (ins I64Attr:$group, Index:$sequence, Index:$index);
  let results = (outs AnyType:$value);
  let assemblyFormat = "$group `of` $sequence `[` $index `]` attr-dict `:` type($value)";
}

def Abi_LaunchOp : Abi_Op<"launch", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Start a kernel of the device, behind those started before";
  let description = [{
    Kernel `kernel` of the module's `abi.kernels` runs in `grid` blocks of `threads` threads. Its parameters are the device's copy of the call and
    then `arguments`, 8 bytes each: addresses of the device's memory, and numbers.
  }];
  let arguments = (ins SymbolRefAttr:$kernel, Index:$x, Index:$y, Index:$z, I64Attr:$threads, Variadic<Index>:$arguments);
  let assemblyFormat = "$kernel `grid` `(` $x `,` $y `,` $z `)` `threads` $threads `(` $arguments `)` attr-dict";
}

def Abi_BarrierOp : Abi_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Begin a grid: wait until all blocks of the one before are done";
  let assemblyFormat = "attr-dict";
}

def Abi_NextBlockOp : Abi_Op<"next_block", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Take the next block of worker `owner`'s range of `count`: its number in the range, or `count`";
  let arguments = (ins Index:$owner, Index:$count);
  let results = (outs Index:$block);
  let assemblyFormat = "`of` $owner `below` $count attr-dict";
}

def Abi_FinishOp : Abi_Op<"finish", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "End this worker's part of a grid of `blocks` blocks: what it took is done";
  let arguments = (ins Index:$blocks);
  let assemblyFormat = "$blocks attr-dict";
}

#endif // OSSCC_DIALECTS_ABI_ABIOPS_TD
