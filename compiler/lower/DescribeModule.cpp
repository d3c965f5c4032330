// Describes the module to the runtime: osscc_module of runtime/abi/Abi.h and all that it points to,
// as LLVM constants, field after field in the header's order. Every field is 8 bytes, a number or a
// pointer, so a table is an array of such words.
//
// A file with kernels for several CPUs has a module for each: the first holds the table of all, the
// others a model each.
//
// From abi.model, abi.cache_groups, abi.arena_bytes, abi.target, abi.features, the segments and the
// weights. A module without abi.model (a test of one function) gets none. Stage: lower (llvm ->
// llvm).
#include "compiler/Passes.h"
#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Pack.h"
#include "runtime/abi/Abi.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_DESCRIBEMODULEPASS
#include "compiler/Passes.h.inc"

namespace {

/// A word of a table: a number, or the address of a symbol.
struct Word {
  int64_t number = 0;
  std::string symbol = {};
};

Word number(int64_t value) {
  return {value, {}};
}
Word address(std::string symbol) {
  return {0, std::move(symbol)};
}

struct TableBuilder {
  ModuleOp module;
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = builder.getUnknownLoc();
  Type pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type i64 = builder.getI64Type();
  int strings = 0;

  /// A NUL-terminated string; gives its symbol.
  Word text(StringRef value, int64_t alignment = 1) {
    std::string symbol = "osscc_text_" + std::to_string(strings++), bytes = value.str();
    bytes.push_back('\0');
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Private, symbol,
                           builder.getStringAttr(bytes), alignment);
    return address(symbol);
  }

  /// A constant of `words`, seen by the linker if `external`; gives its symbol.
  Word table(StringRef symbol, ArrayRef<Word> words, bool external = false) {
    SmallVector<Type> fields;
    for (const Word &word : words)
      fields.push_back(word.symbol.empty() ? i64 : pointer);
    auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
    auto linkage = external ? LLVM::Linkage::External : LLVM::Linkage::Private;
    auto global = LLVM::GlobalOp::create(builder, loc, type, true, linkage, symbol, Attribute(), 8);
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&global.getInitializerRegion());
    Value value = LLVM::UndefOp::create(builder, loc, type);
    for (auto [i, word] : llvm::enumerate(words)) {
      Value field = word.symbol.empty()
                        ? Value(LLVM::ConstantOp::create(builder, loc, i64,
                                                         builder.getI64IntegerAttr(word.number)))
                        : Value(LLVM::AddressOfOp::create(builder, loc, pointer, word.symbol));
      value = LLVM::InsertValueOp::create(builder, loc, value, field,
                                          ArrayRef<int64_t>{static_cast<int64_t>(i)});
    }
    LLVM::ReturnOp::create(builder, loc, value);
    return address(symbol.str());
  }

  /// A constant that another object of the file holds.
  Word outside(const std::string &symbol) {
    LLVM::GlobalOp::create(builder, loc, i64, /*isConstant=*/true, LLVM::Linkage::External, symbol,
                           Attribute(), /*alignment=*/8);
    return address(symbol);
  }
};

FailureOr<SmallVector<Word>> segmentWords(TableBuilder &tables) {
  SmallVector<Word> words;
  for (auto segment : tables.module.getOps<LLVM::LLVMFuncOp>()) {
    auto kind = segment->getAttrOfType<StringAttr>("abi.segment");
    if (!kind)
      continue;
    int64_t code = llvm::StringSwitch<int64_t>(kind.getValue())
                       .Case("embed", OSSCC_SEGMENT_EMBED)
                       .Case("layer", OSSCC_SEGMENT_LAYER)
                       .Case("head", OSSCC_SEGMENT_HEAD)
                       .Default(-1);
    if (code < 0)
      return segment.emitError() << "unknown kind of segment " << kind;
    words.append(
        {tables.text(segment.getSymName()), number(code), address(segment.getSymName().str())});
  }
  return words;
}

SmallVector<Word> weightWords(TableBuilder &tables) {
  SmallVector<Word> words;
  for (const pack::Placement &place : pack::placeWeights(tables.module)) {
    pack::WeightOp weight = place.weight;
    words.append({tables.text(weight.getSymName()), number(place.bytes), number(place.align),
                  number(OSSCC_PLACE_MAPPED), number(place.offset)});
  }
  return words;
}

SmallVector<Word> cacheWords(ModuleOp module) {
  SmallVector<Word> words;
  for (Attribute attribute : module->getAttrOfType<ArrayAttr>("abi.cache_groups")) {
    auto group = cast<abi::CacheGroupAttr>(attribute);
    auto kind = llvm::StringSwitch<int64_t>(group.getKind().getValue())
                    .Case("window", OSSCC_CACHE_WINDOW)
                    .Case("state", OSSCC_CACHE_STATE)
                    .Default(OSSCC_CACHE_FULL);
    words.append({number(sizeof(OssccCacheGroup)), number(kind), number(group.getRowsPerPage()),
                  number(group.getBytesPerPage()), number(abi::kLineBytes),
                  number(group.getWindow()), number(group.getLayers())});
  }
  return words;
}

