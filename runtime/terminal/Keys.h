// The bytes that a terminal sends, as keys. Sequences are those of xterm, which every terminal of
// today sends: no terminfo is needed.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace osscc::rt::terminal {

struct Key {
  enum Kind {
    kText, ///< `text`: one character, or all of a paste.
    kEnter,
    kTab,
    kBackspace,
    kDelete,
    kLeft,
    kRight,
    kWordLeft,
    kWordRight,
    kHome,
    kEnd,
    kUp,
    kDown,
    kDeleteWord,    ///< Ctrl-W: back to the begin of the word.
    kDeleteToBegin, ///< Ctrl-U
    kDeleteToEnd,   ///< Ctrl-K
    kYank,          ///< Ctrl-Y: puts back what was deleted last.
    kRedraw,        ///< Ctrl-L
    kInterrupt,     ///< Ctrl-C
    kDeleteOrEnd,   ///< Ctrl-D
    kEndOfInput,    ///< The terminal is gone.
    kSuspend,       ///< Ctrl-Z
    kNone,          ///< Nothing that means anything here.
  } kind = kNone;
  std::string text;
};

/// Gives the next byte; none at the end of the input, and where nothing follows within a short
/// time if `isWaiting` is false.
using ByteSource = std::function<std::optional<char>(bool isWaiting)>;

/// Waits for the next key. Bytes that are not UTF-8 become U+FFFD; other control characters and
/// unknown sequences are kNone. A paste (bracketed) is one kText with its line ends as '\n'.
Key readKey(const ByteSource &source);

} // namespace osscc::rt::terminal
