// The walk through the split automata, and the check of their tables.
#include "runtime/tokenizer/Pretokenizer.h"

#include "runtime/base/Utf8.h"
#include "runtime/bundle/TokenizerHash.h"

#include <algorithm>

namespace osscc::rt {
namespace {

using bundle::kMatchFlag;
using bundle::kSymbolBlock;

constexpr size_t kMostStages = 16;
constexpr uint32_t kDead = 0, kStart = 1;

template <class T> std::span<const T> entries(const flatbuffers::Vector<T> *vector) {
  return vector ? std::span<const T>(vector->data(), vector->size()) : std::span<const T>();
}

/// Every cell leads to a state of the table, and the end of the text to none.
bool isAutomaton(std::span<const uint16_t> cells, size_t columns) {
  size_t states = cells.size() / columns;
  if (states <= kStart || states * columns != cells.size())
    return false;
  for (size_t i = 0; i < cells.size(); ++i) {
    size_t next = cells[i] & ~kMatchFlag;
    if (next >= states || ((i + 1) % columns == 0 && next != kDead))
      return false;
  }
  return true;
}

} // namespace

Result<Pretokenizer> Pretokenizer::load(const bundle::Pretokenizer &tables) {
  auto damaged = [](std::string_view what) {
    return fail(Code::kDataDamaged, "the tokenizer's " + std::string(what) + " is damaged",
                "copy the executable again, or compile the model again");
  };
  Pretokenizer out;
  out.blocks = entries(tables.blocks());
  out.symbols = entries(tables.symbols());
  out.symbolCount = tables.symbol_count();
  size_t blockCount = out.symbols.size() / kSymbolBlock;
  if (out.blocks.size() != bundle::kCodePoints / kSymbolBlock || out.symbolCount > 256 ||
      std::ranges::any_of(out.blocks, [&](uint16_t block) { return block >= blockCount; }) ||
      std::ranges::any_of(out.symbols, [&](uint8_t symbol) { return symbol >= out.symbolCount; }))
    return damaged("table of character classes");
  if (tables.stages())
    for (const bundle::SplitStage *stage : *tables.stages()) {
      out.stages.push_back(entries(stage->cells()));
      if (!isAutomaton(out.stages.back(), out.symbolCount + 1) || out.stages.size() > kMostStages)
        return damaged("split automaton");
    }
  return out;
}

void Pretokenizer::split(std::string_view text,
                         const std::function<void(std::string_view)> &onPiece) const {
  splitFrom(0, text, onPiece);
}

void Pretokenizer::splitFrom(size_t stage, std::string_view text,
                             const std::function<void(std::string_view)> &onPiece) const {
  if (text.empty())
    return;
  if (stage == stages.size())
    return onPiece(text);
  size_t gap = 0; // start of the bytes that no match covers yet
  for (size_t at = 0; at < text.size();) {
    size_t bytes = match(stages[stage], text.substr(at));
    if (bytes == 0) {
      at += decodeUtf8(text.data() + at).bytes;
      continue;
    }
    splitFrom(stage + 1, text.substr(gap, at - gap), onPiece);
    splitFrom(stage + 1, text.substr(at, bytes), onPiece);
    gap = at += bytes;
  }
  splitFrom(stage + 1, text.substr(gap), onPiece);
}

uint32_t Pretokenizer::symbolAt(const char *at, uint32_t &bytes) const {
  CodePoint c = decodeUtf8(at);
  bytes = c.bytes;
  return symbols[size_t(blocks[c.value / kSymbolBlock]) * kSymbolBlock + c.value % kSymbolBlock];
}

size_t Pretokenizer::match(std::span<const uint16_t> cells, std::string_view text) const {
  size_t best = 0, at = 0;
  uint32_t state = kStart;
  while (true) {
    uint32_t bytes = 0, symbol = symbolCount; // the end of the text
    if (at < text.size())
      symbol = symbolAt(text.data() + at, bytes);
    uint16_t cell = cells[state * (symbolCount + 1) + symbol];
    if (cell & kMatchFlag)
      best = at;
    state = cell & ~kMatchFlag;
    if (state == kDead)
      return best;
    at += bytes;
  }
}

} // namespace osscc::rt
