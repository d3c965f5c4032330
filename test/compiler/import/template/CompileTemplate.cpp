#include "test/compiler/import/template/CompileTemplate.h"
#include "compiler/import/template/Template.h"
#include "llvm/Support/Error.h"

namespace osscc {

static std::string serialize(llvm::Expected<std::unique_ptr<bundle::TemplateT>> program,
                             std::string &error) {
  if (!program) {
    error = llvm::toString(program.takeError());
    return {};
  }
  if (!*program)
    return {};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Template::Pack(builder, program->get()));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string compileTemplate(const std::string &file, const std::string &text, std::string &error) {
  return serialize(parseTemplate(file, text), error);
}

std::string compileNamedTemplate(const std::string &name, const std::string &text,
                                 std::string &error) {
  auto program = parseTemplate(name + ".jinja", text);
  if (program)
    (*program)->name = name;
  return serialize(std::move(program), error);
}

} // namespace osscc
