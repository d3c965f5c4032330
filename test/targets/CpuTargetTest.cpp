// The passes of a CPU go by its numbers, not by those of another.
#include "targets/cpu/CpuTarget.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace osscc;

namespace {

/// A CPU of one schedule, for which no row is short enough for each worker to compute it alone.
class OtherCpu : public CpuTarget {
public:
  explicit OtherCpu(int64_t ownChannels) {
    tuning.ownChannels = ownChannels;
    tuning.headStartBytes = 128;
  }
  int64_t vectorBits() const override { return 128; }
  tile::ScheduleAttr schedule(mlir::MLIRContext *context, int64_t, int64_t,
                              int64_t) const override {
    return tile::ScheduleAttr::get(context, 2, 16, 4, 8, 16, 0, 2);
  }
  void addVectorPasses(mlir::OpPassManager &) const override {}
};

const char *const kSegment = R"(
  func.func @layer() attributes {abi.segment = "layer"} {
    %n = abi.rows
    %x = abi.arena 0(%n) : memref<?x32xf32>
    %s = abi.weight @s : memref<32xf32>
    %w = abi.weight @w : memref<2x32x16xf32>
    %y = memref.alloc(%n) : memref<?x32xf32>
    tile.norm ins(%x, %s : memref<?x32xf32>, memref<32xf32>) outs(%y : memref<?x32xf32>) {eps = 1.0e-05 : f32}
    tile.matmul ins(%y, %w : memref<?x32xf32>, memref<2x32x16xf32>) outs(%x : memref<?x32xf32>) {
    ^bb0(%acc: f32, %old: f32):
      tile.yield %acc : f32
    }
    return
  })";

/// The segment as the workers of `target` share it.
std::string sharedBy(const Target &target) {
  mlir::MLIRContext context;
  context
      .loadDialect<tile::TileDialect, osscc::abi::AbiDialect, mlir::func::FuncDialect,
                   mlir::memref::MemRefDialect, mlir::arith::ArithDialect, mlir::scf::SCFDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(kSegment, &context);
  mlir::PassManager passes(&context);
  target.addKernelPasses(passes);
  EXPECT_TRUE(mlir::succeeded(passes.run(*module)));
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  return text;
}

bool has(llvm::StringRef text, llvm::StringRef part) {
  return text.contains(part);
}

TEST(CpuTarget, PassesGoByItsNumbers) {
  std::string shared = sharedBy(OtherCpu(16)), alone = sharedBy(OtherCpu(32));
  EXPECT_FALSE(has(shared, "scf.if"));
  EXPECT_TRUE(has(alone, "scf.if"));
  for (const std::string &text : {shared, alone}) {
    EXPECT_TRUE(has(text, "#tile.schedule<m = 2, n = 16, k = 4, lanes = 8, columns = 16>"));
    EXPECT_TRUE(has(text, "bytes = 128 : i64"));
    EXPECT_TRUE(has(text, "abi.barrier"));
  }
}

TEST(CpuTarget, IsFoundBehindATarget) {
  auto target = llvm::cantFail(parseTarget("znver4"));
  ASSERT_NE(target->asCpu(), nullptr);
  EXPECT_EQ(target->asCpu()->name, "znver4");
}

} // namespace
