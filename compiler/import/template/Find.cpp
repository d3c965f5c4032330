// Source of places and their order: transformers' PreTrainedTokenizerBase._from_pretrained,
// ProcessorMixin.get_processor_dict, and gguf-py's GGUFWriter.add_chat_template.
#include "compiler/import/template/Find.h"

#include "compiler/import/template/Template.h"
#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <map>

using namespace llvm;

namespace osscc {

namespace {

constexpr uint64_t kLargestTemplate = uint64_t(1) << 20; // bytes; parseTemplate takes no more
constexpr StringLiteral kEnding = ".jinja";
constexpr StringLiteral kWayOut =
    "--chat-template=FILE compiles another template in its place, --chat-template=none leaves it "
    "out";

/// Template texts by name, and the file that each came from as errors name it.
struct Found {
  std::string file, text;
};
using FoundByName = std::map<std::string, Found>;

Expected<std::string> readText(StringRef path) {
  auto buffer = readInputFile(path, kLargestTemplate);
  if (!buffer)
    return buffer.takeError();
  return (*buffer)->getBuffer().str();
}

/// The error with a word on how to do without the template.
Error withWayOut(Error error) {
  return handleErrors(std::move(error), [](std::unique_ptr<InputError> input) -> Error {
    input->help += (input->help.empty() ? "" : "; ") + kWayOut.str();
    return Error(std::move(input));
  });
}

/// The error with the template's name, which a file of several does not tell.
Error named(Error error, StringRef name) {
  if (name == "default")
    return error;
  return handleErrors(std::move(error), [&](std::unique_ptr<InputError> input) -> Error {
    StringRef message = input->message;
    message.consume_front("chat template: ");
    input->message = ("chat template '" + name + "': " + message).str();
    return Error(std::move(input));
  });
}

Expected<ChatTemplates> compile(const FoundByName &found) {
  ChatTemplates templates;
  for (const auto &[name, each] : found) {
    Expected<std::unique_ptr<bundle::TemplateT>> program = parseTemplate(each.file, each.text);
    if (!program)
      return named(program.takeError(), name);
    (*program)->name = name;
    templates.push_back(std::move(*program));
  }
  return templates;
}

/// The templates of a `chat_template`: a text, a list of {name, template}, or texts by name.
Expected<FoundByName> findInValue(const std::string &file, const json::Value &value) {
  FoundByName found;
  bool good = true;
  auto add = [&](std::optional<StringRef> name, std::optional<StringRef> text) {
    if (name && text)
      found[name->str()] = {file, text->str()};
    else
      good = false;
  };
  if (const json::Array *list = value.getAsArray())
    for (const json::Value &entry : *list) {
      const json::Object *named = entry.getAsObject();
      add(named ? named->getString("name") : std::nullopt,
          named ? named->getString("template") : std::nullopt);
    }
  else if (const json::Object *byName = value.getAsObject())
    for (const auto &[name, text] : *byName)
      add(StringRef(name), text.getAsString());
  else
    add(StringRef("default"), value.getAsString());
  if (!good)
    return inputError(file + ": chat_template",
                      "expected a text, or texts by name as a list of {name, template}");
  return found;
}

/// The templates of a JSON file; none without the file.
Expected<FoundByName> findInJson(FolderJson &folder, StringRef name) {
  Expected<const json::Value *> root = folder.find(name);
  if (!root)
    return root.takeError();
  if (!*root)
    return FoundByName();
  std::string file = folder.path(name);
  const json::Object *object = (*root)->getAsObject();
  if (!object)
    return inputError(file, "expected a JSON object");
  const json::Value *value = object->get("chat_template");
  if (!value || value->kind() == json::Value::Null)
    return FoundByName();
  return findInValue(file, *value);
}

Expected<FoundByName> find(FolderJson &folder) {
  FoundByName found;
  std::string single = folder.path("chat_template.jinja");
  if (sys::fs::exists(single)) {
    Expected<std::string> text = readText(single);
    if (!text)
      return text.takeError();
    found["default"] = {single, std::move(*text)};
  }
  for (const std::string &file : findTemplateFiles(folder.path(kTemplateFolder))) {
    Expected<std::string> text = readText(file);
    if (!text)
      return text.takeError();
    StringRef name = sys::path::filename(file);
    found[name.drop_back(kEnding.size()).str()] = {file, std::move(*text)};
  }
  for (const char *file : {"tokenizer_config.json", "chat_template.json"}) {
    if (!found.empty())
      break;
    if (Error error = findInJson(folder, file).moveInto(found))
      return error;
  }
  return found;
}

Expected<FoundByName> find(const GgufFile &file) {
  constexpr StringLiteral kKey = "tokenizer.chat_template";
  FoundByName found;
  for (StringRef key : file.keys()) {
    StringRef name = key;
    if (!name.consume_front(kKey) || !(name.empty() || name.consume_front(".")))
      continue;
    Expected<std::string> text = file.string(key);
    if (!text)
      return text.takeError();
    bool isDefault = key == kKey;
    if (isDefault && text->empty())
      continue;
    found[isDefault ? "default" : name.str()] = {file.path().str(), std::move(*text)};
  }
  return found;
}

Expected<ChatTemplates> compileFound(Expected<FoundByName> found) {
  Expected<ChatTemplates> templates = found ? compile(*found) : found.takeError();
  if (!templates)
    return withWayOut(templates.takeError());
  return templates;
}

} // namespace

std::vector<std::string> findTemplateFiles(StringRef folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (sys::fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (StringRef(entry->path()).ends_with(kEnding))
      files.push_back(entry->path());
  sort(files);
  return files;
}

Expected<ChatTemplates> importTemplates(FolderJson &folder) {
  return compileFound(find(folder));
}

Expected<ChatTemplates> importGgufTemplates(const GgufFile &file) {
  return compileFound(find(file));
}

Expected<ChatTemplates> readTemplate(StringRef file) {
  if (!sys::fs::exists(file))
    return inputError("--chat-template=" + file, "no such file",
                      "name a file of Jinja, or none for a model without a chat template", 2);
  Expected<std::string> text = readText(file);
  if (!text)
    return text.takeError();
  return compile({{"default", {file.str(), std::move(*text)}}});
}

} // namespace osscc
