// A chat template's text to its program.
#include "compiler/import/template/Template.h"
#include "compiler/import/template/Parser.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace osscc {

Expected<std::unique_ptr<bundle::TemplateT>> parseTemplate(StringRef file, StringRef text) {
  Expected<std::vector<TemplateToken>> tokens = lexTemplate(file, text);
  if (!tokens)
    return tokens.takeError();
  Expected<std::unique_ptr<bundle::TemplateT>> program =
      TemplateParser(file, std::move(*tokens)).run();
  if (program) {
    (*program)->source = text.str();
    (*program)->file = sys::path::filename(file).str();
  }
  return program;
}

} // namespace osscc
