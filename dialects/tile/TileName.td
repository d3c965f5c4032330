// The tile dialect itself, which attributes and ops name.

#ifndef OSSCC_DIALECTS_TILE_TILENAME_TD
#define OSSCC_DIALECTS_TILE_TILENAME_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::osscc::tile";
  let summary = "Which fused kernels, in which blocks";
  let description = [{
    The dialect has two levels. A kernel-level op is one fused kernel on tensors or memrefs in destination style; it says what is
    computed together. A block-level op works on vectors inside a kernel. The dialect fixes the numerics: each output element has
    one accumulator, groups come in rising k, and k is never split (docs/design/numerics.md).
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::osscc::pack::PackDialect"];
}

#endif // OSSCC_DIALECTS_TILE_TILENAME_TD
