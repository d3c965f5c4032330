// Loads a tokenizer from an executable, which may be damaged or hostile: every entry of every table
// is checked once, so that encoding needs no checks.
#include "runtime/base/Utf8.h"
#include "runtime/bundle/TokenizerHash.h"
#include "runtime/tokenizer/Normalize.h"
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
  if (!std::ranges::all_of(prefix, isId) || !std::ranges::all_of(suffix, isId))
    return damaged("ids around a text");
  return {};
}

/// The entries of a table, checked.
static Result<std::vector<AddedTokens::Entry>> readEntries(const bundle::AddedTokens &table,
                                                           const Tokenizer &tokenizer) {
  auto ids = entries(table.ids()), ends = entries(table.ends());
  auto flags = entries(table.flags()), texts = entries(table.texts());
  bool isWhole = (flags.empty() || flags.size() == ids.size()) &&
                 (ends.empty() || (ends.size() == ids.size() && std::ranges::is_sorted(ends) &&
                                   ends.back() == texts.size()));
  std::vector<AddedTokens::Entry> out;
  for (size_t i = 0; isWhole && i < ids.size(); ++i) {
    size_t begin = i > 0 && !ends.empty() ? ends[i - 1] : 0;
    std::string_view text(reinterpret_cast<const char *>(texts.data()) + begin,
                          ends.empty() ? 0 : ends[i] - begin);
    if (ends.empty())
      text = tokenizer.piece(int32_t(ids[i]));
    out.push_back({text, int32_t(ids[i]),
                   flags.empty() ? bundle::AddedFlags::Special : bundle::AddedFlags(flags[i])});
    isWhole = ids[i] < tokenizer.size() && !text.empty() && validUtf8Bytes(text) == text.size();
  }
  auto falls =
      std::ranges::adjacent_find(out, std::ranges::greater_equal(), &AddedTokens::Entry::text);
  if (!isWhole || falls != out.end())
    return fail(Code::kDataDamaged, "the tokenizer's table of added tokens is damaged",
                "copy the executable again, or compile the model again");
  return out;
}

/// \param composed  whether their texts are sought in composed ones.
Result<AddedTokens> Tokenizer::added(const bundle::AddedTokens *table, AddedTokens::Rules rules,
                                     bool composed) {
  if (!table)
    return AddedTokens();
  auto read = readEntries(*table, *this);
  if (!read)
    return std::unexpected(std::move(read).error());
  auto &tokens = *read;
  for (const AddedTokens::Entry &token : tokens)
    if (token.has(bundle::AddedFlags::Special))
      specials[size_t(token.id)] = true;
  if (composed && !std::ranges::all_of(tokens, isAscii, &AddedTokens::Entry::text)) {
    composedTexts = std::make_shared<std::vector<std::string>>();
    composedTexts->reserve(tokens.size());
    for (AddedTokens::Entry &token : tokens)
      token.text = composedTexts->emplace_back(normalizationFormC(token.text));
    std::ranges::sort(tokens, {}, [](const AddedTokens::Entry &token) {
      return std::pair(token.text, token.id);
    });
    auto same = std::ranges::unique(tokens, {}, &AddedTokens::Entry::text);
    tokens.erase(same.begin(), same.end());
  }
  return AddedTokens(std::move(tokens), rules);
}

Status Tokenizer::loadAdded(const bundle::Tokenizer &tables) {
  auto words = entries(tables.word_ranges()), hidden = entries(tables.hidden());
  if (words.size() % 2 != 0 || !std::ranges::is_sorted(words) ||
      !std::ranges::all_of(hidden, [&](uint32_t id) { return id < ends.size(); }))
    return fail(Code::kDataDamaged, "the tokenizer's table of added tokens is damaged",
                "copy the executable again, or compile the model again");
  specials.resize(ends.size());
  for (uint32_t id : hidden)
    specials[id] = true;
  AddedTokens::Rules rules{.longestFirst = tables.longest_first(), .words = words};
  auto asTheyAre = added(tables.verbatim(), rules, false);
  if (!asTheyAre)
    return std::unexpected(std::move(asTheyAre).error());
  rules.spacesAreLetters = spacesFirst;
  auto changed = added(tables.normalized(), rules, composes);
  if (!changed)
    return std::unexpected(std::move(changed).error());
  verbatim = std::move(*asTheyAre);
  normalizedTokens = std::move(*changed);
  return {};
}

Result<Tokenizer> Tokenizer::load(const bundle::Tokenizer &tables) {
  Tokenizer out;
  out.pieces = entries(tables.pieces());
  out.ends = entries(tables.ends());
  out.byteIds = entries(tables.byte_ids());
  out.wholeSlots = entries(tables.whole_slots());
  out.prefix = entries(tables.prefix());
  out.suffix = entries(tables.suffix());
  out.characterSlots = entries(tables.character_slots());
  out.composes = tables.nfc();
  out.stripsSpace = tables.strips_space();
  out.spacePrefix = tables.space_prefix();
  out.spacesFirst = tables.spaces_first();
  if (auto *merges = tables.merges())
    out.merges.merges = {reinterpret_cast<const bundle::Merge *>(merges->Data()), merges->size()};
  out.merges.slots = entries(tables.merge_slots());
  OSSCC_RETURN_IF_ERROR(out.checkTables());
  OSSCC_RETURN_IF_ERROR(out.loadAdded(tables));
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
