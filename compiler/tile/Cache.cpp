// Tells the ABI what the graph knows: dimensions, segments and cache groups.
#include "compiler/tile/Cache.h"

#include "dialects/abi/AbiDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <map>

using namespace mlir;

namespace osscc {

Type cachedType(MLIRContext *context, llvm::StringRef name) {
  if (name == "f32")
    return Float32Type::get(context);
  if (name == "int8")
    return IntegerType::get(context, 8);
  return Float16Type::get(context);
}

int64_t layerBytes(llm::CacheType cache, Type cached) {
  int64_t numbers = 2 * cache.getHeads() * kPageRows, scales = cached.isInteger() ? 4 : 0;
  return numbers * (cache.getSize() * cached.getIntOrFloatBitWidth() / 8 + scales);
}

/// One entry for each cache group that the layers use, by its number.
static ArrayAttr cacheGroups(ModuleOp module, Type cached) {
  MLIRContext *context = module.getContext();
  std::map<int64_t, std::pair<int64_t, int64_t>> groups; // number -> bytes of a layer, layers
  module.walk([&](llm::KvAppendOp append) {
    auto &[bytes, layers] = groups[append.getCache().getType().getGroup()];
    bytes = std::max(bytes, layerBytes(append.getCache().getType(), cached));
    layers = std::max<int64_t>(layers, append.getLayer() + 1);
  });
  SmallVector<Attribute> attributes;
  for (auto &[number, group] : groups)
    attributes.push_back(abi::CacheGroupAttr::get(context, StringAttr::get(context, "full"),
                                                  kPageRows, group.first * group.second,
                                                  group.second));
  return ArrayAttr::get(context, attributes);
}

void describeModel(ModuleOp module, Type cached) {
  auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
  if (!config)
    return;
  module->setAttr("abi.model",
                  abi::ModelAttr::get(module.getContext(), config.getFamily(), config.getHidden(),
                                      config.getVocabulary(), config.getLayers(),
                                      config.getPositions(), config.getMaxRows()));
  module->setAttr("abi.cache_groups", cacheGroups(module, cached));
  module->removeAttr("llm.config");
  for (auto segment : module.getOps<func::FuncOp>())
    if (Attribute kind = segment->removeAttr("llm.segment"))
      segment->setAttr("abi.segment", kind);
}

} // namespace osscc
