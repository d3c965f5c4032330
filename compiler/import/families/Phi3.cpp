// Phi-3 and Phi-4: a Llama with one tensor for q, k and v, and one for gate and up; part of a head
// may turn. Source: the reference's Phi3Config, Phi3Attention and Phi3MLP.
#include "compiler/import/families/Common.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LayerTypes.h"
#include "compiler/import/families/LlamaShape.h"

using namespace llvm;

namespace osscc {

ModelSpec readPhi3(JsonFields &config) {
  int64_t window = readWindow(config, 0);
  ModelSpec spec = readLlamaShape(config, {.family = "phi3",
                                           .prefix = "Phi3",
                                           .positions = 4096,
                                           .eps = 1e-5,
                                           .share = 1,
                                           .joinsHeads = true,
                                           .joinsGate = true});
  setWindows(spec, config, SmallVector<bool>(spec.layers.size(), true), window);
  return spec;
}

} // namespace osscc
