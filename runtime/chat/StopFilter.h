// Ends an answer before a text that the user names, and never shows part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt {

/// Looks for stop strings in an answer that comes in pieces. Some pieces are not shown, as the
/// texts of special tokens are: a stop string is found both in all of the text and in what is shown
/// of it, wherever pieces begin and end.
class StopFilter {
public:
  /// \param stops  empty ones are ignored.
  explicit StopFilter(const std::vector<std::string> &stops);

  /// Takes the next piece and returns what may be shown: everything before a stop string, or up to
  /// where one may begin. The string that ends first counts, of those that end together the
  /// longest.
  std::string feed(std::string_view piece);
  /// The same of a piece that is not shown.
  std::string feedHidden(std::string_view piece);

  /// What is still held back when the text ends by itself; empty after a stop string was found.
  std::string finish();

  bool stopped() const { return found; }

private:
  /// One stop string, and how much of it the text ends with.
  struct Search {
    std::string stop;
    std::vector<size_t> borders; ///< Of stop[0 .. i], the longest proper prefix that ends it.
    size_t all = 0, shown = 0;   ///< Bytes of `stop` that the two texts end with.

    size_t next(size_t matched, char byte) const;
  };

  std::string take(std::string_view piece, bool isShown);
  void step(char byte, bool isShown);
  size_t shownOfLast(size_t bytes) const;

  std::vector<Search> searches;
  std::string held; ///< Shown bytes that may belong to a stop string.
  std::vector<bool>
      wasShown; ///< Of the last bytes, as many as the longest stop string has or more.
  size_t longest = 0;
  bool found = false;
};

} // namespace osscc::rt
