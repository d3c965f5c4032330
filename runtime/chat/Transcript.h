// The messages of a chat, and which of them the model still sees.
#pragma once

#include "runtime/base/Status.h"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace osscc::rt::cli {

/// First the system's messages, which always are seen; then turns: a question with all that follows
/// up to the next one. The oldest turns may be hidden from the model; the file of a chat keeps
/// them.
class Transcript {
public:
  /// The system message; empty if there is none. Setting it keeps the rest of the chat.
  std::string_view system() const;
  void setSystem(std::string_view text);

  void addQuestion(std::string_view text);
  /// \param reasoning  what the model thought; empty: nothing. Templates keep or drop it.
  void addAnswer(std::string_view text, std::string_view reasoning = {});
  /// Whether the last message is an answer that the model sees.
  bool endsWithAnswer() const;
  /// Takes the last message away.
  boost::json::value takeLast();

  /// All messages.
  size_t size() const { return messages.size(); }
  /// Turns that the model sees.
  size_t turns() const;
  /// The messages that it would see without the `fewer` oldest of those turns.
  boost::json::array seen(size_t fewer = 0) const;
  /// Hides the `count` oldest of the turns that are seen, as far as there are so many.
  void hide(size_t count);
  /// Messages that are hidden, to come back to with setHidden().
  size_t hiddenMessages() const { return hidden; }
  void setHidden(size_t messages) { hidden = messages; }

  /// Forgets all messages but the system's.
  void clear();

  /// All messages as a chat request, {"messages": [{"role", "content"}, ...]}.
  std::string save() const;
  /// Takes the messages of such a request. \errors  kInvalidArgument naming what is wrong with it;
  /// the chat is then unchanged.
  Status load(std::string_view request);

private:
  size_t heading() const;
  size_t afterTurns(size_t count) const;

  boost::json::array messages;
  size_t hidden = 0; ///< Messages behind the heading that the model does not see.
};

} // namespace osscc::rt::cli
