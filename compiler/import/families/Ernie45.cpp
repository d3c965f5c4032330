// ERNIE 4.5: a Llama whose rope turns neighbours. Source: the reference's Ernie4_5Config and
// Ernie4_5Attention.
#include "compiler/import/families/Families.h"
#include "compiler/import/families/LlamaShape.h"

namespace osscc {

ModelSpec readErnie45(JsonFields &config) {
  bool biased = config.boolean("use_bias", false);
  return readLlamaShape(config, {.family = "ernie4_5",
                                 .prefix = "Ernie4_5",
                                 .positions = 131072,
                                 .kvHeads = 2,
                                 .queryBias = biased,
                                 .outputBias = biased,
                                 .mlpBias = biased,
                                 .headSize = 128,
                                 .eps = 1e-5,
                                 .theta = 500000,
                                 .tied = true,
                                 .pairs = true});
}

} // namespace osscc
