// The grammar of the command line. CLI11 throws; nothing of that leaves this file.
//
// CLI11 takes an empty value for none and the next argument in its place, reads numbers in C's
// bases and wraps those that do not fit. So values come to it apart from their names
// (Arguments.cpp), as texts, and are read here.
#include "runtime/cli/Options.h"

#include "runtime/cli/Arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

namespace osscc::rt::cli {
namespace {

constexpr int64_t kMost = int64_t(1) << 40; // of any count; a bound that no addition can overflow

template <class T> struct Bounds {
  T least = std::numeric_limits<T>::lowest(), most = std::numeric_limits<T>::max();
};

/// An option that is a decimal number.
/// \param value  a T, or an optional one.
template <class T, class Value>
void addNumber(CLI::App &app, const std::string &name, Value &value, const Bounds<T> &bounds,
               const std::string &help) {
  app.add_option_function<std::string>(
         name,
         [=, &value, spelled = name.substr(name.rfind(',') + 1)](const std::string &text) {
           T number{};
           auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
           bool isNumber = error == std::errc() && end == text.data() + text.size();
           if constexpr (std::is_floating_point_v<T>) {
             if (!isNumber || !std::isfinite(number))
               throw CLI::ValidationError(spelled,
                                          fmt::format("expected a number, found '{}'", text));
           } else if (!isNumber || number < bounds.least || number > bounds.most) {
             throw CLI::ValidationError(
                 spelled, fmt::format("expected a whole number from {} to {}, found '{}'",
                                      bounds.least, bounds.most, text));
           }
           value = number;
         },
         help)
      ->type_name(std::is_floating_point_v<T> ? "X" : "N");
}

/// An option that is a text.
/// \param wanted  what an empty one lacks; none: it may be empty.
CLI::Option *addText(CLI::App &app, const std::string &name,
                     const std::function<void(const std::string &)> &take, const std::string &help,
                     const std::string &wanted = {}) {
  auto check = [=, spelled = name.substr(name.rfind(',') + 1)](const std::string &text) {
    if (text.empty() && !wanted.empty())
      throw CLI::ValidationError(spelled, fmt::format("expected {}, found nothing", wanted));
    take(text);
  };
  return app.add_option_function<std::string>(name, check, help)->type_name("TEXT");
}

/// The function that keeps a text.
auto keep(auto &value) {
  return [&value](const std::string &text) { value = text; };
}

void addDate(CLI::App &app, Options &o) {
  addText(app, "--date", keep(o.date),
          "the day that the chat template prints, like 2024-07-26 (default: today, or what "
          "SOURCE_DATE_EPOCH says)",
          "a day like 2024-07-26");
}

void addReasoning(CLI::App &app, Options &o) {
  app.add_option("--reasoning", o.reasoning,
                 "how much to think before the answer (default: as the model's template has it)")
      ->check(CLI::IsMember({"off", "on", "low", "medium", "high"}));
}

/// "cpu", "cuda" or "cuda:N".
DeviceChoice readDevice(const std::string &text) {
  constexpr std::string_view kCard = "cuda:";
  using Kind = DeviceChoice::Kind;
  if (text == "cpu")
    return {Kind::kCpu};
  if (text == "cuda")
    return {Kind::kCuda};
  DeviceChoice choice{Kind::kCuda};
  const char *end = text.data() + text.size();
  if (text.starts_with(kCard) && text.size() > kCard.size() && text.size() < 2 * kCard.size()) {
    auto [stop, error] = std::from_chars(text.data() + kCard.size(), end, choice.number);
    if (error == std::errc() && stop == end && choice.number >= 0)
      return choice;
  }
  throw CLI::ValidationError("--device",
                             fmt::format("expected cpu, cuda or cuda:N, found '{}'", text));
}

void addMachine(CLI::App &app, Options &o) {
  addText(
      app, "--device", [&o](const std::string &text) { o.device = readDevice(text); },
      "what answers: cpu, cuda or cuda:N (default: the best that is here and in this file)",
      "a device");
  addNumber<int64_t>(app, "-t,--threads", o.threads, {1, 1024},
                     "threads (default: one for each CPU it may use)");
  addNumber<int64_t>(app, "-c,--context", o.context, {1, kMost},
                     "tokens of context (default: the model's own)");
}

void addSampling(CLI::App &app, Options &o) {
  addNumber<double>(app, "--temperature", o.temperature, {}, "0: always the most likely token");
  addNumber<int64_t>(app, "--top-k", o.topK, {0, kMost},
                     "choose among the k most likely tokens (0: all)");
  addNumber<double>(app, "--top-p", o.topP, {},
                    "choose among the fewest tokens that reach this probability");
  addNumber<double>(app, "--min-p", o.minP, {},
                    "drop tokens below this share of the most likely one's probability");
  addNumber<double>(app, "--repeat-penalty", o.repetitionPenalty, {},
                    "above 1: avoid tokens that were used before");
  addNumber<uint64_t>(app, "--seed", o.seed, {}, "the same seed gives the same text");
}

void addAnswer(CLI::App &app, Options &o) {
  auto *prompt = addText(app, "prompt", keep(o.prompt),
                         "the question; without one: chat, or the text on standard input");
  addText(app, "-p,--prompt", keep(o.prompt), "the same as an option")->excludes(prompt);
  addText(app, "-f,--file", keep(o.promptFile),
          "read the question from a file ('-': standard input), or the text before it", "a file");
  addText(app, "--system", keep(o.system), "system message (empty: none)");
  app.add_flag("--raw", o.raw, "continue the text as it is, without the chat template");
  addReasoning(app, o);
  addNumber<int64_t>(app, "--reasoning-budget", o.reasoningBudget, {0, kMost},
                     "tokens to think at most, then it has to answer");
  app.add_flag("--hide-reasoning", o.hideReasoning, "do not show what the model thinks");
  addNumber<int64_t>(app, "-n,--max-tokens", o.maxTokens, {0, kMost},
                     "longest answer (default: until the context is full)");
  addSampling(app, o);
  addText(
      app, "--stop", [&o](const std::string &text) { o.stops.push_back(text); },
      "end the answer before this text (may be repeated)", "a text")
      ->trigger_on_parse();
  addText(app, "--json-schema", keep(o.jsonSchema),
          "hold the answer to the JSON Schema in this file", "a file");
  app.add_flag("--json", o.json,
               "print one JSON object: the answer, the thoughts, why it ended, and the tokens");
  addDate(app, o);
  addMachine(app, o);
}

CLI::App *addCommand(CLI::App &app, Options &o, Command command, const char *name,
                     const char *help) {
  auto *sub = app.add_subcommand(name, help);
  sub->callback([&o, command] { o.command = command; });
  return sub;
}

void addTokens(CLI::App &app, Options &o) {
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
  addReasoning(*render, o);
  addDate(*render, o);
  auto *parse = addCommand(app, o, Command::kParse, "parse",
                           "token ids of an answer to its message, as JSON");
  parse->add_option("file", o.input, "a JSON array of ids ('-' or none: standard input)");
}

void addNumbers(CLI::App &app, Options &o) {
  auto *score = addCommand(app, o, Command::kScore, "score",
                           "log-probability of every token of a text, as JSON lines");
  score->add_option("file", o.input, "the text ('-' or none: standard input)");
  score->add_flag("--ids", o.ids, "the file is a JSON array of token ids");
  addNumber<int64_t>(*score, "--top", o.top, {0, kMost},
                     "how many of the most likely tokens to list (default 1)");
  addText(*score, "--logits", keep(o.logitsFile),
          "write all logits to this .npy file, float32 [n, vocabulary]", "a file");
  addNumber<int64_t>(*score, "--chunk", o.chunk, {1, kMost}, "rows a call; changes no number");
  addMachine(*score, o);
  auto *bench = addCommand(app, o, Command::kBench, "bench",
                           "tokens a second, and bytes of weights a second");
  addNumber<int64_t>(*bench, "-p", o.benchPrompt, {1, kMost}, "tokens of the prompt (default 512)");
  addNumber<int64_t>(*bench, "-n", o.benchTokens, {1, kMost}, "tokens of the answer (default 128)");
  addNumber<int64_t>(*bench, "--depth", o.benchDepth, {0, kMost},
                     "tokens of context before the answer (default: the prompt)");
  addNumber<int64_t>(*bench, "--sequences", o.benchSequences, {1, 64},
                     "sequences that decode together (default 1)");
  addNumber<int64_t>(*bench, "-r", o.repetitions, {1, 10000}, "repetitions (default 5)");
  bench->add_flag("--json", o.json, "print JSON");
  addSampling(*bench, o);
  addMachine(*bench, o);
}

void addServer(CLI::App &app, Options &o) {
  constexpr int64_t kPorts = 65535, kDay = 86400;
  auto *serve = addCommand(app, o, Command::kServe, "serve", "answer over OpenAI's HTTP API");
  addText(*serve, "--host", keep(o.host),
          "numeric address to listen at (default 127.0.0.1; another needs --api-key-file)",
          "an address");
  addNumber<int64_t>(*serve, "--port", o.port, {0, kPorts},
                     "port (default 8080; 0: one that is free)");
  addText(*serve, "--api-key-file", keep(o.apiKeyFile), "keys of clients, one a line", "a file");
  addText(
      *serve, "--allow-origin", [&o](const std::string &text) { o.origins.push_back(text); },
      "a web page's origin that may ask (may be repeated; '*': any)", "an origin")
      ->trigger_on_parse();
  addNumber<int64_t>(*serve, "--parallel", o.parallel, {1, 64},
                     "answers that are drawn at a time (default 4)");
  addNumber<int64_t>(*serve, "--queue", o.queue, {1, 4096}, "answers that wait (default 64)");
  addNumber<int64_t>(*serve, "--cache-memory", o.cacheMemory, {0, kMost >> 20},
                     "MiB of finished conversations to keep (default: what is available)");
  addNumber<int64_t>(*serve, "--grace", o.grace, {0, kDay},
                     "seconds for answers to end at SIGTERM (default 8)");
  addText(*serve, "--system", keep(o.system), "system message of requests that have none");
  addReasoning(*serve, o);
  addNumber<int64_t>(*serve, "--reasoning-budget", o.reasoningBudget, {0, kMost},
                     "tokens to think at most, where a request says nothing");
  addSampling(*serve, o);
  addDate(*serve, o);
  addMachine(*serve, o);
}

void addFile(CLI::App &app, Options &o) {
  auto *inspect = addCommand(app, o, Command::kInspect, "inspect",
                             "what is inside: model, target, tensors, sources");
  inspect->add_flag("--json", o.json, "print JSON");
  auto *card = addCommand(app, o, Command::kCard, "card",
                          "the model card: what it is, needs and was made from, as Markdown");
  card->add_flag("--json", o.json, "print JSON");
  addCommand(app, o, Command::kLicenses, "licenses", "the licence of the weights, with its text");
  addCommand(app, o, Command::kVerify, "verify", "check the embedded weights against their sum");
}

} // namespace

Result<Parsed> parseOptions(const std::string &program, std::vector<std::string> arguments) {
  Parsed parsed;
  CLI::App app("An assistant in one file: the model is inside.", program);
  app.set_version_flag("--version", std::string("osscc runtime " OSSCC_VERSION));
  addAnswer(app, parsed.options);
  addTokens(app, parsed.options);
  addNumbers(app, parsed.options);
  addServer(app, parsed.options);
  addFile(app, parsed.options);
  app.require_subcommand(0, 1);
  auto separated = separateValues(app, arguments);
  if (!separated)
    return std::unexpected(std::move(separated).error());
  arguments = std::move(*separated);
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
    return usageError(
        message,
        fmt::format("a prompt of several words needs quotes; all options: {} --help", program));
  }
  if (parsed.options.command != Command::kAnswer && parsed.options.prompt)
    return usageError("a prompt and a subcommand are both given",
                      "put '--' before a prompt that is also a subcommand's name");
  return parsed;
}

} // namespace osscc::rt::cli
