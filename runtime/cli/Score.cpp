#include "runtime/cli/Score.h"

#include "runtime/base/Say.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Npy.h"
#include "runtime/cli/Signals.h"
#include "runtime/model/Session.h"
#include "runtime/sample/LogSoftmax.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <optional>

namespace osscc::rt::cli {
namespace {

/// Logits of one call at most; a wide vocabulary then gets fewer rows.
constexpr int64_t kMaxLogitBytes = int64_t(64) << 20;

std::string number(double x) {
  return std::isfinite(x) ? fmt::format("{}", x) : "null";
}

/// The lines of `rows` distributions, made by all workers; row i is followed by next[i] (or -1).
std::string scoreRows(ThreadPool &pool, std::span<const float> logits, int64_t vocabulary,
                      std::span<const int32_t> next, int64_t top, double *logprob) {
  std::vector<std::string> lines(next.size());
  std::vector<double> logprobs(next.size());
  std::atomic<size_t> taken = 0;
  pool.forEachWorker([&](int64_t) {
    for (size_t i = taken++; i < next.size(); i = taken++)
      lines[i] = scoreLine(logits.subspan(i * vocabulary, vocabulary), next[i], top, &logprobs[i]);
  });
  std::string text;
  for (const std::string &line : lines)
    text += line;
  for (double x : logprobs) // in the order of the text: the sum is the same whatever the threads
    *logprob += x;
  return text;
}

Status checkLength(const Session &session, std::span<const int32_t> tokens) {
  if (tokens.empty())
    return fail(Code::kInvalidArgument, "score: the text has no tokens", "give a text to score");
  if (int64_t(tokens.size()) > session.context())
    return fail(
        Code::kInvalidArgument,
        fmt::format("{} tokens do not fit in the context of {}", tokens.size(), session.context()),
        "score a shorter text, or give a larger --context if the model has one");
  return session.checkRoom(0, int64_t(tokens.size()));
}

Result<std::vector<int32_t>> readTokens(const Assistant &assistant, int64_t vocabulary) {
  const Options &options = assistant.options;
  auto text = readAll(options.input, assistant.limitByContext());
  if (!text)
    return std::unexpected(std::move(text).error());
  if (options.ids)
    return parseIds(*text, options.input == "-" ? "standard input" : options.input, vocabulary);
  auto tokenizer = assistant.tokenizer();
  if (!tokenizer)
    return std::unexpected(std::move(tokenizer).error());
  return tokenizer->encode(*text, SpecialTokens::kMatch);
}

} // namespace

std::string scoreLine(std::span<const float> logits, int32_t next, int64_t top, double *logprob) {
  double all = logSumExp(logits);
  std::string line = "{\"token\":null,\"logprob\":null,\"top\":[";
  if (next >= 0) {
    *logprob += logits[next] - all;
    line = fmt::format("{{\"token\":{},\"logprob\":{},\"top\":[", next, number(logits[next] - all));
  }
  const char *comma = "";
  for (int32_t id : largest(logits, top)) {
    line += fmt::format("{}[{},{}]", comma, id, number(logits[id] - all));
    comma = ",";
  }
  return line + "]}\n";
}

Result<double> score(Session &session, ThreadPool &pool, std::span<const int32_t> tokens,
                     const ScoreOptions &options,
                     const std::function<Status(std::string_view)> &emit) {
  OSSCC_RETURN_IF_ERROR(checkLength(session, tokens));
  int64_t vocabulary = session.vocabulary(), n = int64_t(tokens.size());
  std::optional<NpyWriter> npy;
  if (!options.logitsFile.empty()) {
    auto writer = NpyWriter::create(options.logitsFile, n, vocabulary);
    if (!writer)
      return std::unexpected(std::move(writer).error());
    npy = std::move(*writer);
  }
  int64_t rowsThatFit = std::max<int64_t>(1, kMaxLogitBytes / 4 / vocabulary);
  std::vector<float> logits;
  double logprob = 0;
  for (int64_t begin = 0; begin < n;) {
    int64_t rows = std::min({session.rowsPerCall(), rowsThatFit, n - begin});
    std::vector<Row> chunk;
    std::vector<int32_t> next;
    for (int64_t i = begin; i < begin + rows; ++i) {
      chunk.push_back({tokens[i], 0, true});
      next.push_back(i + 1 < n ? tokens[i + 1] : -1);
    }
    logits.resize(rows * vocabulary);
    OSSCC_RETURN_IF_ERROR(session.feed(chunk, logits));
    if (npy)
      OSSCC_RETURN_IF_ERROR(npy->append(logits));
    OSSCC_RETURN_IF_ERROR(emit(scoreRows(pool, logits, vocabulary, next, options.top, &logprob)));
    begin += rows;
  }
  if (npy)
    OSSCC_RETURN_IF_ERROR(npy->close());
  return n > 1 ? std::exp(-logprob / double(n - 1)) : 0;
}

Status runScore(const Assistant &assistant) {
  auto machine = assistant.machine();
  if (!machine)
    return std::unexpected(std::move(machine).error());
  auto tokens = readTokens(assistant, machine->model->abi().vocabulary);
  if (!tokens)
    return std::unexpected(std::move(tokens).error());
  auto session = Session::create(*machine->model, machine->runner(),
                                 {.context = assistant.options.context,
                                  .rowsPerCall = assistant.options.chunk,
                                  .cancel = interruptFlag()});
  if (!session)
    return std::unexpected(std::move(session).error());
  session->addSequence();
  catchInterrupt();
  auto perplexity = score(*session, *machine->pool, *tokens,
                          {assistant.options.top, assistant.options.logitsFile}, writeOutput);
  if (!perplexity)
    return std::unexpected(std::move(perplexity).error());
  if (tokens->size() > 1)
    say("perplexity {:.6f} over {} tokens\n", *perplexity, tokens->size() - 1);
  return {};
}

} // namespace osscc::rt::cli
