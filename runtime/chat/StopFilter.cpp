// Source of the search: Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", 1977.
#include "runtime/chat/StopFilter.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace osscc::rt {

StopFilter::StopFilter(const std::vector<std::string> &stops) {
  for (const std::string &stop : stops) {
    if (stop.empty())
      continue;
    Search search{.stop = stop, .borders = {0}};
    for (size_t i = 1; i < stop.size(); ++i)
      search.borders.push_back(search.next(search.borders.back(), stop[i]));
    searches.push_back(std::move(search));
    longest = std::max(longest, stop.size());
  }
}

/// How much of the stop string a text ends with that ended with `matched` bytes of it before
/// `byte`.
size_t StopFilter::Search::next(size_t matched, char byte) const {
  while (matched > 0 && (matched == stop.size() || stop[matched] != byte))
    matched = borders[matched - 1];
  return matched + (stop[matched] == byte ? 1 : 0);
}

/// How many of the last bytes of the text were shown.
size_t StopFilter::shownOfLast(size_t bytes) const {
  return size_t(std::count(wasShown.end() - std::ptrdiff_t(bytes), wasShown.end(), true));
}

void StopFilter::step(char byte, bool isShown) {
  if (isShown)
    held += byte;
  wasShown.push_back(isShown);
  size_t cut = 0; // shown bytes of the stop string that ends here
  for (Search &search : searches) {
    search.all = search.next(search.all, byte);
    if (isShown)
      search.shown = search.next(search.shown, byte);
    if (search.all == search.stop.size())
      cut = std::max(cut, shownOfLast(search.all));
    if (isShown && search.shown == search.stop.size())
      cut = std::max(cut, search.shown);
    found |= search.all == search.stop.size() || search.shown == search.stop.size();
  }
  if (found)
    held.resize(held.size() - cut);
}

std::string StopFilter::take(std::string_view piece, bool isShown) {
  if (searches.empty())
    return std::string(isShown ? piece : std::string_view());
  for (size_t i = 0; i < piece.size() && !found; ++i)
    step(piece[i], isShown);
  if (found)
    return std::exchange(held, {});
  if (wasShown.size() > 4 * longest + 4096)
    wasShown.erase(wasShown.begin(), wasShown.end() - std::ptrdiff_t(longest));
  size_t kept = 0;
  for (const Search &search : searches)
    kept = std::max({kept, shownOfLast(search.all), search.shown});
  std::string out = held.substr(0, held.size() - kept);
  held.erase(0, held.size() - kept);
  return out;
}

std::string StopFilter::feed(std::string_view piece) {
  return found ? std::string() : take(piece, true);
}

std::string StopFilter::feedHidden(std::string_view piece) {
  return found ? std::string() : take(piece, false);
}

std::string StopFilter::finish() {
  return std::exchange(held, {});
}

} // namespace osscc::rt
