// Renders conversations through a chat template, for tools/oracle/template.py:
//
//   render-template FILE.jinja < contexts      one JSON object a line in, one a line out:
//                                              {"text": ..., "spans": [[begin, end, isTemplate],
//                                              ...]} or {"error": ...}
//
// A template that the compiler refuses ends the run with status 1.
#include "runtime/template/ChatTemplate.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace osscc;

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

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: render-template FILE.jinja < contexts\n";
    return 2;
  }
  std::stringstream source;
  source << std::ifstream(argv[1], std::ios::binary).rdbuf();
  std::string error, bytes = compileTemplate(argv[1], source.str(), error);
  if (!error.empty()) {
    std::cerr << error << "\n";
    return 1;
  }
  const auto *program = flatbuffers::GetRoot<bundle::Template>(bytes.data());
  for (std::string line; std::getline(std::cin, line);)
    std::cout << boost::json::serialize(renderLine(*program, line)) << "\n";
}
