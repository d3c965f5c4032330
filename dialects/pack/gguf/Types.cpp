// Source of numbers and sizes: gguf-py's GGMLQuantizationType and GGML_QUANT_SIZES.
#include "dialects/pack/gguf/Types.h"

#include "dialects/pack/Blocks.h"
#include "dialects/pack/gguf/Decode.h"
#include "dialects/pack/gguf/Split.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>
#include <cmath>

namespace osscc::pack::gguf {

namespace {

/// A block of a type that has a format of its own.
template <void (*split)(const uint8_t *, BlockParts &)>
void decodeParts(const uint8_t *block, float *values) {
  static const BlockFormat &format =
      *llvm::find_if(blockFormats(), [](const BlockFormat &row) { return row.split == split; });
  pack::decodeBlocks(format, block, 1, values);
}

constexpr Type kTypes[] = {
    {0, "F32", 1, 4, decodeF32},
    {1, "F16", 1, 2, decodeF16},
    {2, "Q4_0", 32, 18, decodeParts<splitQ4_0>},
    {3, "Q4_1", 32, 20, decodeParts<splitQ4_1>},
    {6, "Q5_0", 32, 22, decodeParts<splitQ5_0>},
    {7, "Q5_1", 32, 24, decodeParts<splitQ5_1>},
    {8, "Q8_0", 32, 34, decodeParts<splitQ8_0>},
    {9, "Q8_1", 32, 36, nullptr},
    {10, "Q2_K", 256, 84, decodeParts<splitQ2K>},
    {11, "Q3_K", 256, 110, decodeParts<splitQ3K>},
    {12, "Q4_K", 256, 144, decodeParts<splitQ4K>},
    {13, "Q5_K", 256, 176, decodeParts<splitQ5K>},
    {14, "Q6_K", 256, 210, decodeParts<splitQ6K>},
    {15, "Q8_K", 256, 292, nullptr},
    {16, "IQ2_XXS", 256, 66, decodeIQ2_XXS},
    {17, "IQ2_XS", 256, 74, decodeIQ2_XS},
    {18, "IQ3_XXS", 256, 98, decodeIQ3_XXS},
    {19, "IQ1_S", 256, 50, decodeIQ1_S},
    {20, "IQ4_NL", 32, 18, decodeParts<splitIq4Nl>},
    {21, "IQ3_S", 256, 110, decodeIQ3_S},
    {22, "IQ2_S", 256, 82, decodeIQ2_S},
    {23, "IQ4_XS", 256, 136, decodeParts<splitIq4Xs>},
    {24, "I8", 1, 1, nullptr},
    {25, "I16", 1, 2, nullptr},
    {26, "I32", 1, 4, nullptr},
    {27, "I64", 1, 8, nullptr},
    {28, "F64", 1, 8, nullptr},
    {29, "IQ1_M", 256, 56, decodeIQ1_M},
    {30, "BF16", 1, 2, decodeBF16},
    {34, "TQ1_0", 256, 54, decodeTQ1_0},
    {35, "TQ2_0", 256, 66, decodeTQ2_0},
    {39, "MXFP4", 32, 17, decodeParts<splitMxfp4>},
    {40, "NVFP4", 64, 36, decodeNVFP4},
    {41, "Q1_0", 128, 18, nullptr},
};

const Type *found(const Type *type) {
  return type == std::end(kTypes) ? nullptr : type;
}

} // namespace

llvm::ArrayRef<Type> types() {
  return kTypes;
}

const Type *findType(uint32_t id) {
  return found(llvm::find_if(kTypes, [&](const Type &type) { return type.id == id; }));
}

const Type *findType(llvm::StringRef name) {
  return found(llvm::find_if(kTypes, [&](const Type &type) { return type.name == name; }));
}

constexpr llvm::StringLiteral kBlocks = "blocks";

const Type *blocksOf(SliceOp slice) {
  auto name = slice->getAttrOfType<mlir::StringAttr>(kBlocks);
  return name ? findType(name.getValue()) : nullptr;
}

const Type *blocksOf(WeightOp weight) {
  const Type *type = nullptr;
  weight.walk([&](SliceOp slice) {
    if (const Type *found = blocksOf(slice))
      type = found;
  });
  return type;
}

void setBlocks(SliceOp slice, const Type &type) {
  slice->setAttr(kBlocks, mlir::StringAttr::get(slice.getContext(), type.name));
}

void decodeBlocks(const Type &type, llvm::ArrayRef<char> blocks,
                  llvm::MutableArrayRef<float> values) {
  size_t count = blocks.size() / type.bytes;
  assert(blocks.size() == count * type.bytes && values.size() == count * type.elements);
  const auto *from = reinterpret_cast<const uint8_t *>(blocks.data());
  for (size_t i = 0; i < count; ++i)
    type.decode(from + i * type.bytes, values.data() + i * type.elements);
}

std::optional<size_t> firstNotFinite(llvm::ArrayRef<float> values) {
  const auto *value = llvm::find_if_not(values, [](float v) { return std::isfinite(v); });
  if (value == values.end())
    return std::nullopt;
  return value - values.begin();
}

} // namespace osscc::pack::gguf
