#include "runtime/cli/Question.h"

#include "runtime/base/Say.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

constexpr int kPatience = 5000; // ms until the first byte of a pipe

/// Whether a file is at its begin. Says so if it is not, and more follows.
bool isUnread(const struct stat &file) {
  off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
  if (at > 0 && at < file.st_size)
    say("note: standard input is a file that somebody has begun to read, so it is not used; -f - "
        "takes the rest of it\n");
  return at == 0;
}

/// Whether a pipe has text or an end. Parents such as Node, Java and ssh leave one open for ever.
bool saysSomething() {
  if (waitFor(STDIN_FILENO, POLLIN, kPatience))
    return true;
  say("note: standard input stayed open without text for {} s, so it is not used; </dev/null saves "
      "the wait, -f - waits for text\n",
      kPatience / 1000);
  return false;
}

bool isTextOnInput() {
  struct stat input{};
  if (fstat(STDIN_FILENO, &input) != 0)
    return false;
  if (S_ISREG(input.st_mode))
    return isUnread(input);
  return (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode)) && saysSomething();
}

/// Where the texts before the command line's question are read from, in their order.
std::vector<std::string> sources(const Options &options) {
  bool isAsked = options.prompt || !options.promptFile.empty();
  std::vector<std::string> files;
  if (!isAsked || (options.promptFile != "-" && isTextOnInput()))
    files.emplace_back("-");
  if (!options.promptFile.empty())
    files.push_back(options.promptFile);
  return files;
}

std::string_view withoutLineEnd(std::string_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

} // namespace

std::string joinParts(const std::vector<std::string> &parts, bool raw) {
  std::string all;
  for (const std::string &part : parts) {
    std::string_view text = raw ? std::string_view(part) : withoutLineEnd(part);
    if (!raw && !all.empty() && !text.empty())
      all += "\n\n";
    all += text;
  }
  return all;
}

Result<std::optional<std::string>> readQuestion(const Options &options, const ReadLimit &limit) {
  auto empty = [] {
    return usageError("the prompt is empty", "give a question, or start on a terminal to chat");
  };
  bool isAsked = options.prompt || !options.promptFile.empty();
  if (!isAsked && isatty(STDIN_FILENO))
    return std::nullopt;
  if (options.prompt && options.prompt->empty())
    return empty();
  std::vector<std::string> parts;
  for (const std::string &file : sources(options)) {
    auto text = readAll(file, limit);
    if (!text)
      return std::unexpected(std::move(text).error());
    parts.push_back(std::move(*text));
  }
  if (options.prompt)
    parts.push_back(*options.prompt);
  // The last part is the question; what stands before it is not one.
  if (joinParts({parts.back()}, options.raw).empty())
    return empty();
  return joinParts(parts, options.raw);
}

} // namespace osscc::rt::cli
