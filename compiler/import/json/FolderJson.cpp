#include "compiler/import/json/FolderJson.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace osscc {

std::string FolderJson::path(StringRef name) const {
  SmallString<128> path(directory);
  sys::path::append(path, name);
  return path.str().str();
}

Expected<const json::Value *> FolderJson::find(StringRef name) {
  if (auto known = values.find(name.str()); known != values.end())
    return &known->second;
  std::string file = path(name);
  if (!sys::fs::exists(file))
    return nullptr;
  Expected<json::Value> value = readJsonFile(file, uint64_t(64) << 20, noted);
  if (!value)
    return value.takeError();
  return &values.emplace(name.str(), std::move(*value)).first->second;
}

} // namespace osscc
