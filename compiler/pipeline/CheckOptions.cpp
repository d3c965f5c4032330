#include "compiler/pipeline/CheckOptions.h"

#include "dialects/pack/gguf/Types.h"
#include "support/UsageError.h"
#include "llvm/ADT/StringExtras.h"

namespace osscc {

const std::vector<std::string> &emitStages() {
  static const std::vector<std::string> stages = {
      "graph", "packed", "tile", "kernels", "vector", "llvm", "ptx", "asm", "obj", "exe", "card"};
  return stages;
}

llvm::Error checkOptions(const DriverOptions &options) {
  if (!llvm::is_contained({"keep", "f32", "f16", "bf16", "int8", "int4"}, options.quantize))
    return usageError("--quantize=" + options.quantize, "no such storage",
                      "take keep, f32, f16, bf16, int8 or int4");
  if (!llvm::is_contained({"auto", "f32", "int16", "int8"}, options.activations))
    return usageError("--activations=" + options.activations, "no such arithmetic",
                      "take auto, f32, int16 or int8");
  if (!llvm::is_contained({"auto", "f16", "f32", "int8"}, options.cache))
    return usageError("--cache=" + options.cache, "no such storage", "take auto, f16, f32 or int8");
  if (!llvm::is_contained(emitStages(), options.emit))
    return usageError("--emit=" + options.emit, "no such stage",
                      "take one of " + llvm::join(emitStages(), ", "));
  if (options.verify && options.emit != "exe")
    return usageError("--verify", "only an executable can be verified",
                      "leave --verify or --emit=" + options.emit + " out");
  if (!llvm::is_contained({"runtime", "off", "on", "low", "medium", "high"}, options.reasoning))
    return usageError("--reasoning=" + options.reasoning, "no such mode",
                      "take runtime, off, on, low, medium or high");
  return llvm::Error::success();
}

llvm::Expected<int64_t> planesOfActivations(const DriverOptions &options, const Target &target,
                                            mlir::ModuleOp module) {
  bool quantized = options.quantize == "int8" || options.quantize == "int4";
  bool kept = options.quantize == "keep" &&
              llvm::any_of(module.getOps<pack::WeightOp>(), [](pack::WeightOp weight) {
                return mlir::isa<pack::BlockType>(weight.getType()) || pack::gguf::blocksOf(weight);
              });
  llvm::StringRef wanted = options.activations;
  auto unsupported = [&](llvm::StringRef stored, llvm::StringRef help) {
    return usageError("--activations=" + wanted,
                      "not supported for " + stored + " storage on " + target.name, help);
  };
  if (!quantized && !kept) {
    if (wanted == "int16" || wanted == "int8")
      return unsupported("float", "floats take f32 (or auto); int16 and int8 go with "
                                  "--quantize=int8 or int4, and with a GGUF file in blocks");
    return 2;
  }
  if (wanted == "f32")
    return unsupported("block", "blocks take int16 or int8 (or auto); f32 goes with "
                                "--quantize=f32, f16 or bf16");
  if (wanted == "auto")
    return kept ? 2 : 1;
  return wanted == "int16" ? 2 : 1;
}

std::string storageOfCache(const DriverOptions &options, mlir::ModuleOp module) {
  if (options.cache != "auto")
    return options.cache;
  if (options.quantize != "keep")
    return options.quantize == "f32" ? "f32" : "f16";
  bool wide = llvm::all_of(module.getOps<pack::WeightOp>(), [](pack::WeightOp weight) {
    auto source = mlir::dyn_cast<pack::SourceType>(weight.getType());
    return source && source.getElement().isF32() && !pack::gguf::blocksOf(weight);
  });
  return wide ? "f32" : "f16";
}

} // namespace osscc
