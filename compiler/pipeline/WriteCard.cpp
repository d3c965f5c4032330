// --emit=card: an executable that says what it is, and is then dropped.
#include "compiler/pipeline/Compilation.h"
#include "compiler/pipeline/RunExecutable.h"
#include "llvm/Support/Path.h"

namespace osscc {

namespace {

/// An executable is complete, but not wanted.
class Unwanted : public llvm::ErrorInfo<Unwanted> {
public:
  static char ID;
  void log(llvm::raw_ostream &os) const override { os << "the executable is not wanted"; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }
};
char Unwanted::ID = 0;

} // namespace

/// Where the executable lies for a moment that a card is asked of.
std::string Compilation::scratchOutput() const {
  std::string output = outputPath();
  if (output != "-")
    return output;
  llvm::SmallString<128> path;
  llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
  llvm::sys::path::append(path, "osscc-card");
  return path.str().str();
}

/// The card that the executable prints of itself; the executable never gets a name.
llvm::Error Compilation::writeCard(const llvm::MemoryBuffer &image, WriteOptions &write) {
  std::string card;
  write.check = [&](llvm::StringRef executable) -> llvm::Error {
    auto text = runExecutable("--emit=card", programPath(executable), {"card"}, "");
    if (!text)
      return text.takeError();
    card = std::move(*text);
    return llvm::make_error<Unwanted>();
  };
  auto written = writeExecutable(image, model.assets, *model.module, write);
  if (!written)
    if (llvm::Error error = llvm::handleErrors(written.takeError(), [](const Unwanted &) {}))
      return error;
  told.notes(model.notes);
  return writeFile(outputPath(), card);
}

} // namespace osscc
