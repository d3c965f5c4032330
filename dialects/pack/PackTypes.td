// The pack dialect's types and attributes: how does a weight lie in the file?

#ifndef OSSCC_DIALECTS_PACK_PACKTYPES_TD
#define OSSCC_DIALECTS_PACK_PACKTYPES_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Pack_Dialect : Dialect {
  let name = "pack";
  let cppNamespace = "::osscc::pack";
  let summary = "How weights lie in storage";
  let description = [{
    A weight is a symbol with a recipe: a straight list of steps from slices of the checkpoint to stored bytes. The steps run
    when the executable is written, one weight in memory at a time; the IR never holds the bytes. docs/design/layout.md draws
    every layout.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

def Pack_Table : I32EnumAttr<"Table", "what codes that are no numbers themselves look up", [
    I32EnumAttrCase<"None", 0, "none">,
    I32EnumAttrCase<"Iq4", 1, "iq4">]> { // 16 values from -127 to 113, denser around zero
  let cppNamespace = "::osscc::pack";
}

def Pack_FormatAttr : AttrDef<Pack_Dialect, "Format"> {
  let mnemonic = "format";
  let summary = "How one value is stored";
  let description = [{
    `code` is the type of a stored code. Floats (f32, f16, bf16) stand for themselves. In a block format each `group` codes of
    a row share a scale, and a minimum where there is one:

        value = scale * code + minimum

    `i8`, `i6`, `i5`, `i4` and `i3` are signed codes, `ui5`, `ui4` and `ui2` unsigned ones. `f4E2M1FN` and `ui4` with a
    `table` look their value up. With `super` the scales and minimums of so many channels are small integers, under one f16
    scale and one f16 minimum:

        scale = super scale * integer scale        minimum = - super minimum * integer minimum

    The block formats are those of GGUF, by its names in dialects/pack/BlockFormats.cpp: Q8_0 is `<i8, group = 32, scale = f16>`,
    Q4_1 `<ui4, group = 32, scale = f16, minimum = f16>`, Q4_K `<ui4, group = 32, scale = ui6, minimum = ui6, super = 256>`.
  }];
  let parameters = (ins "::mlir::Type":$code, "int64_t":$group, "::mlir::Type":$scale, "::mlir::Type":$minimum,
                        "int64_t":$super, "::osscc::pack::Table":$table);
  let builders = [AttrBuilder<(ins "::mlir::Type":$code, "int64_t":$group, "::mlir::Type":$scale, "::mlir::Type":$minimum), [{
    return $_get($_ctxt, code, group, scale, minimum, 0, ::osscc::pack::Table::None);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether codes share scales; a float format has neither group nor scale.
    bool isBlock() const { return getGroup() != 0; }
  }];
}

def Pack_Layout : I32EnumAttr<"Layout", "the order of a weight's values in the file", [
    I32EnumAttrCase<"Rows", 0, "rows">,      // row after row; blocks as GGUF has them
    I32EnumAttrCase<"Tiles", 1, "tiles">,    // tiles of 16 rows, k outermost: the format's own layout
    I32EnumAttrCase<"Table", 2, "table">]> { // row after row, each in the order of a tile that has it alone
  let cppNamespace = "::osscc::pack";
}

def Pack_Role : I32EnumAttr<"Role", "what a weight is read for, where its shape does not tell", [
    I32EnumAttrCase<"Router", 0, "router">,     // a matrix that chooses experts: its floats are kept
    I32EnumAttrCase<"Vectors", 1, "vectors">]> { // one value a channel, for each member of a stack
  let cppNamespace = "::osscc::pack";
  let genSpecializedAttr = 0;
}
def Pack_RoleAttr : EnumAttr<Pack_Dialect, Pack_Role, "role"> {
  let assemblyFormat = "$value";
}

def Pack_Source : TypeDef<Pack_Dialect, "Source"> {
  let mnemonic = "source";
  let summary = "An untouched part of the checkpoint, row after row";
  let description = [{
    Floats, or bytes (`i8`) that are no numbers yet: `pack.zip` says what they are. Floats of 8 bits (`f8E4M3FN`) are codes, which
    `pack.rescale` makes numbers of.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$element);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Pack_Block : TypeDef<Pack_Dialect, "Block"> {
  let mnemonic = "block";
  let summary = "A stored weight";
  let description = [{
    `shape` is logical, `[rows, channels]` or `[channels]`; the padding that a layout needs is not part of it. With a third
    dimension in front it is a stack of matrices, which lie one after the other, in tiles each in whole tiles.
    Written `!pack.block<960x576, #pack.format<bf16>, tiles>`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::osscc::pack::FormatAttr":$format,
                        "::osscc::pack::Layout":$layout);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The bytes that the weight takes in the file, padding included.
    int64_t storedBytes() const;
    /// The memref under which kernels see the stored bytes: f32 tiles are `N/16 x K x 16`, bf16 tiles `N/16 x K/2 x 16 x 2`,
    /// those of a block format `N/16 x bytes of a tile`; of a table `N x K`, or `N x bytes of a row`.
    ::mlir::MemRefType storageType() const;
  }];
}

#endif // OSSCC_DIALECTS_PACK_PACKTYPES_TD
