#include "compiler/pipeline/Verify.h"

#include "compiler/pipeline/RunExecutable.h"
#include "compiler/reference/Evaluate.h"
#include "dialects/llm/Llm.h"
#include "support/Error.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

namespace osscc {

namespace {

constexpr llvm::StringLiteral kText =
    "The sky looks blue because air scatters short waves of light more than long ones. At noon the "
    "sun stands high, its light takes the shortest way, and 1 part in 10 is scattered; at dusk the "
    "way is longer, so red and orange are what is left.\n";

/// Runs the executable that is verified.
llvm::Expected<std::string> run(const VerifyOptions &options, llvm::ArrayRef<llvm::StringRef> words,
                                llvm::StringRef input) {
  return runExecutable("--verify", options.executable, words, input);
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
