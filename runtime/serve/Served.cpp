#include "runtime/serve/Served.h"

#include "runtime/chat/Render.h"
#include "runtime/chat/SilentIds.h"

namespace osscc::rt::serve {

Status Served::loadFormat(Served &served) {
  const bundle::ChatFormat *format = served.bundle.index().chat_format();
  if (format && format->turn_ends())
    served.turnEnds.assign(format->turn_ends()->begin(), format->turn_ends()->end());
  served.forbidden = silentIds(served.tokenizer, served.vocabulary, served.ends());
  std::string_view close = served.reasoning.close();
  TokenSpan all{0, close.size(), /*isTemplate=*/true};
  auto tokens = served.tokenizer.encode(close, std::span(&all, close.empty() ? 0 : 1));
  if (!tokens)
    return std::unexpected(std::move(tokens).error());
  served.closing = std::move(*tokens);
  return {};
}

bool Served::hasTemplate() const {
  return cli::hasTemplate(bundle);
}

std::vector<int32_t> Served::ends() const {
  std::vector<int32_t> all = defaults.eos;
  all.insert(all.end(), turnEnds.begin(), turnEnds.end());
  return all;
}

} // namespace osscc::rt::serve
