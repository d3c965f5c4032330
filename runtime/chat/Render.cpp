#include "runtime/chat/Render.h"

namespace osscc::rt::cli {
namespace {

ChatFormat formatOf(const bundle::Bundle &index) {
  ChatFormat format;
  for (size_t i = 0; index.templates() && i < index.templates()->size(); ++i)
    format.templates.push_back(index.templates()->Get(i));
  for (size_t i = 0; index.special_tokens() && i < index.special_tokens()->size(); ++i) {
    const bundle::NamedToken *token = index.special_tokens()->Get(i);
    format.specialTokens.emplace_back(token->name()->string_view(), token->text()->string_view());
  }
  return format;
}

bool opensAnswer(const Value &request) {
  const Dict *object = asDict(request);
  const Value *opens = object ? object->find("add_generation_prompt") : nullptr;
  return opens && isTrue(*opens);
}

} // namespace

bool hasTemplate(const Bundle &bundle) {
  const auto *templates = bundle.index().templates();
  return templates && templates->size() > 0;
}

Result<Rendered> renderRequest(const Bundle &bundle, std::optional<int64_t> clock,
                               const Value &request, const Reasoning &reasoning) {
  auto applied = reasoning.applyTo(request);
  if (!applied)
    return std::unexpected(std::move(applied).error());
  auto rendered = rt::renderRequest(formatOf(bundle.index()), *applied, clock);
  if (rendered && opensAnswer(request))
    reasoning.prefill(*rendered);
  return rendered;
}

Result<Rendered> renderRequest(const Bundle &bundle, std::optional<int64_t> clock,
                               const boost::json::object &request, const Reasoning &reasoning) {
  std::optional<Value> values = fromJson(request, /*isTemplate=*/false);
  if (!values)
    return fail(Code::kInvalidArgument, "chat request: it nests too deeply");
  return renderRequest(bundle, clock, *values, reasoning);
}

} // namespace osscc::rt::cli
