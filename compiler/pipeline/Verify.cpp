#include "compiler/pipeline/Verify.h"

#include "compiler/emit/TemporaryFile.h"
#include "compiler/reference/Evaluate.h"
#include "dialects/llm/Llm.h"
#include "support/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <cmath>

namespace osscc {

namespace {

namespace fs = llvm::sys::fs;

constexpr llvm::StringLiteral kText =
    "The sky looks blue because air scatters short waves of light more than long ones. At noon the "
    "sun stands high, its light takes the shortest way, and 1 part in 10 is scattered; at dusk the "
    "way is longer, so red and orange are what is left.\n";

/// A file of the system's temporary folder, gone at the end and on a signal.
class ScratchFile {
public:
  static llvm::Expected<ScratchFile> create(llvm::StringRef ending) {
    llvm::SmallString<128> begin;
    llvm::sys::path::system_temp_directory(/*ErasedOnReboot=*/true, begin);
    llvm::sys::path::append(begin, "osscc-verify-");
    auto file = TemporaryFile::create(begin, "." + ending, fs::owner_read | fs::owner_write);
    if (!file)
      return inputError("--verify",
                        "no temporary file can be written: " + file.getError().message(),
                        "set TMPDIR to a folder that has space");
    return ScratchFile(std::move(*file));
  }
  llvm::StringRef path() const { return file.path(); }
  llvm::Error write(llvm::StringRef text) const {
    std::error_code error;
    llvm::raw_fd_ostream stream(path(), error);
    stream << text;
    stream.close();
    if (!error)
      error = stream.error();
    stream.clear_error();
    return error ? inputError(path(), "cannot be written: " + error.message())
                 : llvm::Error::success();
  }
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> read() const {
    auto file = llvm::MemoryBuffer::getFile(path(), /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false, /*IsVolatile=*/true);
    if (!file)
      return inputError(path(), "cannot be read: " + file.getError().message());
    return std::move(*file);
  }

private:
  explicit ScratchFile(TemporaryFile file) : file(std::move(file)) {}

