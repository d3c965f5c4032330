#include "runtime/serve/Repl.h"

#include "runtime/base/File.h"
#include "runtime/serve/Conversation.h"
#include "runtime/serve/Signals.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace osscc::rt::serve {
namespace {

constexpr const char *kHelp = "/help   this list\n"
                              "/clear  forget the chat so far\n"
                              "/exit   leave (or Ctrl-D); Ctrl-C stops an answer\n";

std::string_view trim(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r\n";
  size_t begin = line.find_first_not_of(kSpace);
  if (begin == std::string_view::npos)
    return {};
  return line.substr(begin, line.find_last_not_of(kSpace) + 1 - begin);
}

/// The next line; none at the end of the input. An interrupt gives an empty line.
std::optional<std::string> readLine() {
  fmt::print(stderr, "> ");
  std::fflush(stderr);
  char *line = nullptr;
  size_t capacity = 0;
  ssize_t length = getline(&line, &capacity, stdin);
  std::string text = length > 0 ? std::string(line, length) : std::string();
  std::free(line);
  if (length >= 0)
    return text;
  bool interrupted = std::ferror(stdin) && errno == EINTR;
  std::clearerr(stdin);
  fmt::print(stderr, "\n");
  if (!interrupted)
    return std::nullopt;
  return std::string();
}

/// Answers one question; an error is said, and the chat goes on.
Status answer(Conversation &conversation, std::string_view question) {
  auto finish = conversation.ask(question, writeOutput);
  OSSCC_RETURN_IF_ERROR(writeOutput("\n"));
  if (finish && *finish == Finish::kContext)
    fmt::print(stderr, "(the context of {} tokens is full: /clear begins anew)\n",
               conversation.context());
  if (!finish && finish.error().code != Code::kCancelled)
    fmt::print(stderr, "error: {}\nhelp: /clear begins anew\n", finish.error().message);
  return {};
}

} // namespace

Line classify(std::string_view line) {
  line = trim(line);
  if (line.empty())
    return Line::kEmpty;
  if (!line.starts_with('/'))
    return Line::kQuestion;
  if (line == "/help" || line == "/?")
    return Line::kHelp;
  if (line == "/clear")
    return Line::kClear;
  return line == "/exit" || line == "/bye" || line == "/quit" ? Line::kExit : Line::kUnknown;
}

Status chat(Conversation &conversation) {
  while (auto line = readLine()) {
    clearInterrupt();
    std::string_view text = trim(*line);
    switch (classify(text)) {
    case Line::kEmpty:
      break;
    case Line::kHelp:
      fmt::print(stderr, "{}", kHelp);
      break;
    case Line::kClear:
      conversation.clear();
      break;
    case Line::kExit:
      return {};
    case Line::kUnknown:
      fmt::print(stderr, "{}: no such command; /help lists them\n", text);
      break;
    case Line::kQuestion:
      OSSCC_RETURN_IF_ERROR(answer(conversation, text));
      clearInterrupt();
    }
  }
  return {};
}

} // namespace osscc::rt::serve
