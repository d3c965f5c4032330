#include "runtime/chat/Render.h"

#include <boost/json.hpp>

namespace osscc::rt::cli {
Result<Rendered> renderRequest(const Bundle &bundle, const Tokenizer &tokenizer,
                               std::optional<int64_t> clock, boost::json::object request) {
  const bundle::Template *program = bundle.index().template_();
  if (!program)
    return fail(Code::kInvalidArgument, "this model has no chat template",
                "use --raw to continue plain text");
  const bundle::Generation &generation = *bundle.index().generation();
  for (const char *own : {"bos_token", "eos_token", "strftime_now"})
    request.erase(own);
  if (clock)
    request["strftime_now"] = *clock;
  if (generation.bos() >= 0)
    request["bos_token"] = tokenizer.piece(generation.bos());
  if (generation.eos() && generation.eos()->size() > 0)
    request["eos_token"] = tokenizer.piece(generation.eos()->Get(0));
  return renderChat(*program, request);
}

} // namespace osscc::rt::cli
