// Loads a tokenizer from an executable, which may be damaged or hostile: every entry of every table
// is checked once, so that encoding needs no checks.
#include "runtime/bundle/TokenizerHash.h"
#include "runtime/tokenizer/Tokenizer.h"

#include <algorithm>

namespace osscc::rt {
namespace {

using bundle::kNoEntry;

template <class T> std::span<const T> entries(const flatbuffers::Vector<T> *vector) {
  return vector ? std::span<const T>(vector->data(), vector->size()) : std::span<const T>();
}

/// Entries are below `limit` or empty, and one is empty, so that every search ends.
bool isHash(std::span<const uint32_t> slots, size_t limit) {
  return std::ranges::count(slots, kNoEntry) > 0 && std::ranges::all_of(slots, [&](uint32_t entry) {
           return entry == kNoEntry || entry < limit;
         });
}

} // namespace

Status Tokenizer::checkTables() const {
  auto damaged = [](std::string_view what) {
    return fail(Code::kDataDamaged, "the tokenizer's table of " + std::string(what) + " is damaged",
                "copy the executable again, or compile the model again");
  };
  auto isId = [&](int64_t id) { return id >= 0 && size_t(id) < ends.size(); };
  if (ends.empty() || ends.size() > INT32_MAX || !std::ranges::is_sorted(ends) ||
      ends.back() != pieces.size())
    return damaged("texts");
  if (byteIds.size() != 256 ||
      !std::ranges::all_of(byteIds, [&](int32_t id) { return id == -1 || isId(id); }))
    return damaged("bytes");
  auto isMerge = [&](const bundle::Merge &merge) {
    return isId(merge.left()) && isId(merge.right()) && isId(merge.id());
  };
  if (!std::ranges::all_of(merges.merges, isMerge) ||
      (!merges.merges.empty() && !isHash(merges.slots, merges.merges.size())))
    return damaged("merges");
  if (!wholeSlots.empty() && !isHash(wholeSlots, ends.size()))
    return damaged("whole pieces");
  if (!characterSlots.empty() &&
      (!isHash(characterSlots, ends.size()) ||
       !std::ranges::all_of(byteIds, [&](int32_t id) { return isId(id); })))
    return damaged("characters");
  auto text = [&](uint32_t id) { return piece(int32_t(id)); };
  if (!std::ranges::all_of(added, isId) || (!added.empty() && text(added.front()).empty()) ||
      std::ranges::adjacent_find(added, std::ranges::greater_equal(), text) != added.end())
    return damaged("special tokens");
  if (!std::ranges::all_of(prefix, isId) || !std::ranges::all_of(suffix, isId))
    return damaged("ids around a text");
  return {};
}

Result<Tokenizer> Tokenizer::load(const bundle::Tokenizer &tables) {
  Tokenizer out;
  out.pieces = entries(tables.pieces());
  out.ends = entries(tables.ends());
  out.byteIds = entries(tables.byte_ids());
  out.wholeSlots = entries(tables.whole_slots());
  out.added = entries(tables.added());
  out.prefix = entries(tables.prefix());
  out.suffix = entries(tables.suffix());
  out.characterSlots = entries(tables.character_slots());
  out.composes = tables.nfc();
  out.stripsSpace = tables.strips_space();
  out.spacePrefix = tables.space_prefix();
  if (auto *merges = tables.merges())
    out.merges.merges = {reinterpret_cast<const bundle::Merge *>(merges->Data()), merges->size()};
  out.merges.slots = entries(tables.merge_slots());
  OSSCC_RETURN_IF_ERROR(out.checkTables());
  if (!tables.pretokenizer())
    return fail(Code::kDataDamaged, "the tokenizer's split automaton is missing",
                "copy the executable again, or compile the model again");
  auto pretokenizer = Pretokenizer::load(*tables.pretokenizer());
  if (!pretokenizer)
    return std::unexpected(std::move(pretokenizer).error());
  out.pretokenizer = std::move(*pretokenizer);
  return out;
}

} // namespace osscc::rt
