// Finds added tokens in a text: those that stand for a text of their own and are cut out before
// anything is split. Special ones are markers of the chat template, the others are words.
#pragma once

#include "runtime/base/Status.h"
#include "runtime/bundle/Tokenizer_generated.h"
#include "runtime/tokenizer/Spans.h"

#include <bitset>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

class AddedTokens {
public:
  /// Where a token stands in a text, with the white space that it takes away: bytes [begin, end).
  struct Found {
    size_t begin, end;
    int32_t id;
  };
  struct Entry {
    std::string_view text;
    int32_t id;
    bundle::AddedFlags flags;

    bool has(bundle::AddedFlags flag) const { return (uint8_t(flags) & uint8_t(flag)) != 0; }
  };
  /// What decides how a text is searched, beside the tokens.
  struct Rules {
    bool longestFirst = false;     ///< The longest tokens of the text first, not the leftmost.
    bool spacesAreLetters = false; ///< A space of the text is no white space beside a token.
    std::span<const uint32_t>
        words; ///< First and last code points that a SingleWord stands apart from.
  };

  AddedTokens() = default;
  /// \param ordered  by their texts, each once; texts outlive the object.
  AddedTokens(std::vector<Entry> ordered, Rules rules);

  bool empty() const { return entries.empty(); }
  bool hasSpecial() const { return anySpecial; }
  std::span<const Entry> all() const { return entries; }

  /// The tokens of `text` from left to right. Special ones are found inside template spans only;
  /// the others also across the borders of spans, but never over a special one.
  ///
  /// Two may overlap in white space, where one takes away what the next begins with: the reference,
  /// the `tokenizers` package, gives both, unless nothing is left of the second.
  std::vector<Found> find(std::string_view text, std::span<const TokenSpan> spans) const;

private:
  struct Match {
    size_t begin, end;
    const Entry *entry;
  };
  struct Length {
    size_t bytes;
    std::bitset<256> starts; ///< First bytes of the tokens of this length.
  };

  const Entry *longestAt(std::string_view text) const;
  const Entry *exactly(std::string_view text) const;
  bool standsAlone(std::string_view text, size_t begin, size_t end) const;
  void search(std::string_view text, size_t begin, size_t end, bool special,
              std::vector<Match> &out) const;
  void searchLeftmost(std::string_view text, size_t begin, size_t end, bool special,
                      std::vector<Match> &out) const;
  void searchLongest(std::string_view text, size_t begin, size_t end, bool special,
                     std::vector<Match> &out) const;
  std::vector<Found> strip(std::string_view text, std::span<const Match> matches) const;

  std::vector<Entry> entries;
  Rules rules;
  std::bitset<256> starts;     ///< First bytes of all tokens.
  std::vector<Length> lengths; ///< Falling.
  bool anySpecial = false;
};

} // namespace osscc::rt
