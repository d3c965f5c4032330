// The runtime's tokenizer over tables that the compiler accepted.
#pragma once

#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "test/fuzz/Readers.h"

namespace osscc::fuzz {

/// \param text  valid UTF-8.
inline void encodeWith(const bundle::TokenizerT &tables, std::string_view text) {
  const test::LaidTokenizer tokenizer(tables);
  for (bool special : {false, true}) {
    std::vector<int32_t> ids = tokenizer.encode(text, special);
    for (int32_t id : ids)
      require(id >= 0 && size_t(id) < tables.ends.size(), "the runtime takes tables of the import");
    tokenizer.decode(ids);
  }
}

} // namespace osscc::fuzz
