// Renders chat requests from stdin to stdout, for tools/oracle/chat_requests.py. A line each:
//
//   {"templates": {"default": SOURCE, ...}, "special_tokens": {"bos_token": "<s>", ...},
//    "strftime_now": SECONDS, "request": {...}}
//   {"text": ...}, {"error": ...} or, for a template that the compiler refuses, {"refused": ...}
#include "runtime/template/ReadJson.h"
#include "runtime/template/Request.h"
#include "test/compiler/import/template/CompileTemplate.h"

#include <boost/json.hpp>

#include <iostream>
#include <map>

using namespace osscc;

namespace {

/// The compiled bytes of each source so far; a text that is no program is the error.
struct Compiled {
  std::string bytes, error;
};

const Compiled &compile(const std::string &name, const std::string &source) {
  static std::map<std::pair<std::string, std::string>, Compiled> all;
  auto [place, isNew] = all.try_emplace({name, source});
  if (isNew)
    place->second.bytes = compileNamedTemplate(name, source, place->second.error);
  return place->second;
}

std::string textOf(const rt::Value *value) {
  const rt::Text *text = value ? rt::asText(*value) : nullptr;
  return text ? std::string(text->view()) : std::string();
}

boost::json::object renderLine(const std::string &line) {
  rt::Result<rt::Value> job = rt::readJson(line, /*isTemplate=*/false);
  if (!job)
    return {{"error", job.error().message}};
  const rt::Dict &fields = *rt::asDict(*job);
  rt::ChatFormat format;
  for (auto &[name, source] : rt::asDict(*fields.find("templates"))->entries) {
    const Compiled &program = compile(textOf(&name), textOf(&source));
    if (!program.error.empty())
      return {{"refused", program.error}};
    format.templates.push_back(flatbuffers::GetRoot<bundle::Template>(program.bytes.data()));
  }
  for (auto &[name, text] : rt::asDict(*fields.find("special_tokens"))->entries)
    format.specialTokens.emplace_back(rt::asText(name)->view(), rt::asText(text)->view());
  std::optional<int64_t> clock;
  if (const rt::Value *seconds = fields.find("strftime_now"))
    clock = rt::asInteger(*seconds);
  rt::Result<rt::Rendered> rendered = rt::renderRequest(format, *fields.find("request"), clock);
  if (!rendered)
    return {{"error", rendered.error().message}};
  return {{"text", rendered->text}};
}

} // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(renderLine(line)) << "\n";
}
