#include "runtime/chat/Commands.h"

#include "runtime/base/NearestWord.h"
#include "runtime/base/Say.h"
#include "runtime/chat/ChatFile.h"
#include "runtime/chat/Conversation.h"
#include "runtime/chat/Settings.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace osscc::rt::cli {
namespace {

struct ChatCommand {
  std::string_view word, argument, help;
  Next (*run)(Conversation &, std::string_view argument);
};

void explain(const Error &error) {
  say("error: {}\n", error.message);
  if (!error.help.empty())
    say("help: {}\n", error.help);
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
  say("system message: {}\n", now.empty() ? "none" : now);
  return Next::kGoOn;
}

Next set(Conversation &conversation, std::string_view text) {
  if (!text.empty())
    if (Status status = changeSetting(conversation.options(), text); !status)
      explain(status.error());
  say("{}", describeSettings(conversation.options()));
  return Next::kGoOn;
}

Next chooseReasoning(Conversation &conversation, std::string_view mode) {
  constexpr std::string_view kModes[] = {"off", "on", "low", "medium", "high"};
  if (!conversation.reasoning().exists()) {
    say("this model has no reasoning mode\n");
  } else if (std::ranges::find(kModes, mode) == std::end(kModes)) {
    say("error: /think: expected on, low, medium, high or off, found '{}'\n", mode);
  } else {
    if (Status status = conversation.reasoning().choose(mode); !status)
      explain(status.error());
    say("{}\n", conversation.reasoning().describe());
  }
  return Next::kGoOn;
}

Next think(Conversation &conversation, std::string_view level) {
  return chooseReasoning(conversation, level.empty() ? "on" : level);
}

Next thinkNot(Conversation &conversation, std::string_view) {
  return chooseReasoning(conversation, "off");
}

Next drop(Conversation &conversation, std::string_view text) {
  size_t count = 1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  bool isCount = error == std::errc() && end == text.data() + text.size() && count > 0;
  if (!text.empty() && !isCount) {
    say("error: /drop: expected how many turns, found '{}'\n", text);
    return Next::kGoOn;
  }
  size_t dropped = conversation.drop(count);
  say("the model no longer sees the {} oldest turn{}, and still sees {}; /save keeps all\n",
      dropped, dropped == 1 ? "" : "s", conversation.turns());
  return Next::kGoOn;
}

Next saveAs(Conversation &conversation, std::string_view path, bool mayReplace) {
  if (Status status = saveChat(conversation, std::string(path), mayReplace); !status)
    explain(status.error());
  else
    say("the chat is in {}\n", path);
  return Next::kGoOn;
}

Next save(Conversation &conversation, std::string_view path) {
  return saveAs(conversation, path, false);
}

Next saveOver(Conversation &conversation, std::string_view path) {
  return saveAs(conversation, path, true);
}

Next load(Conversation &conversation, std::string_view path) {
  if (Status status = loadChat(conversation, std::string(path)); !status)
    explain(status.error());
  else
    say("the chat of {} goes on\n", path);
  return Next::kGoOn;
}

double rate(int64_t count, double seconds) {
  return seconds > 0 ? double(count) / seconds : 0;
}

Next stats(Conversation &conversation, std::string_view) {
  const Conversation::Stats &s = conversation.stats();
  say("prompt: {} tokens, {} of them known already, {:.2f} s, {:.0f} tokens/s\n"
      "answer: {} tokens, {:.2f} s, {:.0f} tokens/s\n"
      "context: {} of {} tokens\n",
      s.prompt, s.reused, s.promptSeconds, rate(s.prompt - s.reused, s.promptSeconds), s.answer,
      s.answerSeconds, rate(s.answer, s.answerSeconds), conversation.contextUsed(),
      conversation.context());
  return Next::kGoOn;
}

constexpr ChatCommand kCommands[] = {
    {"/help", "", "this list", help},
    {"/clear", "", "forget the chat so far", clear},
    {"/drop", "[N]", "let the model forget the N oldest turns (1)", drop},
    {"/regen", "", "answer the last question again",
     [](Conversation &, std::string_view) { return Next::kAnswerAgain; }},
    {"/system", "[TEXT]", "show or replace the system message (\"\": none)", system},
    {"/set", "[NAME VALUE]", "show or change how answers are drawn", set},
    {"/think", "[LEVEL]", "think before answering (low, medium, high)", think},
    {"/nothink", "", "answer at once", thinkNot},
    {"/save", "FILE", "keep the chat in a file", save},
    {"/save!", "FILE", "the same, in place of another chat", saveOver},
    {"/load", "FILE", "go on with a chat that was saved", load},
    {"/stats", "", "tokens and seconds of the last answer", stats},
    {"/exit", "", "leave (or Ctrl-D)",
     [](Conversation &, std::string_view) { return Next::kLeave; }},
};

Next help(Conversation &, std::string_view) {
  for (const ChatCommand &command : kCommands)
    say("{:<8} {:<13} {}\n", command.word, command.argument, command.help);
  say("\"\"\"      begins and ends a message of many lines; Ctrl-C stops an answer\n");
  return Next::kGoOn;
}

void hint(std::string_view word) {
  constexpr size_t kLongestWord = 64; // bytes that the message shows
  word = word.substr(0, kLongestWord);
  std::vector<std::string_view> words;
  for (const ChatCommand &command : kCommands)
    words.push_back(command.word);
  if (std::string_view nearest = nearestWord(word, words); !nearest.empty())
    say("{}: no such command; {} is near, /help lists all\n", word, nearest);
  else
    say("{}: no such command; /help lists them\n", word);
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
    if (command.word.starts_with(text) && !command.word.ends_with('!')) {
      if (found)
        return std::string(text);
      found = &command;
    }
  if (!found)
    return std::string(text);
  return std::string(found->word) + (found->argument.empty() ? "" : " ");
}

} // namespace osscc::rt::cli
