// A line while it is edited: its text, the cursor, what was deleted last, and the lines before it.
// Knows no terminal.
#pragma once

#include "runtime/terminal/Keys.h"

#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt::terminal {

/// Lines that were entered, the last one last. Kept in memory only.
class History {
public:
  /// Keeps a line unless it is empty or repeats the last one; of more than 1,000 the first goes.
  void add(std::string_view line);

  size_t size() const { return lines.size(); }
  const std::string &operator[](size_t i) const { return lines[i]; }

private:
  std::vector<std::string> lines;
};

class EditLine {
public:
  /// \param history  must outlive the object.
  explicit EditLine(const History &history) : history(&history), place(history.size()) {}

  /// Does what `key` asks for; keys that are no editing do nothing. \returns whether anything
  /// changed.
  bool apply(const Key &key);

  const std::string &text() const { return line; }
  /// Byte of the text that the cursor stands before; always at the border of a grapheme.
  size_t cursor() const { return at; }
  /// Replaces the whole text, with the cursor at its end.
  void set(std::string text);

private:
  void insert(std::string_view text);
  /// Deletes [begin, end) for kYank to bring back.
  void cut(size_t begin, size_t end);
  void erase(size_t begin, size_t end);
  bool move(const Key &key);
  bool remove(const Key &key);
  void recall(size_t to);
  size_t wordBegin() const;
  size_t wordEnd() const;

  const History *history;
  size_t place;      ///< Of the history; its size: the line that is new.
  std::string draft; ///< The new line, while an older one is shown.
  std::string line, deleted;
  size_t at = 0;
};

} // namespace osscc::rt::terminal
