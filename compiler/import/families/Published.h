// The models that people know of each family, and the shapes that it is tested in.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace osscc {

struct PublishedModel {
  llvm::StringLiteral name;           ///< "Llama 3.2"
  llvm::StringLiteral licence;        ///< Of its weights, as its card has it: "llama3.2".
  llvm::StringLiteral reasoning = ""; ///< Between what it reasons: "<think>"; empty: it does not.
};

struct PublishedFamily {
  llvm::StringLiteral modelType; ///< Of a row of families().
  llvm::ArrayRef<PublishedModel> models;
  /// Shapes of tools/make-checkpoint whose numbers are held to stored ones of the
  /// reference.
  llvm::ArrayRef<llvm::StringLiteral> tested;
};

/// By model type.
llvm::ArrayRef<PublishedFamily> publishedFamilies();

/// Those among them that took over DeepSeek's experts or attention, and others as new.
llvm::ArrayRef<PublishedFamily> publishedSince2024();

} // namespace osscc
