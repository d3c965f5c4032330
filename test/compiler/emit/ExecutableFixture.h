// What the tests of linking and writing share: a folder that goes away, a small module of weights,
// and a way to run a program.
#pragma once

#include "compiler/emit/BundleWriter.h"
#include "compiler/emit/Link.h"

#include "dialects/pack/Pack.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace osscc {

inline std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs a program without arguments; \returns its exit status, or -1, and what it printed.
inline std::pair<int, std::string> run(const std::string &path, const std::string &root = {}) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    if (root.empty() || (chroot(root.c_str()) == 0 && chdir("/") == 0)) {
      char *arguments[] = {const_cast<char *>(path.c_str()), nullptr};
      char *environment[] = {nullptr};
      execve(path.c_str(), arguments, environment);
    }
    _exit(127);
  }
  close(ends[1]);
  std::string printed;
  char piece[256];
  for (ssize_t got; (got = read(ends[0], piece, sizeof piece)) > 0;)
    printed.append(piece, got);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, printed};
}

class ExecutableTest : public testing::Test {
protected:
  /// Rows of the one matrix: 1200 x 512 in bf16 is more than the image.
  static constexpr int kRows = 1200, kChannels = 512;

  ExecutableTest() {
    context.loadDialect<pack::PackDialect>();
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("osscc-executable", folder));
    std::vector<uint16_t> values(kRows * kChannels);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<uint16_t>(i * 40503 >> 3);
    std::ofstream(path("model.safetensors"), std::ios::binary)
        .write(reinterpret_cast<const char *>(values.data()), values.size() * 2);
    module = mlir::parseSourceString<mlir::ModuleOp>(R"(
      pack.weight @norm : !pack.block<5, #pack.format<f32>, rows> {
        %0 = pack.slice "model.safetensors" at 100 : !pack.source<5xbf16>
        %1 = pack.quantize %0 : !pack.source<5xbf16> -> !pack.block<5, #pack.format<f32>, rows>
        pack.yield %1 : !pack.block<5, #pack.format<f32>, rows>
      }
      pack.weight @table : !pack.block<1200x512, #pack.format<bf16>, tiles> {
        %0 = pack.slice "model.safetensors" at 0 : !pack.source<1200x512xbf16>
        %1 = pack.quantize %0 : !pack.source<1200x512xbf16> -> !pack.block<1200x512, #pack.format<bf16>, rows>
        %2 = pack.relayout %1 : !pack.block<1200x512, #pack.format<bf16>, rows> -> !pack.block<1200x512, #pack.format<bf16>, tiles>
        pack.yield %2 : !pack.block<1200x512, #pack.format<bf16>, tiles>
      })",
                                                     &context);
    EXPECT_TRUE(module);
    index.model = std::make_unique<bundle::ModelT>();
    index.model->name = "probe";
    index.generation = std::make_unique<bundle::GenerationT>();
    index.tokenizer = std::make_unique<bundle::TokenizerT>();
  }
  ~ExecutableTest() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(const std::string &name) { return (folder + "/" + name).str(); }

  /// Probe.cpp linked, without a payload.
  std::unique_ptr<llvm::MemoryBuffer> image() {
    std::string object = bytesOf(OSSCC_PROBE_OBJECT);
    auto linked = linkExecutable({ObjectBytes(object.begin(), object.end())}, OSSCC_RESOURCES);
    if (linked)
      return std::move(*linked);
    ADD_FAILURE() << llvm::toString(linked.takeError());
    return nullptr;
  }

  /// Writes an executable; \returns the error's text, empty if there is none.
  std::string write(const llvm::MemoryBuffer &linked, const std::string &output) {
    WriteOptions options;
    llvm::DefaultThreadPool threads(llvm::hardware_concurrency(3));
    options.threads = &threads;
    options.output = output;
    options.sourceFolder = folder.str().str();
    ProvenanceReader provenance({path("model.safetensors")});
    options.provenance = &provenance;
    options.progress = [this](const BundleProgress &done) {
      lastProgress = {done.bytes, done.allBytes};
    };
    auto result = writeExecutable(linked, index, *module, options);
    if (!result)
      return llvm::toString(result.takeError());
    written = *result;
    return {};
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallString<128> folder;
  bundle::BundleT index;
  Written written = {};
  std::pair<uint64_t, uint64_t> lastProgress;
};

} // namespace osscc
