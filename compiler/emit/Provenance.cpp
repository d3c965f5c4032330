// Hashes the source files piece by piece.
#include "compiler/emit/Provenance.h"

#include "compiler/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

namespace osscc {

namespace fs = llvm::sys::fs;

static llvm::Expected<std::unique_ptr<bundle::SourceT>> readSource(const std::string &path) {
  auto file = fs::openNativeFileForRead(path);
  if (!file)
    return inputError(path, "cannot be read: " + llvm::toString(file.takeError()));
  auto source = std::make_unique<bundle::SourceT>();
  source->file = llvm::sys::path::filename(path).str();
  llvm::SHA256 hash;
  std::vector<char> piece(1 << 20);
  while (true) {
    llvm::Expected<size_t> got = fs::readNativeFile(*file, piece);
    if (!got || *got == 0) {
      fs::closeFile(*file);
      if (!got)
        return inputError(path, "cannot be read: " + llvm::toString(got.takeError()));
      break;
    }
    source->bytes += *got;
    hash.update(llvm::StringRef(piece.data(), *got));
  }
  source->sha256 = llvm::toHex(hash.final(), /*LowerCase=*/true);
  return source;
}

ProvenanceReader::ProvenanceReader(llvm::ArrayRef<std::string> files)
    : paths(files.begin(), files.end()), thread([this] {
        for (const std::string &path : paths) {
          auto source = readSource(path);
          if (!source) {
            problem = source.takeError();
            return;
          }
          sources.push_back(std::move(*source));
        }
      }) {}

ProvenanceReader::~ProvenanceReader() {
  if (thread.joinable())
    thread.join();
  llvm::consumeError(std::move(problem));
}

llvm::Expected<std::vector<std::unique_ptr<bundle::SourceT>>> ProvenanceReader::take() {
  thread.join();
  if (problem)
    return std::move(problem);
  return std::move(sources);
}

} // namespace osscc
