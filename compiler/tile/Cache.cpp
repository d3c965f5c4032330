// Tells the ABI what the graph knows: dimensions, segments and cache groups.
#include "compiler/tile/Cache.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <map>

using namespace mlir;

namespace osscc {

/// One entry for each cache group that the layers use, by its number.
static ArrayAttr cacheGroups(ModuleOp module, bool wide) {
  MLIRContext *context = module.getContext();
  std::map<int64_t, std::pair<int64_t, int64_t>> groups; // number -> bytes of a layer, layers
  module.walk([&](llm::KvAppendOp append) {
    auto &[bytes, layers] = groups[append.getCache().getType().getGroup()];
    bytes = std::max(bytes, layerBytes(append.getCache().getType(), wide));
    layers = std::max<int64_t>(layers, append.getLayer() + 1);
  });
  SmallVector<Attribute> attributes;
  for (auto &[number, group] : groups)
    attributes.push_back(abi::CacheGroupAttr::get(context, StringAttr::get(context, "full"),
                                                  kPageRows, group.first * group.second,
                                                  group.second));
  return ArrayAttr::get(context, attributes);
}

void describeModel(ModuleOp module, bool wideCache) {
  auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
  if (!config)
    return;
  module->setAttr("abi.model",
                  abi::ModelAttr::get(module.getContext(), config.getFamily(), config.getHidden(),
                                      config.getVocabulary(), config.getLayers(),
                                      config.getPositions(), config.getMaxRows()));
  module->setAttr("abi.cache_groups", cacheGroups(module, wideCache));
  module->removeAttr("llm.config");
  for (auto segment : module.getOps<func::FuncOp>())
    if (Attribute kind = segment->removeAttr("llm.segment"))
      segment->setAttr("abi.segment", kind);
}

} // namespace osscc
