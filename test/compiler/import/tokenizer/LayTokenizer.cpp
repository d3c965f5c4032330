#include "test/compiler/import/tokenizer/LayTokenizer.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "llvm/Support/Error.h"

namespace osscc {

std::string layTokenizerOf(const std::string &folder, std::string &error) {
  FolderJson files(folder);
  auto imported = importTokenizer(files, uint64_t(1) << 24);
  if (!imported) {
    error = llvm::toString(imported.takeError());
    return {};
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(bundle::Tokenizer::Pack(builder, imported->tables.get()));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

} // namespace osscc
