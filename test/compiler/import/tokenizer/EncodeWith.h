// The runtime's tokenizer for tests of the compiler: LLVM's headers and the runtime's want
// different C++ levels.
#pragma once

#include "runtime/bundle/Tokenizer_generated.h"
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace osscc::test {

/// Imported tables as an executable holds them, and the runtime's tokenizer over them.
class LaidTokenizer {
public:
  explicit LaidTokenizer(const bundle::TokenizerT &tables);
  ~LaidTokenizer();

  /// Ids of `text`, special tokens matched or not; {-1} if the runtime refuses the tables or the
  /// text.
  std::vector<int32_t> encode(std::string_view text, bool special) const;
  /// The ids of a rendered conversation; true marks parts that the template wrote.
  std::vector<int32_t> encodeParts(const std::vector<std::pair<std::string, bool>> &parts) const;
  /// The text of ids, with that of special tokens or without.
  std::string decode(const std::vector<int32_t> &ids, bool special = true) const;
  bool isSpecial(int32_t id) const;
  /// The pieces of `text` after all splits.
  std::vector<std::string> split(std::string_view text) const;

private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded;
};

} // namespace osscc::test
