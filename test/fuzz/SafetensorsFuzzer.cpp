// The reader takes paths, so that an input becomes a file of a folder that lives as long as the
// process; the folder also holds the one shard that a fuzzed index may name.
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/Safetensors.h"
#include "test/fuzz/Accept.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace osscc;
using namespace osscc::fuzz;

namespace {

class Folder {
public:
  Folder() {
    require(!llvm::sys::fs::createUniqueDirectory("osscc-fuzz", folder), "a folder can be made");
    std::string header = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                         R"("b":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}})";
    std::string length(8, '\0');
    length[0] = static_cast<char>(header.size());
    write("one.safetensors", length + header + "1234");
  }
  ~Folder() { llvm::sys::fs::remove_directories(folder); }

  std::string write(llvm::StringRef name, llvm::StringRef bytes) const {
    std::string path = (folder + "/" + name).str();
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bytes;
    require(!error, "a file can be written");
    return path;
  }

private:
  llvm::SmallString<128> folder;
};

void check(llvm::Expected<Checkpoint> checkpoint) {
  if (!accepted(checkpoint))
    return;
  for (const Tensor &tensor : checkpoint->tensors()) {
    require(checkpoint->find(tensor.name) == &tensor, "a tensor is found by its name");
    auto bytes = checkpoint->readBytes(tensor, 0, tensor.bytes);
    require(accepted(bytes) && bytes->size() == tensor.bytes, "a tensor lies inside its file");
  }
  Notes notes;
  ModelSpec spec;
  spec.embedding = {"model.embed_tokens.weight", {1, 2}, ""};
  spec.finalNorm.scale = {"model.norm.weight", {1}, ""};
  llvm::consumeError(matchNames(spec, *checkpoint, &notes));
  if (llvm::Error error = checkpoint->zipMxfp4()) {
    llvm::consumeError(std::move(error));
    return;
  }
  llvm::consumeError(checkWeights(spec, *checkpoint, &notes));
}

} // namespace

void fuzz::readSafetensors(std::string_view bytes) {
  static const Folder folder;
  check(osscc::readSafetensors(folder.write("fuzz.safetensors", toRef(bytes))));
  if (toRef(bytes).ltrim().starts_with("{"))
    check(osscc::readSafetensorsIndex(folder.write("model.safetensors.index.json", toRef(bytes))));
}
