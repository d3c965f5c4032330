// Renders conversations through chat templates, for tools/oracle:
//
//   render-template FILE.jinja < contexts   one JSON object a line in, one a line out:
//                                           {"text": ..., "spans": [[begin, end, isTemplate], ...]}
//                                           or {"error": ...}
//   render-template --batch < jobs          {"template": ..., "contexts": [...]} a line in,
//                                           {"results": [...]} or {"refused": ...} a line out;
//                                           results as above, without spans
//
// A template that the compiler refuses ends the run with status 1, but not in a batch.
#include "runtime/template/ChatTemplate.h"
#include "runtime/template/ReadJson.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace osscc;

static const bundle::Template &programOf(const std::string &bytes) {
  return *flatbuffers::GetRoot<bundle::Template>(bytes.data());
}

static boost::json::object renderLine(const bundle::Template &program, const std::string &line) {
  boost::json::parse_options options;
  options.max_depth = 256;
  rt::Result<rt::Rendered> rendered =
      rt::renderChat(program, boost::json::parse(line, {}, options).as_object());
  if (!rendered)
    return {{"error", rendered.error().message}};
  boost::json::array spans;
  for (const rt::TokenSpan &span : rendered->spans)
    spans.push_back(boost::json::array{span.begin, span.end, span.isTemplate});
  return {{"text", rendered->text}, {"spans", std::move(spans)}};
}

/// The context with `tools` and `documents`, which transformers gives always.
static boost::json::object renderContext(const bundle::Template &program, const rt::Dict &context) {
  std::vector<std::pair<rt::Value, rt::Value>> variables = context.entries;
  for (const char *name : {"tools", "documents"})
    if (!context.find(std::string_view(name)))
      variables.emplace_back(rt::makeText(name, false), rt::None{});
  std::optional<int64_t> clock;
  if (const rt::Value *seconds = context.find(std::string_view("strftime_now")))
    clock = rt::asInteger(*seconds);
  std::erase_if(variables, [](const auto &entry) {
    return rt::asText(entry.first)->view() == "strftime_now";
  });
  rt::Result<rt::Rendered> rendered =
      rt::renderChat(program, rt::makeDict(std::move(variables)), clock);
  if (!rendered)
    return {{"error", rendered.error().message}};
  return {{"text", rendered->text}};
}

static boost::json::object renderJob(const std::string &line) {
  rt::Result<rt::Value> job = rt::readJson(line, /*isTemplate=*/false);
  if (!job)
    return {{"refused", "the job: " + job.error().message}};
  const rt::Dict &fields = *rt::asDict(*job);
  std::string error,
      bytes = compileTemplate(
          "template", std::string(rt::asText(*fields.find(std::string_view("template")))->view()),
          error);
  if (!error.empty())
    return {{"refused", error}};
  boost::json::array results;
  for (const rt::Value &context : rt::asList(*fields.find(std::string_view("contexts")))->items)
    results.push_back(renderContext(programOf(bytes), *rt::asDict(context)));
  return {{"results", std::move(results)}};
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: render-template FILE.jinja|--batch < lines\n";
    return 2;
  }
  std::string bytes, error;
  bool isBatch = argv[1] == std::string("--batch");
  if (!isBatch) {
    std::stringstream source;
    source << std::ifstream(argv[1], std::ios::binary).rdbuf();
    bytes = compileTemplate(argv[1], source.str(), error);
  }
  if (!error.empty()) {
    std::cerr << error << "\n";
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(isBatch ? renderJob(line)
                                                : renderLine(programOf(bytes), line))
              << "\n";
}
