// The JSON files of a checkpoint's folder that several readers ask for.
#pragma once

#include "compiler/import/json/Json.h"
#include <map>

namespace osscc {

/// Reads each file of a folder once, whoever asks for it, so that its slips are noted once too.
class FolderJson {
public:
  /// \param notes  takes slips of the files that change nothing; without it they are errors.
  explicit FolderJson(llvm::StringRef folder, Notes *notes = nullptr)
      : directory(folder.str()), noted(notes) {}

  llvm::StringRef folder() const { return directory; }
  Notes *notes() const { return noted; }
  /// The path of a file, as errors name it.
  std::string path(llvm::StringRef name) const;

  /// The value in a file, which lives as long as this; null without the file.
  /// \errors  those of readJsonFile.
  llvm::Expected<const llvm::json::Value *> find(llvm::StringRef name);

private:
  std::string directory;
  Notes *noted;
  std::map<std::string, llvm::json::Value> values;
};

} // namespace osscc
