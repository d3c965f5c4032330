#include "compiler/pipeline/Details.h"

#include "compiler/import/template/ChatFormat.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Pack.h"
#include "dialects/tile/Tile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace osscc {

void describeImport(const ImportedModel &imported, Report &report) {
  const bundle::ModelT &model = *imported.assets.model;
  report.detail(model.family + ": " + llvm::Twine(model.layers) + " layers, hidden " +
                llvm::Twine(model.hidden) + ", vocabulary " + llvm::Twine(model.vocabulary) +
                ", context " + llvm::Twine(model.context) + ", " + llvm::Twine(model.parameters) +
                " parameters");
  for (const auto &source : imported.assets.sources)
    report.detail(imported.folder + "/" + source->file + "   " + byteText(source->bytes));
  for (const auto &each : imported.assets.templates)
    report.detail("chat template " + each->name + " of " + each->file);
  if (imported.assets.chat_format)
    report.detail(describeChatFormat(*imported.assets.chat_format));
  if (imported.assets.tool_calls)
    report.detail("tool calls as " + imported.assets.tool_calls->name);
}

void describeWeights(ModuleOp module, Report &report) {
  for (const pack::Placement &place : pack::placeWeights(module)) {
    pack::WeightOp weight = place.weight;
    std::string type;
    llvm::raw_string_ostream(type) << weight.getType();
    report.detail("weight " + weight.getSymName() + "   " + type + "   " +
                  byteText(static_cast<uint64_t>(place.bytes)));
  }
}

void describeKernels(ModuleOp module, Report &report) {
  llvm::StringMap<int64_t> calls;
  module.walk([&](func::CallOp call) { ++calls[call.getCallee()]; });
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPrivate() || function.isExternal())
      continue;
    Operation &kernel = function.getBody().front().front();
    report.detail("kernel " + function.getSymName() + "   " + kernel.getName().getStringRef() +
                  "   " + llvm::Twine(calls.lookup(function.getSymName())) + " calls");
  }
}

Memory memoryOf(ModuleOp module) {
  Memory memory = {};
  auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
  auto groups = module->getAttrOfType<ArrayAttr>("abi.cache_groups");
  if (model && groups)
    for (auto group : groups.getAsRange<abi::CacheGroupAttr>())
      memory.cache +=
          group.pages(model.getPositions(), model.getMaxRows()) * group.getBytesPerPage();
  if (auto arena = module->getAttrOfType<IntegerAttr>("abi.arena_bytes"))
    memory.scratch = arena.getInt();
  return memory;
}

} // namespace osscc
