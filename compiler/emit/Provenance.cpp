// Hashes the source files piece by piece. OpenSSL uses the CPU's instructions for SHA-256, which
// LLVM's own does not: a large model would wait for it.
#include "compiler/emit/Provenance.h"

#include "support/Error.h"
#include "support/StartThread.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <openssl/evp.h>

namespace osscc {

namespace fs = llvm::sys::fs;

static llvm::Expected<std::unique_ptr<bundle::SourceT>>
readSource(const std::string &path, const std::atomic<bool> &stopped) {
  auto file = fs::openNativeFileForRead(path);
  if (!file)
    return inputError(path, "cannot be read: " + llvm::toString(file.takeError()));
  llvm::scope_exit close([&] { fs::closeFile(*file); });
  auto source = std::make_unique<bundle::SourceT>();
  source->file = llvm::sys::path::filename(path).str();
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  std::vector<char> piece(1 << 20);
  while (!stopped) {
    llvm::Expected<size_t> got = fs::readNativeFile(*file, piece);
    if (!got)
      return inputError(path, "cannot be read: " + llvm::toString(got.takeError()));
    if (*got == 0)
      break;
    source->bytes += *got;
    EVP_DigestUpdate(hash.get(), piece.data(), *got);
  }
  std::array<uint8_t, 32> sum = {};
  EVP_DigestFinal_ex(hash.get(), sum.data(), nullptr);
  source->sha256 = llvm::toHex(sum, /*LowerCase=*/true);
  return source;
}

ProvenanceReader::ProvenanceReader(llvm::ArrayRef<std::string> files)
    : paths(files.begin(), files.end()) {
  startThread(thread, [this] { readAll(); });
}

void ProvenanceReader::readAll() {
  for (const std::string &path : paths) {
    auto source = readSource(path, stopped);
    if (!source) {
      problem = source.takeError();
      return;
    }
    sources.push_back(std::move(*source));
  }
}

ProvenanceReader::~ProvenanceReader() {
  stopped = true;
  if (thread.joinable())
    thread.join();
  llvm::consumeError(std::move(problem));
}

llvm::Expected<std::vector<std::unique_ptr<bundle::SourceT>>> ProvenanceReader::take() {
  if (thread.joinable())
    thread.join();
  else
    readAll();
  if (problem)
    return std::move(problem);
  return std::move(sources);
}

} // namespace osscc