  TemporaryFile file;
};

/// Runs the executable on `input`; \returns what it printed.
llvm::Expected<std::string> run(const VerifyOptions &options, llvm::ArrayRef<llvm::StringRef> words,
                                llvm::StringRef input) {
  auto in = ScratchFile::create("in"), out = ScratchFile::create("out"),
       told = ScratchFile::create("err");
  if (!in || !out || !told)
    return llvm::joinErrors(llvm::joinErrors(in.takeError(), out.takeError()), told.takeError());
  if (llvm::Error error = in->write(input))
    return error;
  llvm::SmallVector<llvm::StringRef> command = {options.executable};
  llvm::append_range(command, words);
  std::string problem;
  int status = llvm::sys::ExecuteAndWait(options.executable, command, std::nullopt,
                                         {in->path(), out->path(), told->path()}, 0, 0, &problem);
  auto text = out->read(), said = told->read();
  if (!text || !said)
    return llvm::joinErrors(text.takeError(), said.takeError());
  if (status == 0)
    return (*text)->getBuffer().str();
  llvm::StringRef line = (*said)->getBuffer().split('\n').first;
  return inputError("--verify",
                    "the executable does not run here: " +
                        (line.empty() ? llvm::StringRef(problem) : line),
                    "leave --verify out to compile for another machine");
}

/// The first tokens of the fixed text, as the executable's tokenizer has them.
llvm::Expected<std::vector<int64_t>> tokensOf(const VerifyOptions &options) {
  std::string text; // a token has a byte at least
  while (static_cast<int64_t>(text.size()) < options.tokens * 64)
    text += kText;
  auto printed = run(options, {"tokenize", "-"}, text);
  if (!printed)
    return printed.takeError();
  llvm::Expected<llvm::json::Value> json = llvm::json::parse(*printed);
  const llvm::json::Array *ids = json ? json->getAsArray() : nullptr;
  if (!json)
    llvm::consumeError(json.takeError());
  std::vector<int64_t> tokens;
  for (const llvm::json::Value &id : ids ? *ids : llvm::json::Array())
    if (static_cast<int64_t>(tokens.size()) < options.tokens)
      tokens.push_back(id.getAsInteger().value_or(0));
  if (tokens.empty())
    return inputError("--verify", "the executable's tokenizer gives no tokens for plain English");
  return tokens;
}

/// The float32 values of a NumPy file whose size is known. Source: numpy.lib.format, version 1.0.
llvm::Expected<std::vector<float>> readNpy(const ScratchFile &file, size_t count) {
  auto buffer = file.read();
  if (!buffer)
    return buffer.takeError();
  llvm::StringRef bytes = (*buffer)->getBuffer();
  constexpr size_t kPrefix = 10;
  size_t data = bytes.size() < kPrefix
                    ? 0
                    : kPrefix + llvm::support::endian::read16le(bytes.data() + kPrefix - 2);
  if (data == 0 || bytes.size() != data + count * sizeof(float))
    return llvm::createStringError("score --logits wrote %zu bytes for %zu values", bytes.size(),
                                   count);
  std::vector<float> values(count);
  std::memcpy(values.data(), bytes.data() + data, count * sizeof(float));
  return values;
}

llvm::Expected<std::vector<float>> logitsOf(const VerifyOptions &options,
                                            llvm::ArrayRef<int64_t> tokens, int64_t vocabulary) {
  auto npy = ScratchFile::create("npy");
  if (!npy)
    return npy.takeError();
  std::string ids;
  llvm::raw_string_ostream(ids) << llvm::json::Value(llvm::json::Array(tokens));
  auto printed = run(options, {"score", "--ids", ("--logits=" + npy->path()).str(), "-"}, ids);
  if (!printed)
    return printed.takeError();
  return readNpy(*npy, tokens.size() * static_cast<size_t>(vocabulary));
}

/// The cosine of two rows, each with its mean taken off.
double centredCosine(llvm::ArrayRef<float> a, llvm::ArrayRef<float> b) {
  double meanA = 0, meanB = 0, aa = 0, bb = 0, ab = 0;
  auto count = static_cast<double>(a.size());
  for (size_t i = 0; i < a.size(); ++i)
    meanA += a[i] / count, meanB += b[i] / count;
  for (size_t i = 0; i < a.size(); ++i) {
    double x = a[i] - meanA, y = b[i] - meanB;
    aa += x * x, bb += y * y, ab += x * y;
  }
  if (aa == 0 && bb == 0)
    return 1; // a vocabulary of one token, or weights that are all zero
  double cosine = ab / std::sqrt(aa * bb);
  return std::isfinite(cosine) ? cosine : -1;
}

} // namespace

double verifyTolerance(mlir::ModuleOp module, const PipelineOptions &pipeline) {
  bool blocks = llvm::any_of(module.getOps<pack::WeightOp>(), [](pack::WeightOp weight) {
    auto block = mlir::dyn_cast<pack::BlockType>(weight.getType());
    return block && block.getFormat().isBlock();
  });
  if (blocks && pipeline.planes == 1)
    return 0.99;
  if (pipeline.cached == "int8")
    return 0.999;
  return blocks ? 0.9999 : 0.99999;
}

Agreement compareLogits(llvm::ArrayRef<float> found, llvm::ArrayRef<float> expected,
                        int64_t vocabulary) {
  auto rows = static_cast<int64_t>(expected.size()) / vocabulary;
  Agreement agreement = {rows, 1, 0};
  for (int64_t row = 0; row < rows; ++row) {
    auto a = found.slice(row * vocabulary, vocabulary);
    auto b = expected.slice(row * vocabulary, vocabulary);
    agreement.cosine = std::min(agreement.cosine, centredCosine(a, b));
    for (int64_t i = 0; i < vocabulary; ++i)
      agreement.difference =
          std::max(agreement.difference, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return agreement;
}

llvm::Expected<Agreement> verifyExecutable(mlir::ModuleOp module, const VerifyOptions &options) {
  auto tokens = tokensOf(options);
  if (!tokens)
    return tokens.takeError();
  auto expected = reference::evaluateModel(module, options.folder, reference::rowsOf({*tokens}));
  if (!expected)
    return expected.takeError();
  auto found = logitsOf(options, *tokens, expected->columns);
  if (!found)
    return found.takeError();
  Agreement agreement = compareLogits(*found, expected->values, expected->columns);
  if (agreement.cosine >= options.cosine)
    return agreement;
  return inputError(
      "--verify",
      llvm::formatv("at {0} tokens the least cosine to the reference is {1:f6}, the "
                    "largest difference of a logit {2:f4}; expected a cosine of {3:f5} "
                    "or more",
                    agreement.tokens, agreement.cosine, agreement.difference, options.cosine)
          .str(),
      "this is a bug of osscc, or the weights overflow; report it with the model's "
      "name");
}

} // namespace osscc
