// Finds the chat template of a checkpoint and has it parsed.
#include "compiler/import/template/Template.h"
#include "compiler/import/json/Json.h"
#include "compiler/import/template/Parser.h"
#include "support/Error.h"
#include "support/InputFile.h"
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

/// The template among several named ones: the one called "default".
static Expected<std::unique_ptr<bundle::TemplateT>> parseNamed(StringRef file,
                                                               const json::Array &templates) {
  for (const json::Value &entry : templates)
    if (const json::Object *object = entry.getAsObject())
      if (object->getString("name") == StringRef("default"))
        if (std::optional<StringRef> text = object->getString("template"))
          return parseTemplate(file, *text);
  return inputError(file + ": chat_template",
                    "expected a template named \"default\" among the named templates",
                    "put the one to use into chat_template.jinja");
}

Expected<std::unique_ptr<bundle::TemplateT>> importTemplate(StringRef directory, Notes *notes) {
  SmallString<128> file(directory);
  sys::path::append(file, "chat_template.jinja");
  if (sys::fs::exists(file)) {
    constexpr uint64_t kLargest = uint64_t(16) << 20;
    auto buffer = readInputFile(file, kLargest);
    if (!buffer)
      return buffer.takeError();
    return parseTemplate(file, (*buffer)->getBuffer());
  }
  file = directory;
  sys::path::append(file, "tokenizer_config.json");
  if (!sys::fs::exists(file))
    return nullptr;
  Expected<json::Value> config = readJsonFile(file, uint64_t(64) << 20, notes);
  if (!config)
    return config.takeError();
  const json::Object *object = config->getAsObject();
  if (!object)
    return inputError(file, "expected a JSON object");
  const json::Value *value = object->get("chat_template");
  if (!value || value->kind() == json::Value::Null)
    return nullptr;
  if (std::optional<StringRef> text = value->getAsString())
    return parseTemplate(file, *text);
  if (const json::Array *templates = value->getAsArray())
    return parseNamed(file, *templates);
  return inputError(file + ": chat_template", "expected a string or a list of named templates");
}

} // namespace osscc
