// A stage that fails leaves a reproducer; one that does not leaves nothing.
#include "compiler/pipeline/StageRunner.h"

#include "compiler/pipeline/Register.h"
#include "mlir/Parser/Parser.h"
#include "support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

class StageRunner : public testing::Test {
protected:
  StageRunner() {
    registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    llvm::sys::fs::createUniqueDirectory("osscc-stage", folder);
    reproducer = (folder + "/reproducer.mlir").str();
  }
  ~StageRunner() override { llvm::sys::fs::remove_directories(folder); }

  llvm::Error run(Stage stage, const char *text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    auto target = llvm::cantFail(parseTarget("x86-64-v3"));
    mlir::DefaultTimingManager timing;
    mlir::TimingScope scope = timing.getRootScope();
    return runStage(stage, *module, *target, {}, {.reproducer = reproducer}, scope);
  }

  mlir::DialectRegistry registry;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  llvm::SmallString<128> folder;
  std::string reproducer;
};

const char *const kModule = R"(
  func.func @left(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
    %y = math.exp %x : tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  })";

TEST_F(StageRunner, NamesTheStageAndKeepsItsInput) {
  mlir::ScopedDiagnosticHandler silent(&context, [](mlir::Diagnostic &) {});
  llvm::Error error = run(Stage::Vector, kModule);
  ASSERT_TRUE(bool(error));
  EXPECT_FALSE(error.isA<InputError>());
  EXPECT_THAT(llvm::toString(std::move(error)), HasSubstr("the stage vector failed"));
  auto kept = llvm::MemoryBuffer::getFile(reproducer);
  ASSERT_TRUE(bool(kept));
  std::string text = (*kept)->getBuffer().str();
  EXPECT_THAT(text, HasSubstr("func.func @left"));
  EXPECT_THAT(text, HasSubstr("pipeline: \"builtin.module("));
}

TEST_F(StageRunner, LeavesNothingBehindASuccess) {
  llvm::Error error = run(Stage::Vector, "module {}");
  EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
  EXPECT_FALSE(llvm::sys::fs::exists(reproducer));
}

TEST(Stages, AreSpeltAsEmitSpellsThem) {
  std::vector<std::string> names;
  for (Stage stage : kStages)
    names.push_back(stageName(stage).str());
  EXPECT_THAT(names, testing::ElementsAre("graph", "packed", "tile", "kernels", "vector", "llvm"));
}

} // namespace
