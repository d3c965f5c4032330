// The table of x86-64 CPUs: which instruction set their kernels use, and the blocks that suit it.
#include "targets/x86/X86Target.h"

#include "targets/Passes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

namespace osscc {
namespace {

/// An instruction set that kernels are written for, and its register tile: `m` rows by `columns`
/// outputs keep their accumulators, one block of weights and one broadcast in registers (16 of 8
/// lanes, or 32 of 16).
struct Isa {
  llvm::StringRef cpu; // LLVM's name of the set
  llvm::StringRef features;
  int64_t lanes, m, columns;
};

constexpr llvm::StringRef kAvx2Features = "avx,avx2,bmi,bmi2,f16c,fma,lzcnt,movbe,popcnt";
const Isa kAvx2 = {"x86-64-v3", kAvx2Features, 8, 6, 16};
const Isa kAvx512 = {
    "x86-64-v4",
    "avx,avx2,bmi,bmi2,f16c,fma,lzcnt,movbe,popcnt,avx512f,avx512bw,avx512cd,avx512dq,avx512vl", 16,
    6, 64};

struct Cpu {
  llvm::StringRef name;
  const Isa &isa;
};

const Cpu kCpus[] = {
    {"x86-64-v3", kAvx2},        {"x86-64-v4", kAvx512},     {"haswell", kAvx2},
    {"broadwell", kAvx2},        {"skylake", kAvx2},         {"alderlake", kAvx2},
    {"znver1", kAvx2},           {"znver2", kAvx2},          {"znver3", kAvx2},
    {"znver4", kAvx512},         {"znver5", kAvx512},        {"skylake-avx512", kAvx512},
    {"cascadelake", kAvx512},    {"cooperlake", kAvx512},    {"icelake-client", kAvx512},
    {"icelake-server", kAvx512}, {"tigerlake", kAvx512},     {"rocketlake", kAvx512},
    {"sapphirerapids", kAvx512}, {"emeraldrapids", kAvx512}, {"graniterapids", kAvx512},
};

class X86Target : public Target {
public:
  X86Target(llvm::StringRef cpuName, llvm::StringRef tuneFor, const Isa &set) : isa(set) {
    triple = "x86_64-unknown-linux-gnu";
    name = cpuName.str();
    cpu = isa.cpu.str();
    tune = tuneFor.str();
    features = isa.features.str();
  }

  int64_t vectorBits() const override { return isa.lanes * 32; }

  tile::ScheduleAttr schedule(mlir::MLIRContext *context, pack::FormatAttr format, int64_t n,
                              int64_t k, int64_t parts) const override {
    // Narrow blocks where there are few, so that the workers share them evenly.
    int64_t block = n >= 1024 ? 64 : 32;
    int64_t columns = std::min(isa.columns / parts, block);
    columns = std::max<int64_t>(columns, pack::kTileRows);
    return tile::ScheduleAttr::get(context, isa.m, block, 8, isa.lanes, columns);
  }

  void addPasses(mlir::OpPassManager &passes) const override {
    mlir::OpPassManager &functions = passes.nest<mlir::func::FuncOp>();
    functions.addPass(createTileToGridPass());
    functions.addPass(createTileToVectorPass());
    functions.addPass(createX86LowerDotPass());
  }

private:
  const Isa &isa;
};

} // namespace

llvm::SmallVector<llvm::StringRef> x86TargetNames() {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Cpu &cpu : kCpus)
    names.push_back(cpu.name);
  return names;
}

std::unique_ptr<Target> makeX86Target(llvm::StringRef name) {
  for (const Cpu &cpu : kCpus)
    if (cpu.name == name)
      return std::make_unique<X86Target>(name, name, cpu.isa);
  return nullptr;
}

std::unique_ptr<Target> makeNativeX86Target() {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  auto has = [&](llvm::StringRef features) {
    llvm::SmallVector<llvm::StringRef> names;
    features.split(names, ',');
    return llvm::all_of(names, [&](llvm::StringRef feature) { return host.lookup(feature); });
  };
  // By what the CPU has, not by its name: a virtual machine may hide features that the name
  // implies.
  for (const Isa *isa : {&kAvx512, &kAvx2})
    if (has(isa->features))
      return std::make_unique<X86Target>(llvm::sys::getHostCPUName(), llvm::sys::getHostCPUName(),
                                         *isa);
  return nullptr;
}

} // namespace osscc
