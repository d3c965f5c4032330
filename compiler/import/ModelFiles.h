// Where a checkpoint's files are, and what they are: MODEL on the command line -> folder, weights,
// provenance.
#pragma once

#include "runtime/bundle/Bundle_generated.h"
#include "support/Notes.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace osscc {

struct ModelFiles {
  std::string folder; ///< Holds config.json and the weights; "." for the current one.
  /// Holds tokenizer.json, the chat templates and the model card: `folder`, or the one above where
  /// that is `original` and has none. So gpt-oss is published in the layout of its makers.
  std::string words;
  std::string name;    ///< Of the model, from what was given alone: builds are the same everywhere.
  std::string weights; ///< A .safetensors file, an index of several, or a .gguf file.
  bool sharded = false; ///< Whether `weights` is an index.
  bool gguf = false;    ///< Whether `weights` is a .gguf file, which holds all the rest.

  std::string path(llvm::StringRef file) const;
  bool has(llvm::StringRef file) const;
  /// The same of a file that is looked for in `words`.
  std::string wordsPath(llvm::StringRef file) const;
  bool hasWords(llvm::StringRef file) const;
};

/// Finds the files of a MODEL: a Hugging Face folder, a .safetensors or .safetensors.index.json
/// file in one, or a .gguf file.
///
/// \errors  InputError if there is no such file, if the folder has no weights, no config.json or no
///          tokenizer.json, or for another kind of file.
llvm::Expected<ModelFiles> locateModel(llvm::StringRef model);

/// Name (from the model's folder on) and size of each of the files that the model is made from,
/// ordered by name.
llvm::Expected<std::vector<std::unique_ptr<bundle::SourceT>>>
describeSources(const ModelFiles &files, llvm::ArrayRef<std::string> weightFiles);

/// A licence's identifier if it is short and of plain characters, else "unknown".
std::string plainLicence(llvm::StringRef text);

} // namespace osscc
