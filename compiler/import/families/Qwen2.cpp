// Qwen 2 and 2.5 without a window: a Llama whose q, k and v are biased. Source: the reference's
// Qwen2Config and Qwen2Attention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"
#include "compiler/import/families/Rope.h"

namespace osscc {

ModelSpec readQwen2(JsonFields &config) {
  // Without use_sliding_window the other two fields mean nothing.
  if (config.boolean("use_sliding_window", false))
    config.fail("use_sliding_window", "a window of positions is not supported yet",
                "models without a window compile, such as Qwen 2.5 at its own context");
  config.integer("sliding_window", 1, kMostPositions, 4096);
  config.integer("max_window_layers", 0, 1 << 20, 28);
  return readLlamaShape(config, {.family = "qwen2",
                                 .architecture = "Qwen2ForCausalLM",
                                 .positions = 32768,
                                 .kvHeads = 32,
                                 .queryBias = true});
}

} // namespace osscc
