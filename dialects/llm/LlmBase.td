// The llm dialect itself, which types, attributes and ops name.

#ifndef OSSCC_DIALECTS_LLM_LLMBASE_TD
#define OSSCC_DIALECTS_LLM_LLMBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Llm_Dialect : Dialect {
  let name = "llm";
  let cppNamespace = "::osscc::llm";
  let summary = "What the model computes";
  let description = [{
    The model graph on tensors of `[rows, channels]`, value semantics, independent of layout and machine. The key-value
    cache is a handle, `!llm.cache`; `kv_append` writes it and `attention` reads it. Removed by `llm-to-tile`.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let discardableAttrs = (ins "::osscc::llm::ConfigAttr":$config, "::mlir::StringAttr":$segment);
  let hasOperationAttrVerify = 1;
}

class Llm_Op<string mnemonic, list<Trait> traits = []> : Op<Llm_Dialect, mnemonic, traits>;

#endif // OSSCC_DIALECTS_LLM_LLMBASE_TD
