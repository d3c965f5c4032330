// Where a checkpoint keeps its chat templates, and under which names.
#pragma once

#include "compiler/import/checkpoint/gguf/File.h"
#include "compiler/import/json/FolderJson.h"
#include "runtime/bundle/Template_generated.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace osscc {

/// Compiled templates by their `name`, in the order of the names; one that is alone is "default".
using ChatTemplates = std::vector<std::unique_ptr<bundle::TemplateT>>;

/// The folder that holds templates beside chat_template.jinja: NAME.jinja each.
inline constexpr llvm::StringLiteral kTemplateFolder = "additional_chat_templates";

/// The files NAME.jinja of such a folder, in the order of their names; none without the folder.
std::vector<std::string> findTemplateFiles(llvm::StringRef folder);

/// Compiles the templates of a Hugging Face folder. As in transformers 5.24, the first of these
/// places that has one counts alone:
///   1. chat_template.jinja ("default") and additional_chat_templates/NAME.jinja;
///   2. `chat_template` of tokenizer_config.json: a text ("default"), a list of {name, template},
///      or an object of texts by name;
///   3. the same key of chat_template.json, where the processor of a model with images keeps it.
///
/// \returns none if the checkpoint has no chat template.
/// \errors  InputError for unreadable files, values of another type, and those of parseTemplate;
///          its help names the option that does without.
llvm::Expected<ChatTemplates> importTemplates(FolderJson &folder);

/// Compiles the templates of a .gguf file: `tokenizer.chat_template` ("default"; an empty one is
/// none) and `tokenizer.chat_template.NAME`. \errors as above.
llvm::Expected<ChatTemplates> importGgufTemplates(const GgufFile &file);

/// Compiles a file of Jinja that takes the place of all of a checkpoint's own.
///
/// \errors  InputError: no such file (exit status 2), and those of parseTemplate.
llvm::Expected<ChatTemplates> readTemplate(llvm::StringRef file);

} // namespace osscc