/// The kernels of a device, by number.
SmallVector<Word> kernelWords(TableBuilder &tables) {
  SmallVector<Word> words;
  if (auto kernels = tables.module->getAttrOfType<ArrayAttr>("abi.kernels"))
    for (auto kernel : kernels.getAsRange<abi::KernelAttr>())
      words.append({tables.text(kernel.getName().getValue()), number(kernel.getShared())});
  return words;
}

/// The images that hold them.
SmallVector<Word> imageWords(TableBuilder &tables) {
  SmallVector<Word> words;
  if (auto images = tables.module->getAttrOfType<ArrayAttr>("abi.images"))
    for (auto image : images.getAsRange<abi::ImageAttr>()) {
      bool isText = image.getKind().getValue() == "ptx";
      StringRef data = image.getData().getValue();
      words.append({tables.text(image.getTarget().getValue()),
                    number(isText ? OSSCC_IMAGE_PTX : OSSCC_IMAGE_CUBIN),
                    number(static_cast<int64_t>(data.size()) + (isText ? 1 : 0)),
                    tables.text(data, /*alignment=*/16)});
    }
  return words;
}

StringRef stringAttr(ModuleOp module, StringRef name) {
  auto attribute = module->getAttrOfType<StringAttr>(name);
  return attribute ? attribute.getValue() : "";
}

/// The symbol of a tier's OssccModel.
std::string modelSymbol(int64_t tier) {
  return tier == 0 ? "osscc_model" : "osscc_model_" + std::to_string(tier);
}

/// What a model of a device has beside what all have; empty of a CPU.
SmallVector<Word> deviceWords(TableBuilder &tables) {
  StringRef device = stringAttr(tables.module, "abi.device");
  if (device.empty())
    return {};
  SmallVector<Word> kernels = kernelWords(tables), images = imageWords(tables);
  auto count = [](const SmallVector<Word> &words, size_t bytes) {
    return number(words.size() * 8 / bytes);
  };
  return {tables.text(device), count(kernels, sizeof(OssccKernel)),
          tables.table("osscc_kernels", kernels), count(images, sizeof(OssccImage)),
          tables.table("osscc_images", images)};
}

LogicalResult describeModule(ModuleOp module, int64_t tier, int64_t tiers) {
  auto model = module->getAttrOfType<abi::ModelAttr>("abi.model");
  auto arena = module->getAttrOfType<IntegerAttr>("abi.arena_bytes");
  if (!model)
    return success();
  if (!arena || !module->hasAttr("abi.cache_groups"))
    return module.emitError() << "has abi.model, but no abi.arena_bytes or abi.cache_groups";

  TableBuilder tables{module};
  FailureOr<SmallVector<Word>> segments = segmentWords(tables);
  if (failed(segments))
    return failure();
  SmallVector<Word> weights = weightWords(tables), caches = cacheWords(module);
  auto count = [](const SmallVector<Word> &words, size_t bytes) {
    return number(words.size() * 8 / bytes);
  };
  // A CPU's model ends where that of a device goes on.
  SmallVector<Word> ofDevice = deviceWords(tables);
  size_t bytes = ofDevice.empty() ? offsetof(OssccModel, device) : sizeof(OssccModel);
  SmallVector<Word> fields = {number(static_cast<int64_t>(bytes)),
                              tables.text(model.getName().getValue()),
                              tables.text(stringAttr(module, "abi.target")),
                              tables.text(stringAttr(module, "abi.features")),
                              number(model.getHidden()),
                              number(model.getVocabulary()),
                              number(model.getLayers()),
                              number(model.getPositions()),
                              number(model.getMaxRows()),
                              number(arena.getInt()),
                              number(abi::kLineBytes),
                              count(*segments, sizeof(OssccSegment)),
                              tables.table("osscc_segments", *segments),
                              count(weights, sizeof(OssccWeight)),
                              tables.table("osscc_weights", weights),
                              count(caches, sizeof(OssccCacheGroup)),
                              tables.table("osscc_cache_groups", caches)};
  fields.append(ofDevice);
  if (fields.size() * 8 != bytes)
    return module.emitError() << "OssccModel has other fields than its table";
  SmallVector<Word> models = {tables.table(modelSymbol(tier), fields, /*external=*/tier > 0)};
  if (tier > 0)
    return success();
  for (int64_t other = 1; other < tiers; ++other)
    models.push_back(tables.outside(modelSymbol(other)));
  tables.table("osscc_module",
               {number(sizeof(OssccModule)), number(OSSCC_ABI_VERSION), number(tiers),
                tables.table("osscc_models", models)},
               /*external=*/true);
  return success();
}

struct DescribeModulePass : osscc::impl::DescribeModulePassBase<DescribeModulePass> {
  using DescribeModulePassBase::DescribeModulePassBase;

  void runOnOperation() override {
    if (failed(describeModule(getOperation(), tier, tiers)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
