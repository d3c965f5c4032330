// Tells the ABI what the graph knows: dimensions, segments and cache groups.
#include "compiler/tile/Cache.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/tile/PageLayout.h"
#include "dialects/tile/StateLayout.h"
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

tile::StateAttr CacheSettings::layoutOf(llm::StateType state) {
  return tile::StateAttr::get(state.getContext(), state.getGroup(), state.getHeads(),
                              state.getKeys(), state.getValues(), state.getChannels(),
                              state.getKept());
}

namespace {

/// A cache group, of keys and values or of states, and the layers that it has.
struct Group {
  Type type;
  int64_t layers = 0;
};

} // namespace

static abi::CacheGroupAttr describeGroup(const Group &group, const CacheSettings &settings) {
  MLIRContext *context = group.type.getContext();
  if (auto state = dyn_cast<llm::StateType>(group.type)) {
    int64_t bytes = tile::StateLayout(CacheSettings::layoutOf(state)).bytes;
    return abi::CacheGroupAttr::get(context, StringAttr::get(context, "state"), /*rowsPerPage=*/1,
                                    group.layers * bytes, group.layers, /*window=*/0);
  }
  auto cache = cast<llm::CacheType>(group.type);
  int64_t bytes = group.layers * tile::PageLayout(settings.layoutOf(cache)).bytes;
  auto kind = StringAttr::get(context, cache.getWindow() ? "window" : "full");
  return abi::CacheGroupAttr::get(context, kind, kPageRows, bytes, group.layers, cache.getWindow());
}

/// One entry for each cache group that the layers use, by its number.
static ArrayAttr cacheGroups(ModuleOp module, const CacheSettings &settings) {
  std::map<int64_t, Group> groups;
  auto note = [&](int64_t number, Type type, uint64_t layer) {
    Group &group = groups[number];
    group.type = type;
    group.layers = std::max<int64_t>(group.layers, static_cast<int64_t>(layer) + 1);
  };
  module.walk([&](Operation *op) {
    if (auto append = dyn_cast<llm::KvAppendOp>(op)) {
      llm::CacheType type = append.getCache().getType();
      note(type.getGroup(), type, append.getLayer());
    } else if (auto rule = dyn_cast<llm::DeltaRuleOp>(op)) {
      llm::StateType type = rule.getState().getType();
      note(type.getGroup(), type, rule.getLayer());
    } else if (auto conv = dyn_cast<llm::ShortConvOp>(op)) {
      llm::StateType type = conv.getState().getType();
      note(type.getGroup(), type, conv.getLayer());
    }
  });
  SmallVector<Attribute> attributes;
  for (auto &[number, group] : groups)
    attributes.push_back(describeGroup(group, settings));
  return ArrayAttr::get(module.getContext(), attributes);
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
