#include "runtime/chat/Commands.h"

#include "runtime/base/File.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include <unistd.h>

namespace osscc::rt::cli {
namespace {

struct ChatCommand {
  std::string_view word, argument, help;
  Next (*run)(Conversation &, std::string_view argument);
};

void say(const Error &error) {
  fmt::print(stderr, "error: {}\n", error.message);
  if (!error.help.empty())
    fmt::print(stderr, "help: {}\n", error.help);
}

Next help(Conversation &, std::string_view);

Next clear(Conversation &conversation, std::string_view) {
  conversation.clear();
  return Next::kGoOn;
}

Next system(Conversation &conversation, std::string_view text) {
  if (!text.empty())
    conversation.setSystem(text == "\"\"" ? "" : text);
  std::string_view now = conversation.system();
  fmt::print(stderr, "system message: {}\n", now.empty() ? "none" : now);
  return Next::kGoOn;
}

Next set(Conversation &conversation, std::string_view text) {
  if (!text.empty())
    if (Status status = changeSetting(conversation.options(), text); !status)
      say(status.error());
  fmt::print(stderr, "{}", describeSettings(conversation.options()));
  return Next::kGoOn;
}

Next noReasoning(Conversation &, std::string_view) {
  fmt::print(stderr, "this model has no reasoning mode\n");
  return Next::kGoOn;
}

/// Whether a file may be replaced: there is none, or it holds a chat.
bool mayWrite(const std::string &path) {
  if (access(path.c_str(), F_OK) != 0)
    return true;
  auto text = readAll(path);
  return text && text->starts_with("{\"messages\":");
}

Status saveTo(const Conversation &conversation, const std::string &path) {
  if (path.empty())
    return fail(Code::kInvalidArgument, "a file's name is missing", "/save FILE");
  if (!mayWrite(path))
    return fail(Code::kInvalidArgument, path + ": is there already, and is no chat",
                "give another name");
  std::string beside = path + ".new";
  auto file = OutputFile::create(beside);
  if (!file)
    return std::unexpected(std::move(file).error());
  Status status = file->write(conversation.save());
  if (status)
    status = file->close();
  if (status && std::rename(beside.c_str(), path.c_str()) != 0)
    status = fail(Code::kRuntime, path + ": cannot be written");
  if (!status)
    std::remove(beside.c_str());
  return status;
}

Next save(Conversation &conversation, std::string_view path) {
  if (Status status = saveTo(conversation, std::string(path)); !status)
    say(status.error());
  else
    fmt::print(stderr, "the chat is in {}\n", path);
  return Next::kGoOn;
}

Status loadFrom(Conversation &conversation, const std::string &path) {
  if (path.empty() || path == "-")
    return fail(Code::kInvalidArgument, "a file's name is missing", "/load FILE");
  auto text = readAll(path);
  if (!text)
    return std::unexpected(std::move(text).error());
  Status status = conversation.load(*text);
  if (!status)
    status.error().message = path + ": " + status.error().message;
  return status;
}

Next load(Conversation &conversation, std::string_view path) {
  if (Status status = loadFrom(conversation, std::string(path)); !status)
    say(status.error());
  else
    fmt::print(stderr, "the chat of {} goes on\n", path);
  return Next::kGoOn;
}

double rate(int64_t count, double seconds) {
  return seconds > 0 ? double(count) / seconds : 0;
}

Next stats(Conversation &conversation, std::string_view) {
  const Conversation::Stats &s = conversation.stats();
  fmt::print(stderr,
             "prompt: {} tokens, {} of them known already, {:.2f} s, {:.0f} tokens/s\n"
             "answer: {} tokens, {:.2f} s, {:.0f} tokens/s\n"
             "context: {} of {} tokens\n",
             s.prompt, s.reused, s.promptSeconds, rate(s.prompt - s.reused, s.promptSeconds),
             s.answer, s.answerSeconds, rate(s.answer, s.answerSeconds), s.prompt + s.answer,
             conversation.context());
  return Next::kGoOn;
}

constexpr ChatCommand kCommands[] = {
    {"/help", "", "this list", help},
    {"/clear", "", "forget the chat so far", clear},
    {"/regen", "", "answer the last question again",
     [](Conversation &, std::string_view) { return Next::kAnswerAgain; }},
    {"/system", "[TEXT]", "show or replace the system message (\"\": none)", system},
    {"/set", "[NAME VALUE]", "show or change how answers are drawn", set},
    {"/think", "", "think before answering", noReasoning},
    {"/nothink", "", "answer at once", noReasoning},
    {"/save", "FILE", "keep the chat in a file", save},
    {"/load", "FILE", "go on with a chat that was saved", load},
    {"/stats", "", "tokens and seconds of the last answer", stats},
    {"/exit", "", "leave (or Ctrl-D)",
     [](Conversation &, std::string_view) { return Next::kLeave; }},
};

Next help(Conversation &, std::string_view) {
  for (const ChatCommand &command : kCommands)
    fmt::print(stderr, "{:<8} {:<13} {}\n", command.word, command.argument, command.help);
  fmt::print(stderr,
             "\"\"\"      begins and ends a message of many lines; Ctrl-C stops an answer\n");
  return Next::kGoOn;
}

/// Single-character edits between two words. Source: Levenshtein.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] != b[j])});
      diagonal = above;
    }
  }
  return row.back();
}

void hint(std::string_view word) {
  constexpr size_t kLongestWord = 64; // bytes that the message shows
  constexpr size_t kNear = 2;
  word = word.substr(0, kLongestWord);
  const ChatCommand *nearest = std::ranges::min_element(
      kCommands, {}, [&](const ChatCommand &command) { return distance(command.word, word); });
  if (distance(nearest->word, word) <= kNear)
    fmt::print(stderr, "{}: no such command; {} is near, /help lists all\n", word, nearest->word);
  else
    fmt::print(stderr, "{}: no such command; /help lists them\n", word);
}

} // namespace

bool isChatCommand(std::string_view line) {
  return line.starts_with('/');
}

Next runChatCommand(Conversation &conversation, std::string_view line) {
  constexpr std::string_view kBlank = " \t\n";
  std::string_view word = line.substr(0, line.find_first_of(kBlank));
  size_t argument = line.find_first_not_of(kBlank, word.size());
  if (word == "/?")
    word = "/help";
  if (word == "/bye" || word == "/quit") // as other chats have it
    word = "/exit";
  const ChatCommand *command = std::ranges::find(kCommands, word, &ChatCommand::word);
  if (command == std::end(kCommands)) {
    hint(word);
    return Next::kGoOn;
  }
  return command->run(conversation,
                      argument == std::string_view::npos ? "" : line.substr(argument));
}

std::string completeChatCommand(std::string_view text) {
  const ChatCommand *found = nullptr;
  if (!isChatCommand(text))
    return std::string(text);
  for (const ChatCommand &command : kCommands)
    if (command.word.starts_with(text)) {
      if (found)
        return std::string(text);
      found = &command;
    }
  if (!found)
    return std::string(text);
  return std::string(found->word) + (found->argument.empty() ? "" : " ");
}

} // namespace osscc::rt::cli
