#include "runtime/chat/PromptProgress.h"

#include "runtime/base/Say.h"

#include <algorithm>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

/// Fewer are read before a person wonders.
constexpr int64_t kMany = 1024;
/// Tokens between two words of it.
constexpr int64_t kStep = 512;
/// Left to who draws the answer, and to what is kept of a state before the prompt's end.
constexpr int64_t kLeft = 16;

} // namespace

Result<std::optional<int64_t>> readPrompt(Session &session, std::span<const int32_t> prompt) {
  auto size = int64_t(prompt.size());
  auto held = session.tokens(0);
  auto same = std::ranges::mismatch(prompt, held).in1 - prompt.begin();
  int64_t length = std::min<int64_t>(same, size - kLeft);
  bool isLong = size - session.resumable(0, std::max<int64_t>(length, 0)) >= kMany;
  if (!isLong || !isatty(STDERR_FILENO))
    return std::nullopt;
  int64_t reused = session.rewind(0, length), at = reused;
  Status status;
  while (status && at < size - kLeft) {
    say("\rreading the prompt: {} of {} tokens", at, size);
    int64_t rows = std::min(kStep, size - kLeft - at);
    status = session.append(0, prompt.subspan(size_t(at), size_t(rows)), {});
    at += rows;
  }
  say("\r\x1b[K");
  if (!status)
    return std::unexpected(std::move(status).error());
  if (session.hasStates())
    session.keep(0);
  return reused;
}

void sayRoom(int64_t promptTokens, int64_t context, std::optional<int64_t> maxTokens) {
  int64_t room = std::max<int64_t>(context - promptTokens, 0);
  if (room < context / 8 && (!maxTokens || *maxTokens > room))
    say("note: the question takes {} of the context's {} tokens; the answer ends after {}\n",
        promptTokens, context, room);
}

} // namespace osscc::rt::cli
