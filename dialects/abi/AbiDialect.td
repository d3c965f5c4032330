// The abi dialect: what does the code ask of the runtime? Each op is one field or function of runtime/abi/Abi.h; the call frame
// and the worker's number are implicit until `abi-to-llvm` makes them the first two arguments of every function.

#ifndef OSSCC_DIALECTS_ABI_ABIDIALECT_TD
#define OSSCC_DIALECTS_ABI_ABIDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def Abi_Dialect : Dialect {
  let name = "abi";
  let cppNamespace = "::osscc::abi";
  let summary = "What emitted code asks of the runtime";
  let description = [{
    The ops are the seam to `runtime/abi/Abi.h`. Code is SPMD: every worker runs every segment, with its own number. Work that
    only one worker may do is a `tile.grid` of one block; a barrier stands between two grids.
  }];
  let useDefaultAttributePrinterParser = 1;
  let discardableAttrs = (ins "::osscc::abi::ModelAttr":$model, "::mlir::ArrayAttr":$cache_groups,
                              "::mlir::StringAttr":$segment, "::mlir::IntegerAttr":$arena_bytes,
                              "::mlir::StringAttr":$device, "::mlir::ArrayAttr":$kernels, "::mlir::ArrayAttr":$images);
}

def Abi_ModelAttr : AttrDef<Abi_Dialect, "Model"> {
  let mnemonic = "model";
  let summary = "The dimensions that OssccModel carries";
  let description = [{
    `carried` are the channels of each value that segments hand on beside the hidden rows. These lie one behind the other at the
    arena's start, the hidden rows first, through a whole call.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$hidden, "int64_t":$vocabulary, "int64_t":$layers,
                        "int64_t":$positions, "int64_t":$max_rows, OptionalParameter<"::mlir::DenseI64ArrayAttr">:$carried);
  let assemblyFormat = "`<` struct(params) `>`";
  let extraClassDeclaration = [{
    /// The channels of all that a segment hands on, the hidden rows first.
    ::llvm::SmallVector<int64_t> handedOn() const;
    /// The byte of the arena where value `index` of those lies; of the number of them: where free memory begins.
    int64_t placeOf(size_t index) const;
  }];
}

// A third kind is "state": a sequence has one page of it, however long it is; no position has rows there, and rows_per_page is 1.
def Abi_CacheGroupAttr : AttrDef<Abi_Dialect, "CacheGroup"> {
  let mnemonic = "cache_group";
  let summary = "One OssccCacheGroup";
  let description = [{
    `kind` is "full", which keeps every position, or "window", which keeps those that its layers still see: `window` of them, and
    those of the rows of a call.
  }];
  let parameters = (ins "::mlir::StringAttr":$kind, "int64_t":$rows_per_page, "int64_t":$bytes_per_page, "int64_t":$layers,
                        DefaultValuedParameter<"int64_t", "0">:$window);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Pages of a sequence of `positions`, in a model whose calls have at most `maxRows` rows.
    int64_t pages(int64_t positions, int64_t maxRows) const;
  }];
}

def Abi_KernelAttr : AttrDef<Abi_Dialect, "Kernel"> {
  let mnemonic = "kernel";
  let summary = "One OssccKernel";
  let parameters = (ins "::mlir::StringAttr":$name, DefaultValuedParameter<"int64_t", "0">:$shared);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Abi_ImageAttr : AttrDef<Abi_Dialect, "Image"> {
  let mnemonic = "image";
  let summary = "One OssccImage";
  let description = [{
    `kind` is "ptx", whose `data` is text, or "cubin", machine code.
  }];
  let parameters = (ins "::mlir::StringAttr":$target, "::mlir::StringAttr":$kind, "::mlir::StringAttr":$data);
  let assemblyFormat = "`<` struct(params) `>`";
}

class Abi_Op<string mnemonic, list<Trait> traits = []> : Op<Abi_Dialect, mnemonic, traits>;

#endif // OSSCC_DIALECTS_ABI_ABIDIALECT_TD
