// Tells the ABI what the graph knows: dimensions, segments and cache groups.
#include "compiler/tile/Cache.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/PageLayout.h"
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

CacheSettings CacheSettings::of(ModuleOp module, Type stored) {
  auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
  return {stored, config ? config.getMaxRows() : 1};
}

tile::CacheAttr CacheSettings::layoutOf(llm::CacheType cache) const {
  int64_t window = cache.getWindow();
  return tile::CacheAttr::get(
      cache.getContext(), cache.getGroup(), cache.getHeads(), cache.getSize(), kPageRows, stored,
      window ? abi::ringPages(window, maxRows, kPageRows) : 0, cache.getValues());
}

/// One entry for each cache group that the layers use, by its number.
static ArrayAttr cacheGroups(ModuleOp module, const CacheSettings &settings) {
  MLIRContext *context = module.getContext();
  struct Group {
    llm::CacheType type;
    int64_t layers = 0;
  };
  std::map<int64_t, Group> groups;
  module.walk([&](llm::KvAppendOp append) {
    Group &group = groups[append.getCache().getType().getGroup()];
    group.type = append.getCache().getType();
    group.layers = std::max<int64_t>(group.layers, append.getLayer() + 1);
  });
  SmallVector<Attribute> attributes;
  for (auto &[number, group] : groups) {
    int64_t bytes = group.layers * tile::PageLayout(settings.layoutOf(group.type)).bytes;
    auto kind = StringAttr::get(context, group.type.getWindow() ? "window" : "full");
    attributes.push_back(abi::CacheGroupAttr::get(context, kind, kPageRows, bytes, group.layers,
                                                  group.type.getWindow()));
  }
  return ArrayAttr::get(context, attributes);
}

void describeModel(ModuleOp module, const CacheSettings &settings) {
  auto config = module->getAttrOfType<llm::ConfigAttr>("llm.config");
  if (!config)
    return;
  module->setAttr("abi.model", abi::ModelAttr::get(module.getContext(), config.getFamily(),
                                                   config.getHidden(), config.getVocabulary(),
                                                   config.getLayers(), config.getPositions(),
                                                   config.getMaxRows(), config.getCarried()));
  module->setAttr("abi.cache_groups", cacheGroups(module, settings));
  module->removeAttr("llm.config");
  for (auto segment : module.getOps<func::FuncOp>())
    if (Attribute kind = segment->removeAttr("llm.segment"))
      segment->setAttr("abi.segment", kind);
}

} // namespace osscc
