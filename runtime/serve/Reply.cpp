#include "runtime/serve/Reply.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unistd.h>

namespace osscc::rt::serve {

std::string serverEvent(const boost::json::object &data, std::string_view name) {
  std::string json = boost::json::serialize(data);
  return name.empty() ? fmt::format("data: {}\n\n", json)
                      : fmt::format("event: {}\ndata: {}\n\n", name, json);
}

std::string errorEvent(const ApiError &error) {
  return serverEvent(toJson(error));
}

std::string freshId(std::string_view prefix) {
  std::array<uint8_t, 12> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0)
    throw ApiError{
        .status = 500, .message = "the system gives no random numbers", .param = "", .code = ""};
  std::string id(prefix);
  for (uint8_t byte : bytes)
    id += fmt::format("{:02x}", byte);
  return id;
}

void UsageSum::add(size_t index, const Ending &ending) {
  if (int64_t(index) % each == 0) {
    sum.promptTokens += ending.promptTokens;
    sum.cachedTokens += ending.cachedTokens;
  }
  sum.answerTokens += ending.answerTokens;
  sum.reasoningTokens += ending.reasoningTokens;
}

boost::json::object UsageSum::json() const {
  return {{"prompt_tokens", sum.promptTokens},
          {"completion_tokens", sum.answerTokens},
          {"total_tokens", sum.promptTokens + sum.answerTokens},
          {"prompt_tokens_details", {{"cached_tokens", sum.cachedTokens}}},
          {"completion_tokens_details", {{"reasoning_tokens", sum.reasoningTokens}}}};
}

boost::json::object UsageSum::responsesJson() const {
  return {{"input_tokens", sum.promptTokens},
          {"input_tokens_details", {{"cached_tokens", sum.cachedTokens}}},
          {"output_tokens", sum.answerTokens},
          {"output_tokens_details", {{"reasoning_tokens", sum.reasoningTokens}}},
          {"total_tokens", sum.promptTokens + sum.answerTokens}};
}

} // namespace osscc::rt::serve
