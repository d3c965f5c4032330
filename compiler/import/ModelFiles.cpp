// Locating and describing of a checkpoint's files.
#include "compiler/import/ModelFiles.h"

#include "support/Error.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <algorithm>

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kSingle = "model.safetensors", kIndex = "model.safetensors.index.json";
constexpr StringLiteral kBeside[] = {"config.json", "generation_config.json", "tokenizer.json",
                                     "tokenizer_config.json", "chat_template.jinja"};
constexpr const char *kExpected = "MODEL is a Hugging Face folder, its model.safetensors or its "
                                  "model.safetensors.index.json, or a .gguf file";

/// "smollm2" of "models/smollm2/", "model" of "." and of "model.safetensors".
std::string nameOf(StringRef folder, StringRef weights) {
  StringRef name = sys::path::filename(folder);
  if (!name.empty() && name != "." && name != ".." && name != "/")
    return name.str();
  return sys::path::filename(weights).split('.').first.str();
}

} // namespace

std::string ModelFiles::path(StringRef file) const {
  if (folder == ".")
    return file.str();
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return path.str().str();
}

bool ModelFiles::has(StringRef file) const {
  return sys::fs::exists(path(file));
}

Expected<ModelFiles> locateModel(StringRef model) {
  ModelFiles files;
  if (sys::fs::is_directory(model)) {
    files.folder = model.rtrim('/').empty() ? model.str() : model.rtrim('/').str();
    files.sharded = !files.has(kSingle) && files.has(kIndex);
    if (!files.sharded && !files.has(kSingle))
      return inputError(model, "the folder has no " + kSingle + " and no " + kIndex, kExpected);
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
      files.name = sys::path::filename(model).drop_back(StringRef(".gguf").size()).str();
      if (files.name.empty())
        files.name = "model";
      return files;
    }
    if (!files.sharded && !model.ends_with(".safetensors"))
      return inputError(model, "not a safetensors or GGUF file", kExpected);
  }
  files.name = nameOf(files.folder, files.weights);
  for (StringRef needed : {"config.json", "tokenizer.json"})
    if (!files.has(needed))
      return inputError(files.path(needed), "no such file",
                        "the folder of the weights must hold it");
  return files;
}

Expected<std::vector<std::unique_ptr<bundle::SourceT>>>
describeSources(const ModelFiles &files, ArrayRef<std::string> weightFiles) {
  std::vector<std::string> paths(weightFiles.begin(), weightFiles.end());
  if (files.sharded)
    paths.push_back(files.weights);
  for (StringRef name : kBeside)
    if (!files.gguf && files.has(name))
      paths.push_back(files.path(name));
  std::vector<std::unique_ptr<bundle::SourceT>> sources;
  for (const std::string &path : paths) {
    auto source = std::make_unique<bundle::SourceT>();
    source->file = sys::path::filename(path).str();
    if (std::error_code error = sys::fs::file_size(path, source->bytes))
      return inputError(path, error.message());
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

std::string readLicence(const ModelFiles &files) {
  auto card = MemoryBuffer::getFile(files.path("README.md"), /*IsText=*/true);
  if (!card || (*card)->getBufferSize() > (1 << 20))
    return "unknown";
  auto [first, rest] = (*card)->getBuffer().split('\n');
  if (first.trim() != "---")
    return "unknown";
  while (!rest.empty()) {
    StringRef line;
    std::tie(line, rest) = rest.split('\n');
    if (line.trim() == "---")
      break;
    StringRef value = line;
    if (!value.consume_front("license:"))
      continue;
    return plainLicence(value.trim(" \t\r\"'"));
  }
  return "unknown";
}

} // namespace osscc
