// The reference evaluator as a program.
//
//   osscc-eval FILE.mlir [--tokens=...]                                   each function of a small
//   file; prints results osscc-eval MODEL.mlir --weights=DIR --ids=IDS.json --logits=OUT.npy   a
//   model as --emit=graph prints it
//
// A function's inputs are constants in it; its `!llm.rows` are the flags --tokens, --positions,
// --sequences (all as long as the longest, missing ones zero) and --outputs, numbers with commas
// between.
#include "compiler/import/json/Json.h"
#include "compiler/reference/Evaluate.h"
#include "dialects/llm/Llm.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "support/Error.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace osscc;
using namespace osscc::reference;
namespace cl = llvm::cl;

static cl::OptionCategory category("osscc-eval");
static cl::opt<std::string> file(cl::Positional, cl::desc("FILE.mlir"), cl::Required,
                                 cl::cat(category));
static cl::list<int64_t> tokens("tokens", cl::CommaSeparated, cl::cat(category),
                                cl::desc("token of each row"));
static cl::list<int64_t> positions("positions", cl::CommaSeparated, cl::cat(category),
                                   cl::desc("place of each row"));
static cl::list<int64_t> sequences("sequences", cl::CommaSeparated, cl::cat(category),
                                   cl::desc("sequence of each row"));
static cl::list<int64_t> outputs("outputs", cl::CommaSeparated, cl::cat(category),
                                 cl::desc("rows wanted"));
static cl::opt<std::string> weights("weights", cl::cat(category),
                                    cl::desc("the checkpoint's folder"));
static cl::opt<std::string> ids("ids", cl::cat(category),
                                cl::desc("JSON array of token ids: evaluate the model"));
static cl::opt<std::string> logits("logits", cl::cat(category),
                                   cl::desc("NumPy file to write, [ids, vocabulary]"));

static std::vector<int64_t> padded(const cl::list<int64_t> &list, size_t count) {
  std::vector<int64_t> numbers(list.begin(), list.end());
  numbers.resize(count);
  return numbers;
}

/// Every function of the file, each with a cache of its own: `@name`, then its results.
static llvm::Error evaluateFile(mlir::ModuleOp module) {
  size_t count = std::max({tokens.size(), positions.size(), sequences.size()});
  Rows rows{padded(tokens, count), padded(positions, count), padded(sequences, count),
            padded(outputs, outputs.size())};
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    Cache cache;
    auto results = evaluateFunction(function, rows, cache, {}, weights);
    if (!results)
      return results.takeError();
    llvm::outs() << "@" << function.getSymName() << "\n";
    for (const Tensor &result : *results)
      llvm::outs() << result;
  }
  return llvm::Error::success();
}

/// NumPy's file of a float32 matrix. Source: numpy.lib.format, version 1.0.
static llvm::Error writeNpy(const Tensor &tensor, llvm::StringRef path) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return inputError(path, "cannot be written: " + error.message());
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(tensor.rows) + ", " + std::to_string(tensor.columns) + "), }";
  header.resize(128 - 11, ' '); // the data begin at byte 128
  header += '\n';
  os << llvm::StringRef("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size()) << '\0'
     << header;
  os.write(reinterpret_cast<const char *>(tensor.values.data()),
           tensor.values.size() * sizeof(float));
  os.flush();
  if (!os.has_error())
    return llvm::Error::success();
  std::string message = os.error().message();
  os.clear_error();
  return inputError(path, "cannot be written: " + message);
}

static llvm::Error evaluateIds(mlir::ModuleOp module) {
  llvm::Expected<llvm::json::Value> json = readJsonFile(ids);
  if (!json)
    return json.takeError();
  const llvm::json::Array *array = json->getAsArray();
  std::vector<int64_t> sequence;
  if (array)
    for (const llvm::json::Value &id : *array)
      if (auto number = id.getAsInteger())
        sequence.push_back(*number);
  if (!array || array->empty() || sequence.size() != array->size())
    return inputError(ids.getValue(), "expected one JSON array of token ids");
  llvm::Expected<Tensor> result = evaluateModel(module, weights, rowsOf(sequence));
  if (!result)
    return result.takeError();
  return writeNpy(*result, logits);
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "evaluates llm functions in plain loops\n");
  mlir::DialectRegistry registry;
  registry.insert<llm::LlmDialect, pack::PackDialect, mlir::arith::ArithDialect,
                  mlir::func::FuncDialect, mlir::tensor::TensorDialect>();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(file, &context);
  if (!module)
    return 1;
  llvm::Error error = ids.empty() ? evaluateFile(*module) : evaluateIds(*module);
  if (!error)
    return 0;
  llvm::logAllUnhandledErrors(std::move(error), llvm::errs());
  return 1;
}
