// What kernels and blocks share. Letters: T rows, N output channels, K input channels of a matmul; H query heads, d head size.

#ifndef OSSCC_DIALECTS_TILE_TILEBASE_TD
#define OSSCC_DIALECTS_TILE_TILEBASE_TD

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

// One f32 for each channel, the same for every row: packed until kernels are outlined, then in memory. For a stack of matrices
// a row of them for each matrix.
def Tile_Channels : AnyTypeOf<[Pack_Block, MemRefRankOf<[F32], [1, 2]>], "a value a channel">;

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

#endif // OSSCC_DIALECTS_TILE_TILEBASE_TD
