// The import stage in one page: files of a checkpoint -> a module of llm and pack ops, and the
// bundle's assets.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/bundle/Bundle_generated.h"
#include "support/Notes.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace osscc {

struct ImportOptions {
  /// Positions at most, not above the model's own; absent: the model's own.
  std::optional<int64_t> context;
  /// A file of Jinja that takes the place of the model's own chat templates, or "none" for none;
  /// absent: the model's own.
  std::optional<std::string> chatTemplate;
  /// The one mode of reasoning that the templates are compiled for (template/ChatFormat.h); absent:
  /// each request chooses.
  std::optional<std::string> reasoning;
};

struct ImportedModel {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// Model, generation, tokenizer, templates, chat format and sources without hashes; emit fills
  /// the rest.
  bundle::BundleT assets;
  Notes notes;        ///< Slips that change no number, for the summary.
  std::string folder; ///< Where the files of the module's pack.slice ops are.
};

/// Reads a MODEL of the command line: a Hugging Face folder, a .safetensors file, an index of
/// several (.safetensors.index.json), or a .gguf file.
///
/// \errors  InputError for whatever is wrong in the files: see ModelFiles.h, families/Families.h,
///          Safetensors.h, CheckWeights.h, GenerationConfig.h, TokenizerImport.h,
///          template/Find.h and, of a .gguf file, Gguf*.h. Exit status 2 for a context below 1 or
///          above the model's own.
llvm::Expected<ImportedModel> importModel(mlir::MLIRContext &context, llvm::StringRef model,
                                          const ImportOptions &options = {});

} // namespace osscc
