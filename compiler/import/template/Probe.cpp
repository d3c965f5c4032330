// The one file of the compiler that runs parts of the runtime: C++23, and nothing of LLVM.
#include "compiler/import/template/Probe.h"

#include "runtime/chat/ToolCallReader.h"
#include "runtime/template/ReadJson.h"
#include "runtime/template/Request.h"

#include <algorithm>

namespace osscc {

TemplateProbe::TemplateProbe(const bundle::BundleT &assets) {
  auto found = std::ranges::find_if(assets.templates, [](const auto &each) {
    return each->name.empty() || each->name == "default";
  });
  if (found == assets.templates.end())
    return;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Template::Pack(builder, found->get()));
  program = builder.Release();
  for (const auto &token : assets.special_tokens)
    tokens.emplace_back(token->name, token->text);
}

std::optional<std::string> TemplateProbe::render(const std::string &request) const {
  auto values = rt::readJson(request, /*isTemplate=*/false);
  if (!values || program.size() == 0)
    return std::nullopt;
  rt::ChatFormat format;
  format.templates = {flatbuffers::GetRoot<bundle::Template>(program.data())};
  format.specialTokens.assign(tokens.begin(), tokens.end());
  auto rendered = rt::renderRequest(format, *values, /*clock=*/0);
  if (!rendered)
    return std::nullopt;
  return std::move(rendered->text);
}

std::optional<ProbedAnswer> readToolCalls(const bundle::ToolCallFormatT &format,
                                          const std::string &text) {
  ProbedAnswer answer;
  bool hasFault = false;
  rt::ToolCallReader reader(
      format,
      {.content = [&](std::string_view piece) { answer.content += piece; },
       .call = [&](rt::ReadCall call) { answer.calls.push_back({call.name, call.arguments}); },
       .fault = [&](rt::AnswerFault, const std::string &) { hasFault = true; }});
  reader.feed(text);
  reader.finish();
  return hasFault ? std::nullopt : std::optional(std::move(answer));
}

} // namespace osscc
