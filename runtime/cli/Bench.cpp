#include "runtime/cli/Bench.h"

#include "runtime/base/File.h"
#include "runtime/chat/Conversation.h"
#include "runtime/cli/Commands.h"
#include "runtime/cli/Signals.h"
#include "runtime/model/Session.h"
#include "runtime/sample/Sampler.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

namespace osscc::rt::cli {
namespace {

double seconds(const std::chrono::steady_clock::time_point &since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

/// Adds up a block, a cache line at a time, so that every byte is loaded and the loads do not wait
/// for one another. Four streams side by side: of one, some cores cannot have enough lines under
/// way to fill the bus.
uint64_t readBlock(const std::byte *begin, size_t bytes) {
  constexpr size_t kLine = 64, kStreams = 4;
  uint64_t sums[kLine / 8] = {};
  auto addLine = [&](const std::byte *from) {
    uint64_t line[kLine / 8];
    std::memcpy(line, from, kLine);
    for (size_t j = 0; j < kLine / 8; ++j)
      sums[j] += line[j];
  };
  size_t run = bytes / kStreams / kLine * kLine;
  for (size_t i = 0; i < run; i += kLine)
    for (size_t stream = 0; stream < kStreams; ++stream)
      addLine(begin + stream * run + i);
  for (size_t i = kStreams * run; i + kLine <= bytes; i += kLine)
    addLine(begin + i);
  uint64_t sum = 0;
  for (uint64_t s : sums)
    sum += s;
  return sum;
}

struct Decoded {
  double seconds = 0, sampling = 0; ///< of all, and of that for draws
};

/// Decodes `answer` tokens after what each of the first sequences holds; `logits` has a row for
/// each of them. What `sampler` draws is not fed: the same tokens are computed with it or without.
Result<Decoded> decode(Session &session, std::span<const int32_t> answer, std::span<float> logits,
                       Sampler *sampler) {
  std::vector<Row> rows(logits.size() / session.vocabulary());
  Decoded result;
  auto start = std::chrono::steady_clock::now();
  for (int32_t token : answer) {
    for (size_t s = 0; s < rows.size(); ++s)
      rows[s] = {token, int64_t(s), /*output=*/true};
    OSSCC_RETURN_IF_ERROR(session.feed(rows, logits));
    auto drawing = std::chrono::steady_clock::now();
    for (size_t s = 0; sampler && s < rows.size(); ++s)
      OSSCC_RETURN_IF_ERROR(
          sampler->sample(logits.subspan(s * session.vocabulary(), session.vocabulary()),
                          session.tokens(int64_t(s))));
    result.sampling += seconds(drawing);
  }
  result.seconds = seconds(start);
  return result;
}

/// Lets the sequence hold `text`, of which its first `held` tokens are.
Status fill(Session &session, int64_t sequence, std::span<const int32_t> text, int64_t held) {
  return session.append(sequence, text.subspan(size_t(session.rewind(sequence, held))), {});
}

/// What each sequence holds before it decodes: `past`, but where no depth is given the first its
/// prompt.
using Pasts = std::vector<std::span<const int32_t>>;

/// Lets each sequence hold its past; the first holds `prompt`.
Status fillPasts(Session &session, const Pasts &pasts, std::span<const int32_t> prompt) {
  for (size_t s = 0; s < pasts.size(); ++s) {
    bool holds = s == 0 && pasts[s].data() == prompt.data();
    OSSCC_RETURN_IF_ERROR(fill(session, int64_t(s), pasts[s], holds ? int64_t(prompt.size()) : 0));
  }
  return {};
}

/// What a row reads of a whole weight: of a stack of experts those that are chosen for it.
double sharePerRow(const bundle::Bundle &index, const bundle::Weight &weight) {
  const auto *shape = weight.shape();
  bool isStack = shape && shape->size() == 3 && shape->Get(0) > 0;
  return isStack ? double(index.model()->experts_chosen()) / double(shape->Get(0)) : 1;
}

/// Bytes of weights that one decoded token reads: all of them, but of an embedding table that is
/// not also the head one row, which is nothing beside the rest.
int64_t weightBytesPerToken(const bundle::Bundle &index, const Model &model) {
  int64_t tables = 0,
          table = 0; // weights with a row for each token of the vocabulary: embedding, head
  double unread = 0;
  for (const bundle::Weight *w : *index.weights()) {
    unread += (1 - sharePerRow(index, *w)) * double(w->bytes());
    if (w->shape() && w->shape()->size() == 2 && w->shape()->Get(0) == model.abi().vocabulary) {
      ++tables;
      table = int64_t(w->bytes());
    }
  }
  return model.weightBytes() - int64_t(unread) - (tables == 2 ? table : 0);
}

/// Weights that each row of a prompt is multiplied with: all matrices but tables of tokens.
int64_t matrixParameters(const bundle::Bundle &index, const OssccModel &abi) {
  double sum = 0;
  for (const bundle::Weight *w : *index.weights())
    if (w->shape() && w->shape()->size() > 1 && w->shape()->Get(0) != abi.vocabulary)
      sum += sharePerRow(index, *w) * double(w->parameters());
  return int64_t(sum);
}

/// The sampling that answers would have, but with a temperature also where the model's makers want
/// none, and the same seed each time.
Result<SamplerOptions> chooseSampling(const Assistant &assistant) {
  auto generation = chooseGeneration(assistant.options, *assistant.bundle.index().generation());
  if (!generation)
    return std::unexpected(std::move(generation).error());
  SamplerOptions sampler = generation->sampler;
  if (!assistant.options.temperature && sampler.temperature == 0)
    sampler.temperature = 1;
  sampler.seed = assistant.options.seed.value_or(0);
  return sampler;
}

/// What was not asked for shrinks to fit a small context.
BenchOptions chooseLengths(const Options &o, int64_t context) {
  BenchOptions bench{
      .depth = o.benchDepth, .sequences = o.benchSequences, .repetitions = o.repetitions};
  bench.prompt = o.benchPrompt.value_or(std::max<int64_t>(1, std::min(bench.prompt, context / 2)));
  bench.answer =
      o.benchTokens.value_or(std::max<int64_t>(1, std::min(bench.answer, context - bench.prompt)));
  return bench;
}

/// What the command prints: JSON, or four lines.
std::string report(const Assistant &assistant, const Machine &machine, const BenchOptions &options,
                   const BenchResult &result, double startMilliseconds) {
  double weightBytes = double(weightBytesPerToken(assistant.bundle.index(), *machine.model));
  // Sequences that decode together read the weights once.
  double decodeBytes = weightBytes * result.decodeTokensPerSecond / double(options.sequences);
  const OssccModel &abi = machine.model->abi();
  const SamplerOptions &sampler = options.sampler;
  std::string model(assistant.bundle.index().model()->name()->c_str());
  if (assistant.options.json)
    return boost::json::serialize(boost::json::object{
               {"model", model},
               {"target", abi.target},
               {"threads", machine.pool->workers()},
               {"device", machine.device ? boost::json::value(machine.device->name()) : nullptr},
               {"start_ms", startMilliseconds},
               {"prompt_tokens", options.prompt},
               {"decode_tokens", options.answer},
               {"sequences", options.sequences},
               {"repetitions", options.repetitions},
               {"prefill_tokens_per_s", result.prefillTokensPerSecond},
               {"decode_tokens_per_s", result.decodeTokensPerSecond},
               {"sampled_decode_tokens_per_s", result.sampledTokensPerSecond},
               {"sampling_ms", 1e3 * result.samplingSeconds},
               {"temperature", sampler.temperature},
               {"top_k", sampler.topK},
               {"top_p", sampler.topP},
               {"min_p", sampler.minP},
               {"repeat_penalty", sampler.repetitionPenalty},
               {"decode_weight_bytes_per_s", decodeBytes},
               {"stream_bytes_per_s", result.streamBytesPerSecond},
               {"matrix_parameters", matrixParameters(assistant.bundle.index(), abi)}}) +
           "\n";
  std::string share;
  if (result.streamBytesPerSecond > 0)
    share = fmt::format(
        ", {:.0f} % of the {:.2f} GB/s of {}", 100 * decodeBytes / result.streamBytesPerSecond,
        result.streamBytesPerSecond / 1e9, machine.device ? "its memory" : "a plain read");
  return fmt::format(
      "{} on {}, {}, ready in {:.1f} ms\n"
      "prefill {:.1f} tokens/s ({} tokens), decode {:.1f} tokens/s ({} tokens), medians of {}\n"
      "decode with a draw at temperature {:g}: {:.1f} tokens/s, {:.3f} ms a draw\n"
      "decode reads {:.2f} GB/s of weights{}\n",
      model, abi.target, machine.description(), startMilliseconds, result.prefillTokensPerSecond,
      options.prompt, result.decodeTokensPerSecond, options.answer, options.repetitions,
      sampler.temperature, result.sampledTokensPerSecond, 1e3 * result.samplingSeconds,
      decodeBytes / 1e9, share);
}

} // namespace

double median(std::vector<double> values) {
  std::ranges::sort(values);
  size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double streamBandwidth(ThreadPool &pool, std::span<const std::byte> bytes) {
  constexpr size_t kBlock = size_t(4) << 20;
  std::atomic<size_t> next = 0;
  std::atomic<uint64_t> sum = 0; // read by nobody, but the compiler cannot know
  auto start = std::chrono::steady_clock::now();
  pool.forEachWorker([&](int64_t) {
    uint64_t mine = 0;
    for (size_t i = next.fetch_add(kBlock); i < bytes.size(); i = next.fetch_add(kBlock))
      mine += readBlock(bytes.data() + i, std::min(kBlock, bytes.size() - i));
    sum += mine;
  });
  return double(bytes.size()) / seconds(start);
}

Result<BenchResult> bench(Session &session, ThreadPool &pool, std::span<const std::byte> weights,
                          const BenchOptions &options) {
  int64_t depth = options.depth.value_or(options.prompt);
  if (std::max(options.prompt, depth + options.answer) > session.context())
    return fail(Code::kInvalidArgument,
                fmt::format("{} + {} tokens do not fit in the context of {}",
                            std::max(options.prompt, depth), options.answer, session.context()),
                "give a smaller -p, -n or --depth");
  Random random(0);
  auto draw = [&](int64_t count) {
    std::vector<int32_t> tokens(count);
    for (int32_t &token : tokens)
      token = int32_t(random.next() % uint64_t(session.vocabulary()));
    return tokens;
  };
  std::vector<int32_t> prompt = draw(options.prompt), answer = draw(options.answer),
                       past = draw(depth);
  Pasts pasts(size_t(options.sequences), past);
  if (!options.depth)
    pasts[0] = prompt;
  std::vector<float> logits(session.vocabulary() * options.sequences);
  std::span<float> one = std::span(logits).first(session.vocabulary());
  std::vector<double> prefill, decoded, sampled, sampling, stream;
  Sampler sampler(options.sampler);
  auto tokens = double(options.answer * options.sequences);
  for (int64_t r = -1; r < options.repetitions; ++r) {
    OSSCC_RETURN_IF_ERROR(fill(session, 0, {}, 0));
    auto start = std::chrono::steady_clock::now();
    OSSCC_RETURN_IF_ERROR(session.append(0, prompt, one));
    double prefillSeconds = seconds(start);
    OSSCC_RETURN_IF_ERROR(fillPasts(session, pasts, prompt));
    auto greedy = decode(session, answer, logits, nullptr);
    if (!greedy)
      return std::unexpected(std::move(greedy).error());
    for (size_t s = 0; s < pasts.size(); ++s)
      OSSCC_RETURN_IF_ERROR(fill(session, int64_t(s), pasts[s], depth));
    auto drawn = decode(session, answer, logits, &sampler);
    if (!drawn)
      return std::unexpected(std::move(drawn).error());
    double bandwidth = options.bandwidth ? *options.bandwidth : streamBandwidth(pool, weights);
    if (r < 0) // brings the weights into memory
      continue;
    prefill.push_back(double(options.prompt) / prefillSeconds);
    decoded.push_back(tokens / greedy->seconds);
    sampled.push_back(tokens / drawn->seconds);
    sampling.push_back(drawn->sampling / tokens);
    stream.push_back(bandwidth);
  }
  return BenchResult{.prefillTokensPerSecond = median(prefill),
                     .decodeTokensPerSecond = median(decoded),
                     .sampledTokensPerSecond = median(sampled),
                     .samplingSeconds = median(sampling),
                     .streamBytesPerSecond = median(stream)};
}

Status runBench(const Assistant &assistant) {
  auto sampler = chooseSampling(assistant);
  if (!sampler)
    return std::unexpected(std::move(sampler).error());
  auto machine = assistant.machine();
  if (!machine)
    return std::unexpected(std::move(machine).error());
  auto session = Session::create(*machine->model, machine->runner(),
                                 {.context = assistant.options.context, .cancel = interruptFlag()});
  if (!session)
    return std::unexpected(std::move(session).error());
  if (machine->device)
    OSSCC_RETURN_IF_ERROR(machine->device->waitForWeights());
  double startMilliseconds = assistant.clock.milliseconds();
  catchInterrupt();
  BenchOptions options = chooseLengths(assistant.options, session->context());
  options.sampler = *sampler;
  if (machine->device)
    options.bandwidth = machine->device->memoryBandwidth().value_or(0);
  for (int64_t s = 0; s < options.sequences; ++s)
    session->addSequence();
  auto result = bench(*session, *machine->pool, assistant.bundle.weights(), options);
  if (!result)
    return std::unexpected(std::move(result).error());

  return writeOutput(report(assistant, *machine, options, *result, startMilliseconds));
}

} // namespace osscc::rt::cli
