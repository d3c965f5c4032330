// What segments hand on beside the hidden rows: the kernels of a whole model compute what the
// evaluator says, row by row and all at once.
#include "compiler/emit/Object.h"
#include "compiler/emit/WeightWriter.h"
#include "compiler/pipeline/Register.h"
#include "compiler/pipeline/StageRunner.h"
#include "compiler/reference/Evaluate.h"
#include "mlir/Parser/Parser.h"
#include "runtime/abi/Abi.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace osscc;

namespace {

constexpr int64_t kWeights = 4416; // floats of the file "weights" (Inputs/carried.mlir)

/// One worker: nobody is waited for, and every block is its own.
int64_t nextBlock = 0;
void barrier(const OssccCall *, int64_t) {
  nextBlock = 0;
}
int64_t takeBlock(const OssccCall *, int64_t, int64_t, int64_t count) {
  return nextBlock < count ? nextBlock++ : count;
}
void finish(const OssccCall *, int64_t, int64_t) {}

/// Memory that begins with a line.
struct Memory {
  explicit Memory(size_t bytes)
      : bytes(static_cast<char *>(std::aligned_alloc(64, llvm::alignTo(bytes + 1, 64)))) {
    std::memset(this->bytes.get(), 0, bytes);
  }
  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> bytes;
};

class Carried : public testing::Test {
protected:
  Carried() {
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("osscc-carried", folder));
    std::vector<float> values(kWeights);
    uint32_t seed = 1;
    for (float &value : values) {
      seed = seed * 1664525 + 1013904223;
      value = static_cast<float>(seed >> 8) / (1 << 24) - 0.5F; // exact in f32
    }
    std::error_code code;
    llvm::raw_fd_ostream(std::string(folder) + "/weights", code)
        .write(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float));
    EXPECT_FALSE(code);
    module = mlir::parseSourceFile<mlir::ModuleOp>(OSSCC_INPUTS "/carried.mlir", &context);
  }
  ~Carried() override { llvm::sys::fs::remove_directories(folder); }

  void lower(llvm::ArrayRef<Stage> stages) {
    mlir::DefaultTimingManager timing;
    mlir::TimingScope scope = timing.getRootScope();
    PipelineOptions options;
    options.cached = "f32";
    for (Stage stage : stages)
      llvm::cantFail(runStage(stage, *module, *target, options, {}, scope));
  }

  /// The stored weights, as the runtime would find them in the payload.
  void packWeights() {
    SourceFiles sources(folder);
    llvm::DefaultThreadPool threads(llvm::hardware_concurrency(1));
    for (const pack::Placement &place : pack::placeWeights(*module)) {
      Memory &memory = weights.emplace_back(place.bytes);
      char *next = memory.bytes.get();
      llvm::cantFail(writeWeight(place.weight, sources, threads, [&](llvm::ArrayRef<char> piece) {
        next = std::copy(piece.begin(), piece.end(), next);
        return llvm::Error::success();
      }));
    }
  }

  void load() {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto llvmContext = std::make_unique<llvm::LLVMContext>();
    auto code = llvm::cantFail(translate(*module, *llvmContext));
    jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
    llvm::cantFail(jit->addIRModule({std::move(code), std::move(llvmContext)}));
    auto symbol = llvm::cantFail(jit->lookup("osscc_module"));
    model = symbol.toPtr<const OssccModule *>()->models[0];
  }

  /// The logits of `count` rows from `first` on, in one call.
  std::vector<float> call(const std::vector<int64_t> &tokens, int64_t first, int64_t count) {
    std::vector<int64_t> positions, sequences(count, 0), outputs;
    for (int64_t row = 0; row < count; ++row)
      positions.push_back(first + row), outputs.push_back(row);
    std::vector<float> logits(count * model->vocabulary);
    std::vector<const void *> stored;
    for (Memory &weight : weights)
      stored.push_back(weight.bytes.get());
    auto *page = reinterpret_cast<uint8_t *>(pages->bytes.get());
    uint8_t *const *sequence[] = {&page};
    uint8_t *const *const *group[] = {sequence};
    OssccServices services = {};
    services.struct_bytes = sizeof services;
    services.barrier = barrier, services.next_block = takeBlock, services.finish = finish;
    OssccCall frame = {};
    frame.struct_bytes = sizeof frame;
    frame.rows = frame.output_rows = count;
    frame.tokens = tokens.data() + first;
    frame.positions = positions.data(), frame.sequences = sequences.data();
    frame.outputs = outputs.data(), frame.output = logits.data();
    frame.arena = reinterpret_cast<uint8_t *>(arena->bytes.get());
    frame.weights = stored.data(), frame.caches = group;
    frame.workers = 1, frame.services = &services;
    for (int64_t i = 0; i < model->segment_count; ++i)
      model->segments[i].run(&frame, 0);
    return logits;
  }

  mlir::DialectRegistry registry;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Target> target = llvm::cantFail(parseTarget("native"));
  llvm::SmallString<128> folder;
  std::vector<Memory> weights;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  const OssccModel *model = nullptr;
  std::optional<Memory> arena, pages;
};

void expectClose(llvm::ArrayRef<float> found, llvm::ArrayRef<float> expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-4) << "number " << i;
}

TEST_F(Carried, KernelsComputeWhatTheEvaluatorDoes) {
  ASSERT_TRUE(module);
  std::vector<int64_t> tokens = {3, 14, 1, 5, 9, 2, 6, 5, 3, 5, 8};
  reference::Rows rows = reference::rowsOf({tokens});
  reference::Tensor expected = llvm::cantFail(reference::evaluateModel(*module, folder, rows));
  lower({Stage::Graph, Stage::Packed});
  reference::Tensor stored = llvm::cantFail(reference::evaluateModel(*module, folder, rows));
  EXPECT_EQ(stored.values, expected.values);
  packWeights();
  lower({Stage::Tile, Stage::Kernels, Stage::Vector, Stage::LLVM});
  load();

  auto count = static_cast<int64_t>(tokens.size());
  arena.emplace(model->arena_bytes), pages.emplace(model->cache_groups[0].bytes_per_page);
  std::vector<float> together = call(tokens, 0, count), apart;
  expectClose(together, expected.values);
  pages.emplace(model->cache_groups[0].bytes_per_page);
  for (int64_t row = 0; row < count; ++row)
    llvm::append_range(apart, call(tokens, row, 1));
  EXPECT_EQ(apart, together) << "a row's numbers depend on no neighbour";
}

} // namespace
