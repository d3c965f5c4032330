// Locating and describing of a checkpoint's files.
#include "compiler/import/ModelFiles.h"

#include "compiler/import/Licence.h"
#include "compiler/import/checkpoint/gguf/Parts.h"
#include "compiler/import/template/Find.h"
#include "support/InputFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kSingle = "model.safetensors", kIndex = "model.safetensors.index.json";
constexpr StringLiteral kConfig = "config.json";
constexpr StringLiteral kWords[] = {"generation_config.json", "tokenizer.json",
                                    "tokenizer_config.json",  "special_tokens_map.json",
                                    "chat_template.jinja",    "chat_template.json"};
constexpr StringLiteral kOriginal = "original";
constexpr const char *kExpected = "MODEL is a Hugging Face folder, its model.safetensors or its "
                                  "model.safetensors.index.json, or a .gguf file";

/// "smollm2" of "models/smollm2/", "model" of "." and of "model.safetensors".
std::string nameOf(StringRef folder, StringRef weights) {
  StringRef name = sys::path::filename(folder);
  if (!name.empty() && name != "." && name != ".." && name != "/")
    return name.str();
  return sys::path::filename(weights).split('.').first.str();
}

/// What to do about a folder without weights, by what is there instead.
const char *helpOfFolder(const ModelFiles &files) {
  if (files.has("adapter_config.json"))
    return "this is an adapter: merge it into its model first";
  if (files.has("pytorch_model.bin") || files.has("pytorch_model.bin.index.json"))
    return "convert pytorch_model.bin to safetensors first: save_pretrained of transformers does";
  std::error_code error;
  for (sys::fs::directory_iterator entry(files.folder, error), end; !error && entry != end;
       entry.increment(error))
    if (StringRef(entry->path()).ends_with(".gguf"))
      return "name the .gguf file itself";
  return kExpected;
}

std::string pathIn(StringRef folder, StringRef file) {
  if (folder == ".")
    return file.str();
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return path.str().str();
}

/// Where the tokenizer's files of a model in `folder` are.
std::string folderOfWords(StringRef folder) {
  constexpr StringLiteral kTokenizer = "tokenizer.json";
  if (sys::path::filename(folder) != kOriginal || sys::fs::exists(pathIn(folder, kTokenizer)))
    return folder.str();
  std::string above = pathIn(folder, "..");
  return sys::fs::exists(pathIn(above, kTokenizer)) ? above : folder.str();
}

} // namespace

std::string ModelFiles::path(StringRef file) const {
  return pathIn(folder, file);
}

bool ModelFiles::has(StringRef file) const {
  return sys::fs::exists(path(file));
}

std::string ModelFiles::wordsPath(StringRef file) const {
  return pathIn(words, file);
}

bool ModelFiles::hasWords(StringRef file) const {
  return sys::fs::exists(wordsPath(file));
}

Expected<ModelFiles> locateModel(StringRef model) {
  ModelFiles files;
  if (sys::fs::is_directory(model)) {
    files.folder = model.rtrim('/').empty() ? model.str() : model.rtrim('/').str();
    files.sharded = !files.has(kSingle) && files.has(kIndex);
    if (!files.sharded && !files.has(kSingle))
      return inputError(model, "the folder has no " + kSingle + " and no " + kIndex,
                        helpOfFolder(files));
    files.weights = files.path(files.sharded ? kIndex : kSingle);
  } else if (!sys::fs::exists(model)) {
    return inputError(model, "no such file or folder", kExpected);
  } else {
    files.folder = sys::path::parent_path(model).str();
    if (files.folder.empty())
      files.folder = ".";
    files.weights = model.str();
    files.sharded = model.ends_with(".safetensors.index.json");
    files.gguf = model.ends_with(".gguf");
    if (files.gguf) {
      auto part = ggufPartName(model);
      files.name = sys::path::filename(part ? part->base : model.drop_back(5)).str();
      if (files.name.empty())
        files.name = "model";
      files.words = files.folder;
      return files;
    }
    if (!files.sharded && !model.ends_with(".safetensors"))
      return inputError(model, "not a safetensors or GGUF file", kExpected);
  }
  files.name = nameOf(files.folder, files.weights);
  files.words = folderOfWords(files.folder);
  for (const std::string &needed : {files.path(kConfig), files.wordsPath("tokenizer.json")})
    if (!sys::fs::exists(needed))
      return inputError(needed, "no such file", "the folder of the weights must hold it");
  return files;
}

Expected<std::vector<std::unique_ptr<bundle::SourceT>>>
describeSources(const ModelFiles &files, ArrayRef<std::string> weightFiles) {
  std::vector<std::string> paths(weightFiles.begin(), weightFiles.end());
  if (files.sharded)
    paths.push_back(files.weights);
  std::vector<std::string> words;
  for (StringRef name : kWords)
    if (!files.gguf && files.hasWords(name))
      words.push_back(files.wordsPath(name));
  if (!files.gguf) {
    paths.push_back(files.path(kConfig));
    for (const std::string &name : licenceFiles(files))
      if (sys::fs::is_regular_file(files.wordsPath(name)))
        words.push_back(files.wordsPath(name));
    for (std::string &path : findTemplateFiles(files.wordsPath(kTemplateFolder)))
      words.push_back(std::move(path));
  }
  bool above = files.words != files.folder;
  StringSet<> fromAbove;
  for (std::string &path : words) {
    if (above)
      fromAbove.insert(path);
    paths.push_back(std::move(path));
  }
  std::vector<std::unique_ptr<bundle::SourceT>> sources;
  for (const std::string &path : paths) {
    Expected<InputFile> file = InputFile::open(path); // one that nobody read is hashed too
    if (!file)
      return file.takeError();
    auto source = std::make_unique<bundle::SourceT>();
    source->file = sys::path::filename(path).str();
    source->bytes = file->size();
    if (sys::path::filename(sys::path::parent_path(path)) == kTemplateFolder)
      source->file = (kTemplateFolder + "/" + source->file).str();
    if (fromAbove.contains(path))
      source->file = "../" + source->file;
    sources.push_back(std::move(source));
  }
  std::sort(sources.begin(), sources.end(),
            [](const auto &a, const auto &b) { return a->file < b->file; });
  return sources;
}

std::string plainLicence(StringRef text) {
  bool plain = !text.empty() && text.size() <= 64 &&
               all_of(text, [](char c) { return isAlnum(c) || StringRef("-.+_").contains(c); });
  return plain ? text.str() : "unknown";
}

} // namespace osscc
