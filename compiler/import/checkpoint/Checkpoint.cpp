#include "compiler/import/checkpoint/Checkpoint.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

Expected<std::unique_ptr<MemoryBuffer>> readFileSlice(StringRef path, uint64_t bytes,
                                                      uint64_t offset) {
  auto buffer = MemoryBuffer::getFileSlice(path, bytes, offset, /*IsVolatile=*/true);
  if (!buffer)
    return inputError(path, buffer.getError().message());
  if ((*buffer)->getBufferSize() != bytes)
    return inputError(path, "became shorter while it was read");
  return std::move(*buffer);
}

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string out = "[";
  raw_string_ostream os(out);
  interleaveComma(shape, os);
  return out + "]";
}

std::string Checkpoint::place(const Tensor &tensor) const {
  std::string name = spelling.nameInFile ? spelling.nameInFile(tensor.name) : tensor.name;
  return files[tensor.file] + ": tensor " + quoted(name);
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
    if (!indices.try_emplace(tensor.name, all.size()).second)
      return inputError(place(tensor), "is also in another file of the checkpoint");
    all.push_back(std::move(tensor));
  }
  return Error::success();
}

const Tensor *Checkpoint::find(StringRef name) const {
  auto found = indices.find(name);
  return found == indices.end() ? nullptr : &all[found->second];
}

Expected<std::string> Checkpoint::readBytes(const Tensor &tensor, uint64_t begin,
                                            uint64_t count) const {
  auto buffer = readFileSlice(files[tensor.file], count, tensor.offset + begin);
  if (!buffer)
    return buffer.takeError();
  return (*buffer)->getBuffer().str();
}

} // namespace osscc
