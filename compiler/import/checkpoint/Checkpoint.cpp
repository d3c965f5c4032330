#include "compiler/import/checkpoint/Checkpoint.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

static constexpr StringLiteral kInner = "model.";

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string out = "[";
  raw_string_ostream os(out);
  interleaveComma(shape, os);
  return out + "]";
}

std::string Checkpoint::nameInFile(StringRef name) const {
  if (spelling.nameInFile)
    return spelling.nameInFile(name);
  bool behind = name.consume_front(kInner);
  return outer + (behind ? inner : "") + name.str();
}

std::string Checkpoint::place(const Tensor &tensor) const {
  return files[tensor.file] + ": tensor " + quoted(nameInFile(tensor.name));
}

std::string Checkpoint::placeOfMissing(StringRef name) const {
  Tensor missing;
  missing.name = name.str();
  return place(missing);
}

Error Checkpoint::add(StringRef path, std::vector<Tensor> tensors) {
  files.push_back(path.str());
  for (Tensor &tensor : tensors) {
    tensor.file = files.size() - 1;
    auto [known, isNew] = indices.try_emplace(tensor.name, all.size());
    if (!isNew)
      return inputError(place(tensor), "is also in " + files[all[known->second].file],
                        "are these files of one checkpoint?");
    all.push_back(std::move(tensor));
  }
  return Error::success();
}

/// Whether a name belongs behind "model.".
static bool isInner(StringRef name) {
  return any_of(ArrayRef<StringRef>{"layers.", "embed_tokens.", "norm."},
                [&](StringRef begin) { return name.starts_with(begin); });
}

Error Checkpoint::rename(StringRef outerPrefix, StringRef innerPrefix) {
  outer = outerPrefix.str();
  inner = innerPrefix.str();
  indices.clear();
  for (auto [index, tensor] : enumerate(all)) {
    StringRef name = tensor.name;
    name.consume_front(outer);
    bool behind = inner.empty() ? isInner(name) : name.consume_front(inner);
    std::string renamed = (behind ? kInner.str() : std::string()) + name.str();
    tensor.name = std::move(renamed); // `name` points into the old one
    if (!indices.try_emplace(tensor.name, index).second)
      return inputError(place(tensor), "is there twice, with and without \"" + kInner + "\"");
  }
  return Error::success();
}

const Tensor *Checkpoint::find(StringRef name) const {
  auto found = indices.find(name);
  return found == indices.end() ? nullptr : &all[found->second];
}

Expected<std::string> Checkpoint::readBytes(const Tensor &tensor, uint64_t begin,
                                            uint64_t count) const {
  Expected<InputFile> file = InputFile::open(files[tensor.file]);
  if (!file)
    return file.takeError();
  auto buffer = file->read(tensor.offset + begin, count);
  if (!buffer)
    return buffer.takeError();
  return (*buffer)->getBuffer().str();
}

} // namespace osscc
