#include "runtime/serve/Settings.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <unistd.h>

namespace osscc::rt::serve {
namespace {

constexpr int64_t kMostAnswers = 16;
constexpr size_t kMostStops = 16, kLongestStop = 4096, kMostBiases = 4096;
constexpr int64_t kMostTokens = int64_t(1) << 40;
constexpr double kHottest = 100; // OpenAI's own bound is 2

uint64_t drawSeed() {
  uint64_t seed = 0;
  if (getentropy(&seed, sizeof seed) != 0)
    throw ApiError{
        .status = 500, .message = "the system gives no random numbers", .param = "", .code = ""};
  return seed;
}

std::vector<std::string> readStops(const Fields &request) {
  const Value *given = request.find("stop");
  if (!given)
    return {};
  std::vector<std::string> stops;
  auto add = [&](const Value &value, const std::string &path) {
    const Text *text = asText(value);
    if (!text || text->view().empty() || text->view().size() > kLongestStop)
      throw wrongField(path, fmt::format("a text of 1 to {} bytes", kLongestStop), describe(value));
    stops.emplace_back(text->view());
  };
  if (!asList(*given)) {
    add(*given, request.pathOf("stop"));
    return stops;
  }
  for (const Value &item : *request.list("stop", kMostStops))
    add(item, itemPath(request.pathOf("stop"), stops.size()));
  return stops;
}

/// {"id": bias}.
std::vector<std::pair<int32_t, float>> readBias(const Fields &request, int64_t vocabulary) {
  constexpr double kMost = 1000;
  std::optional<Fields> given = request.object("logit_bias");
  if (!given)
    return {};
  std::vector<std::pair<int32_t, float>> bias;
  if (given->entries().size() > kMostBiases)
    throw wrongField("logit_bias", fmt::format("at most {} ids", kMostBiases),
                     fmt::format("{}", given->entries().size()));
  for (const auto &[key, value] : given->entries()) {
    std::string_view name = asText(key)->view();
    int32_t id = 0;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size() || id < 0 || id >= vocabulary)
      throw wrongField("logit_bias", fmt::format("token ids from 0 to {}", vocabulary - 1),
                       describe(key));
    bias.emplace_back(id, float(given->number(name, -kMost, kMost).value_or(0)));
  }
  return bias;
}

} // namespace

uint64_t Settings::seedOf(size_t index) const {
  return hasSeed ? sampler.seed + index : drawSeed();
}

Settings readSettings(const Fields &request, const Served &served) {
  Settings out{.sampler = served.defaults.sampler};
  SamplerOptions &sampler = out.sampler;
  sampler.temperature = request.number("temperature", 0, kHottest).value_or(sampler.temperature);
  double topP = request.number("top_p", 0, 1).value_or(sampler.topP);
  sampler.topP = topP > 0 ? topP : std::nextafter(0.0, 1.0); // 0: the most likely token alone
  if (request.has("top_k"))                                  // -1 stands for all in other servers
    sampler.topK = std::max<int64_t>(*request.integer("top_k", -1, kMostTokens), 0);
  sampler.minP = request.number("min_p", 0, 1).value_or(sampler.minP);
  sampler.repetitionPenalty =
      request.number("repetition_penalty", 0.01, kHottest).value_or(sampler.repetitionPenalty);
  out.edits.presence = request.number("presence_penalty", -2, 2).value_or(0);
  out.edits.frequency = request.number("frequency_penalty", -2, 2).value_or(0);
  out.edits.bias = readBias(request, served.vocabulary);
  if (auto seed = request.integer("seed", INT64_MIN, INT64_MAX)) {
    sampler.seed = uint64_t(*seed);
    out.hasSeed = true;
  }
  out.stops = readStops(request);
  out.answers = request.integer("n", 1, kMostAnswers).value_or(1);
  out.streams = request.flag("stream").value_or(false);
  if (auto options = request.object("stream_options"))
    out.tellsUsage = options->flag("include_usage").value_or(false);
  return out;
}

std::optional<int64_t> readMaxTokens(const Fields &request,
                                     std::initializer_list<std::string_view> names, int64_t least) {
  for (std::string_view name : names)
    if (auto tokens = request.integer(name, least, kMostTokens))
      return tokens;
  return std::nullopt;
}

} // namespace osscc::rt::serve
