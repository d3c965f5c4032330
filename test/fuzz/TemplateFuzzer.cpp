#include "test/compiler/import/template/CompileTemplate.h"
#include "test/fuzz/Readers.h"
#include "test/fuzz/Render.h"

using namespace osscc;

void fuzz::readTemplate(std::string_view bytes) {
  std::string error;
  std::string program = compileTemplate("fuzz.jinja", std::string(bytes), error);
  require(program.empty() != error.empty(), "a template is compiled or refused");
  if (!program.empty())
    render(*flatbuffers::GetRoot<bundle::Template>(program.data()));
}
