// What the ops of the llm dialect take: rows and weights.

#ifndef OSSCC_DIALECTS_LLM_LLMOPERANDS_TD
#define OSSCC_DIALECTS_LLM_LLMOPERANDS_TD

include "dialects/llm/LlmDialect.td"
include "dialects/pack/PackTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Activations: rows by channels.
def Llm_Activation : Type<TensorRankOf<[F32], [2]>.predicate, "rows by channels of f32",
                          "::mlir::RankedTensorType">;
// A matrix [out, in] or a table [V, D]: a tensor until pack-choose-formats, then a stored block.
def Llm_Matrix : AnyTypeOf<[RankedTensorOf<[F32, F16, BF16]>, Pack_Block], "a weight matrix">;
// One value a channel.
def Llm_Row : AnyTypeOf<[1DTensorOf<[F32, F16, BF16]>, Pack_Block], "one value a channel">;

// A matrix an expert [E, out, in], and one value a channel of each expert [E, out].
def Llm_Stack : AnyTypeOf<[3DTensorOf<[F32, F16, BF16]>, Pack_Block], "a stack of weight matrices">;
def Llm_StackedRow : AnyTypeOf<[2DTensorOf<[F32, F16, BF16]>, Pack_Block], "one value a channel of each expert">;
// The experts of each row.
def Llm_Ids : Type<TensorRankOf<[I32], [2]>.predicate, "rows of expert numbers", "::mlir::RankedTensorType">;

#endif // OSSCC_DIALECTS_LLM_LLMOPERANDS_TD
