// The grammar of the command line. CLI11 throws; nothing of that leaves this file.
#include "runtime/cli/Options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::cli {
namespace {

constexpr int64_t kMost = int64_t(1) << 40; // of any count; a bound that no addition can overflow

void addDate(CLI::App &app, Options &o) {
  app.add_option("--date", o.date,
                 "the day that the chat template prints, like 2024-07-26 (default: today, or what "
                 "SOURCE_DATE_EPOCH says)");
}

void addMachine(CLI::App &app, Options &o) {
  app.add_option("-t,--threads", o.threads, "threads (default: one for each CPU it may use)")
      ->check(CLI::Range(int64_t(1), int64_t(1024)));
  app.add_option("-c,--context", o.context, "tokens of context (default: the model's own)")
      ->check(CLI::Range(int64_t(1), kMost));
}

void addSampling(CLI::App &app, Options &o) {
  app.add_option("--temperature", o.temperature, "0: always the most likely token");
  app.add_option("--top-k", o.topK, "choose among the k most likely tokens (0: all)");
  app.add_option("--top-p", o.topP, "choose among the fewest tokens that reach this probability");
  app.add_option("--min-p", o.minP,
                 "drop tokens below this share of the most likely one's probability");
  app.add_option("--repeat-penalty", o.repetitionPenalty,
                 "above 1: avoid tokens that were used before");
  app.add_option("--seed", o.seed, "the same seed gives the same text");
}

void addAnswer(CLI::App &app, Options &o) {
  auto *prompt = app.add_option("prompt", o.prompt,
                                "the question; without one: chat, or the text on standard input");
  auto *named = app.add_option("-p,--prompt", o.prompt, "the same as an option")->excludes(prompt);
  app.add_option("-f,--file", o.promptFile, "read the question from a file ('-': standard input)")
      ->excludes(prompt)
      ->excludes(named);
  app.add_option("--system", o.system, "system message");
  app.add_flag("--raw", o.raw, "continue the text as it is, without the chat template");
  app.add_option("--reasoning", o.reasoning, "how much to think before the answer")
      ->check(CLI::IsMember({"off", "on", "low", "medium", "high"}));
  app.add_option("-n,--max-tokens", o.maxTokens,
                 "longest answer (default: until the context is full)")
      ->check(CLI::Range(int64_t(0), kMost));
  addSampling(app, o);
  app.add_option("--stop", o.stops, "end the answer before this text (may be repeated)")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  addDate(app, o);
  addMachine(app, o);
}

CLI::App *addCommand(CLI::App &app, Options &o, Command command, const char *name,
                     const char *help) {
  auto *sub = app.add_subcommand(name, help);
  sub->callback([&o, command] { o.command = command; });
  return sub;
}

void addText(CLI::App &app, Options &o) {
  auto *tokenize =
      addCommand(app, o, Command::kTokenize, "tokenize", "text to token ids, as a JSON array");
  tokenize->add_option("text", o.input, "the text ('-' or none: standard input)");
  tokenize->add_flag("--lines", o.lines, "a JSON string a line in, a JSON array a line out");
  tokenize->add_flag("--special", o.special, "special tokens in the text match");
  auto *detokenize = addCommand(app, o, Command::kDetokenize, "detokenize", "token ids to text");
  detokenize->add_option("ids", o.input, "a JSON array ('-' or none: standard input)");
  detokenize->add_flag("--lines", o.lines, "a JSON array a line in, a JSON string a line out");
  auto *render =
      addCommand(app, o, Command::kRender, "render", "a JSON chat request to the exact prompt");
  render->add_option("file", o.input, "the request ('-' or none: standard input)");
  render->add_flag("--ids", o.ids, "print the token ids, not the text");
  addDate(*render, o);
}

void addNumbers(CLI::App &app, Options &o) {
  auto *score = addCommand(app, o, Command::kScore, "score",
                           "log-probability of every token of a text, as JSON lines");
  score->add_option("file", o.input, "the text ('-' or none: standard input)");
  score->add_flag("--ids", o.ids, "the file is a JSON array of token ids");
  score->add_option("--top", o.top, "how many of the most likely tokens to list (default 1)")
      ->check(CLI::Range(int64_t(0), kMost));
  score->add_option("--logits", o.logitsFile,
                    "write all logits to this .npy file, float32 [n, vocabulary]");
  score->add_option("--chunk", o.chunk, "rows a call; changes no number")
      ->check(CLI::Range(int64_t(1), kMost));
  addMachine(*score, o);
  auto *bench = addCommand(app, o, Command::kBench, "bench",
                           "tokens a second, and bytes of weights a second");
  bench->add_option("-p", o.benchPrompt, "tokens of the prompt (default 512)")
      ->check(CLI::Range(int64_t(1), kMost));
  bench->add_option("-n", o.benchTokens, "tokens of the answer (default 128)")
      ->check(CLI::Range(int64_t(1), kMost));
  bench
      ->add_option("--depth", o.benchDepth,
                   "tokens of context before the answer (default: the prompt)")
      ->check(CLI::Range(int64_t(0), kMost));
  bench->add_option("--sequences", o.benchSequences, "sequences that decode together (default 1)")
      ->check(CLI::Range(int64_t(1), int64_t(64)));
  bench->add_option("-r", o.repetitions, "repetitions (default 5)")
      ->check(CLI::Range(int64_t(1), int64_t(10000)));
  bench->add_flag("--json", o.json, "print JSON");
  addSampling(*bench, o);
  addMachine(*bench, o);
}

void addFile(CLI::App &app, Options &o) {
  auto *inspect = addCommand(app, o, Command::kInspect, "inspect",
                             "what is inside: model, target, tensors, sources");
  inspect->add_flag("--json", o.json, "print JSON");
  addCommand(app, o, Command::kVerify, "verify", "check the embedded weights against their sum");
}

} // namespace

Result<Parsed> parseOptions(const std::string &program, std::vector<std::string> arguments) {
  Parsed parsed;
  CLI::App app("An assistant in one file: the model is inside.", program);
  app.set_version_flag("--version", std::string("osscc runtime " OSSCC_VERSION));
  addAnswer(app, parsed.options);
  addText(app, parsed.options);
  addNumbers(app, parsed.options);
  addFile(app, parsed.options);
  app.require_subcommand(0, 1);
  try {
    std::ranges::reverse(arguments); // CLI11 takes them from the back
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp &) {
    parsed.help = app.help();
  } catch (const CLI::CallForAllHelp &) {
    parsed.help = app.help();
  } catch (const CLI::CallForVersion &version) {
    parsed.help = std::string(version.what()) + "\n";
  } catch (const CLI::ParseError &error) {
    std::string message = error.what();
    while (message.ends_with('\n') || message.ends_with('.'))
      message.pop_back();
    return fail(
        Code::kUsage, message,
        fmt::format("a prompt of several words needs quotes; all options: {} --help", program));
  }
  if (parsed.options.command != Command::kAnswer && parsed.options.prompt)
    return fail(Code::kUsage, "a prompt and a subcommand are both given",
                "put '--' before a prompt that is also a subcommand's name");
  return parsed;
}

} // namespace osscc::rt::cli
