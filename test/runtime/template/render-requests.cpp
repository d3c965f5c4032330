// render-requests [FOLDER]: renders chat requests from stdin to stdout, for tools/oracle. A line
// each; with the folder of a tokenizer.json the text's ids are added, as "ids":
//
//   {"templates": {"default": SOURCE, ...}, "special_tokens": {"bos_token": "<s>", ...},
//    "strftime_now": SECONDS, "request": {...}}
//   {"text": ...}, {"error": ...} or, for a template that the compiler refuses, {"refused": ...}
#include "runtime/template/ReadJson.h"
#include "runtime/template/Request.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include "test/compiler/import/tokenizer/LayTokenizer.h"

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

/// \param tokenizer  null: no ids.
boost::json::object renderLine(const std::string &line, const rt::Tokenizer *tokenizer) {
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
  boost::json::object out{{"text", rendered->text}};
  if (tokenizer) {
    auto ids = tokenizer->encode(rendered->text, rendered->spans);
    if (!ids)
      return {{"error", ids.error().message}};
    out["ids"] = boost::json::value_from(*ids);
  }
  return out;
}

} // namespace

int main(int argc, char **argv) {
  std::optional<rt::Tokenizer> tokenizer;
  std::string bytes, error;
  if (argc > 1) {
    bytes = layTokenizerOf(argv[1], error);
    if (!error.empty()) {
      std::cerr << error << "\n";
      return 1;
    }
    tokenizer = *rt::Tokenizer::load(*flatbuffers::GetRoot<bundle::Tokenizer>(bytes.data()));
  }
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(renderLine(line, tokenizer ? &*tokenizer : nullptr))
              << "\n";
}
