// A tokenizer small enough to check by eye, for tests that have no compiler.
#pragma once

#include "runtime/bundle/TokenizerHash.h"
#include "runtime/bundle/Tokenizer_generated.h"

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace osscc::test {

/// Runs of "a" are one piece, all between them another.
inline std::unique_ptr<bundle::PretokenizerT> runsOfA() {
  constexpr uint16_t kMatch = bundle::kMatchFlag;
  auto out = std::make_unique<bundle::PretokenizerT>();
  out->symbol_count = 2;
  out->symbols.resize(2 * bundle::kSymbolBlock);
  out->symbols['a'] = 1;
  out->blocks.assign(bundle::kCodePoints / bundle::kSymbolBlock, 1);
  out->blocks[0] = 0;
  auto stage = std::make_unique<bundle::SplitStageT>();
  stage->cells = {0, 0, 0, /*start*/ 0, 2, 0, /*in a run*/ kMatch, uint16_t(kMatch | 2), kMatch};
  out->stages.push_back(std::move(stage));
  return out;
}

/// Ids 0 to 255 are the bytes, then come `merged` (left, right), whose ids follow on, then
/// `special` texts, ordered.
inline bundle::TokenizerT tinyTokenizer(const std::vector<std::pair<uint32_t, uint32_t>> &merged,
                                        const std::vector<std::string> &special) {
  bundle::TokenizerT out;
  std::vector<std::string> texts;
  for (int byte = 0; byte < 256; ++byte) {
    texts.push_back(std::string(1, char(byte)));
    out.byte_ids.push_back(byte);
  }
  out.merge_slots.assign(2 * merged.size(), bundle::kNoEntry);
  for (auto [left, right] : merged) {
    size_t slot = bundle::firstSlot(bundle::mergeHash(left, right), out.merge_slots.size());
    while (out.merge_slots[slot] != bundle::kNoEntry)
      slot = (slot + 1) % out.merge_slots.size();
    out.merge_slots[slot] = uint32_t(out.merges.size());
    out.merges.emplace_back(left, right, uint32_t(texts.size()));
    texts.push_back(texts[left] + texts[right]);
  }
  if (!special.empty())
    out.verbatim = std::make_unique<bundle::AddedTokensT>();
  for (const std::string &text : special) {
    out.verbatim->ids.push_back(uint32_t(texts.size()));
    texts.push_back(text);
  }
  for (const std::string &text : texts) {
    out.pieces.insert(out.pieces.end(), text.begin(), text.end());
    out.ends.push_back(uint32_t(out.pieces.size()));
  }
  out.pretokenizer = runsOfA();
  return out;
}

} // namespace osscc::test
