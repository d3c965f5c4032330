// LLVM modules to objects, and objects to programs.
#include "test/compiler/emit/ExecutableFixture.h"

#include "compiler/emit/Link.h"
#include "compiler/emit/Object.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Object/ELF.h"
#include "llvm/Object/ELFTypes.h"
#include "llvm/Support/SourceMgr.h"
#include <sys/stat.h>

using namespace osscc;

namespace {

class Object : public ExecutableTest {
protected:
  std::unique_ptr<llvm::Module> parse(const char *text) {
    llvm::SMDiagnostic problem;
    auto parsed = llvm::parseAssemblyString(text, problem, llvmContext);
    EXPECT_TRUE(parsed) << problem.getMessage().str();
    return parsed;
  }
  std::string code(llvm::Module &unit, llvm::CodeGenFileType kind,
                   llvm::StringRef cpu = "x86-64-v3") {
    auto machine = createMachine("x86_64-unknown-linux-gnu", cpu);
    EXPECT_TRUE(bool(machine));
    optimise(unit, **machine, "znver4");
    if (kind == llvm::CodeGenFileType::ObjectFile && unit.getFunction("main"))
      reservePayload(unit);
    auto emitted = emitObject(unit, **machine, kind);
    EXPECT_TRUE(bool(emitted));
    return {emitted->data(), emitted->size()};
  }
  static ObjectBytes bytes(const std::string &object) { return {object.begin(), object.end()}; }
  llvm::LLVMContext llvmContext;
};

TEST_F(Object, BecomesAProgram) {
  auto unit = parse("define i32 @main() { ret i32 42 }");
  std::string object = code(*unit, llvm::CodeGenFileType::ObjectFile);
  auto linked = linkExecutable({bytes(object)}, OSSCC_RESOURCES);
  ASSERT_TRUE(bool(linked)) << llvm::toString(linked.takeError());
  ASSERT_EQ(write(**linked, path("program")), "");
  EXPECT_EQ(run(path("program")).first, 42);
}

// Kernels for two CPUs have the same names; what describes them to the runtime has not.
TEST_F(Object, KernelsOfTwoTargetsDoNotMeet) {
  auto first = parse("@osscc_model_1 = external constant i32\n"
                     "define i32 @layer_0() { ret i32 40 }\n"
                     "define i32 @main() {\n  %a = call i32 @layer_0()\n"
                     "  %b = load i32, ptr @osscc_model_1\n  %r = add i32 %a, %b\n  ret i32 %r\n}");
  auto second = parse("@osscc_model_1 = constant i32 2\n"
                      "define i32 @layer_0() { ret i32 50 }");
  hideKernels(*second);
  EXPECT_TRUE(second->getFunction("layer_0")->hasInternalLinkage());
  auto linked = linkExecutable({bytes(code(*first, llvm::CodeGenFileType::ObjectFile)),
                                bytes(code(*second, llvm::CodeGenFileType::ObjectFile))},
                               OSSCC_RESOURCES);
  ASSERT_TRUE(bool(linked)) << llvm::toString(linked.takeError());
  ASSERT_EQ(write(**linked, path("program")), "");
  EXPECT_EQ(run(path("program")).first, 42);
}

/// The libraries that an executable names, and its loader.
std::vector<std::string> neededBy(llvm::StringRef image) {
  std::vector<std::string> names;
  auto file = llvm::cantFail(llvm::object::ELFFile<llvm::object::ELF64LE>::create(image));
  for (const auto &segment : llvm::cantFail(file.program_headers()))
    if (segment.p_type == llvm::ELF::PT_INTERP)
      names.emplace_back(image.data() + segment.p_offset);
  llvm::StringRef strings;
  for (const auto &section : llvm::cantFail(file.sections()))
    if (section.sh_type == llvm::ELF::SHT_DYNAMIC)
      strings = llvm::cantFail(file.getLinkAsStrtab(section));
  for (const auto &entry : llvm::cantFail(file.dynamicEntries()))
    if (entry.d_tag == llvm::ELF::DT_NEEDED)
      names.emplace_back(strings.data() + entry.d_un.d_val);
  return names;
}

// What drives a device opens the driver's library; it comes with the runtime that it needs, and
// nothing of the system's but libc.
TEST_F(Object, ADevicesProgramTakesLibcFromTheSystem) {
  auto unit = parse("@osscc_cuda = external constant ptr\n"
                    "declare ptr @dlopen(ptr, i32)\n"
                    "define i32 @main() {\n"
                    "  %self = call ptr @dlopen(ptr null, i32 2)\n"
                    "  %open = load volatile ptr, ptr @osscc_cuda\n"
                    "  %a = icmp ne ptr %self, null\n  %b = icmp ne ptr %open, null\n"
                    "  %both = and i1 %a, %b\n  %r = select i1 %both, i32 42, i32 1\n"
                    "  ret i32 %r\n}");
  std::string object = code(*unit, llvm::CodeGenFileType::ObjectFile);
  auto linked = linkExecutable({bytes(object)}, OSSCC_RESOURCES, LinkKind::Dynamic);
  ASSERT_TRUE(bool(linked)) << llvm::toString(linked.takeError());
  EXPECT_EQ(neededBy((*linked)->getBuffer()),
            (std::vector<std::string>{"/lib64/ld-linux-x86-64.so.2", "libm.so.6", "libc.so.6",
                                      "ld-linux-x86-64.so.2"}));
  ASSERT_EQ(write(**linked, path("program")), "");
  EXPECT_EQ(run(path("program")).first, 42);
}

TEST(Link, StaticProgramsAreFreeOfWhatDrivesDevices) {
  auto has = [](LinkKind kind, const char *wanted) {
    return llvm::is_contained(linkerArguments("/r", {"a.o"}, "script", "out", kind), wanted);
  };
  EXPECT_TRUE(has(LinkKind::Static, "-static"));
  EXPECT_TRUE(has(LinkKind::Static, "/r/libc.a"));
  EXPECT_FALSE(has(LinkKind::Static, "/r/libosscc_cuda.a"));
  EXPECT_FALSE(has(LinkKind::Dynamic, "-static"));
  EXPECT_TRUE(has(LinkKind::Dynamic, "/r/libosscc_cuda.a"));
  EXPECT_TRUE(has(LinkKind::Dynamic, "/r/libc.so.6"));
  EXPECT_FALSE(has(LinkKind::Dynamic, "/r/libc.a"));
}

TEST_F(Object, MissingSymbolsAreNamed) {
  auto unit = parse("declare i32 @osscc_nowhere()\n"
                    "define i32 @main() {\n  %r = call i32 @osscc_nowhere()\n  ret i32 %r\n}");
  std::string object = code(*unit, llvm::CodeGenFileType::ObjectFile);
  auto linked = linkExecutable({bytes(object)}, OSSCC_RESOURCES);
  ASSERT_FALSE(bool(linked));
  EXPECT_EQ(llvm::toString(linked.takeError()), "link: error: undefined symbol: osscc_nowhere");
}

// A loop over scalars stays one: neither vectoriser runs. The CPU's own instructions are used.
TEST_F(Object, LoopsStayAsTheyAreWritten) {
  auto unit = parse(R"(
    declare float @llvm.fma.f32(float, float, float)
    define void @axpy(ptr noalias %x, ptr noalias %y, float %a, i64 %n) {
    entry:
      br label %loop
    loop:
      %i = phi i64 [0, %entry], [%next, %loop]
      %px = getelementptr float, ptr %x, i64 %i
      %py = getelementptr float, ptr %y, i64 %i
      %vx = load float, ptr %px
      %vy = load float, ptr %py
      %r = call float @llvm.fma.f32(float %a, float %vx, float %vy)
      store float %r, ptr %py
      %next = add i64 %i, 1
      %more = icmp ult i64 %next, %n
      br i1 %more, label %loop, label %done
    done:
      ret void
    })");
  std::string text = code(*unit, llvm::CodeGenFileType::AssemblyFile);
  EXPECT_NE(text.find("vfmadd"), std::string::npos) << text;
  EXPECT_EQ(text.find("ymm"), std::string::npos) << text;
  EXPECT_EQ(text.find("ps\t"), std::string::npos) << text;
}

TEST_F(Object, UnknownCpusAreRefused) {
  auto machine = createMachine("x86_64-unknown-linux-gnu", "znver99");
  ASSERT_FALSE(bool(machine));
  EXPECT_EQ(llvm::toString(machine.takeError()),
            "emit: LLVM knows no CPU 'znver99' for x86_64-unknown-linux-gnu");
}

// Weights stay behind when the code is translated.
TEST_F(Object, TranslatesTheCodeAlone) {
  context.loadDialect<mlir::LLVM::LLVMDialect>();
  auto mixed = mlir::parseSourceString<mlir::ModuleOp>(R"(
    pack.weight @w : !pack.source<4xf32> {
      %0 = pack.slice "m" at 0 : !pack.source<4xf32>
      pack.yield %0 : !pack.source<4xf32>
    }
    llvm.func @answer() -> i64 {
      %0 = llvm.mlir.constant(42 : i64) : i64
      llvm.return %0 : i64
    })",
                                                       &context);
  ASSERT_TRUE(mixed);
  auto unit = translate(*mixed, llvmContext);
  ASSERT_TRUE(bool(unit)) << llvm::toString(unit.takeError());
  EXPECT_NE((*unit)->getFunction("answer"), nullptr);
}

} // namespace
