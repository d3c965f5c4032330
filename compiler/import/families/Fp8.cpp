#include "compiler/import/families/Fp8.h"

#include "compiler/import/families/Common.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kKey = "quantization_config";
/// A block that no matrix is larger than.
constexpr int64_t kWhole = int64_t(1) << 32;

/// The extent of square blocks, 0 of others.
int64_t squareOf(const json::Array &size) {
  auto extent = [&](size_t i) { return size[i].getAsInteger().value_or(0); };
  bool isSquare = size.size() == 2 && extent(0) == extent(1);
  return isSquare && extent(0) >= 1 && extent(0) <= kMostChannels ? extent(0) : 0;
}

/// The block of "fp8", 0 of what it is not: one scale a matrix, where no size is named.
int64_t blockOfFp8(const json::Object &object) {
  if (object.getString("quant_method") != "fp8" ||
      object.getString("fmt").value_or("e4m3") != "e4m3")
    return 0;
  const json::Array *size = object.getArray("weight_block_size");
  return size ? squareOf(*size) : kWhole;
}

/// The same of "compressed-tensors", whose groups say alike how weights are stored.
int64_t blockOfCompressed(const json::Object &object) {
  const json::Object *groups = object.getObject("config_groups");
  if (object.getString("quant_method") != "compressed-tensors" ||
      object.getString("format") != "float-quantized" || !groups || groups->empty())
    return 0;
  int64_t block = 0;
  for (const auto &[name, group] : *groups) {
    const json::Object *fields = group.getAsObject();
    const json::Object *weights = fields ? fields->getObject("weights") : nullptr;
    if (!weights || weights->getInteger("num_bits") != 8 || weights->getString("type") != "float")
      return 0;
    StringRef strategy = weights->getString("strategy").value_or("tensor");
    const json::Array *size = weights->getArray("block_structure");
    int64_t own = strategy == "tensor" ? kWhole : strategy == "block" && size ? squareOf(*size) : 0;
    if (own == 0 || (block != 0 && own != block))
      return 0;
    block = own;
  }
  return block;
}

} // namespace

void readFp8(JsonFields &config, ModelSpec &spec) {
  if (!config.has(kKey))
    return;
  const json::Value &value = *config.fields().get(kKey);
  if (const json::Object *object = value.getAsObject()) {
    spec.fp8Block = blockOfFp8(*object);
    if (spec.fp8Block == 0)
      spec.fp8Block = blockOfCompressed(*object);
  }
  if (spec.fp8Block == 0)
    return config.fail(
        kKey,
        describe(value) + " is not supported, expected floats of 8 bits, e4m3, with a scale for "
                          "each square block or each matrix",
        "take a checkpoint in bf16; --quantize=int8 or int4 stores it in fewer bits");
  // What activations were divided by, which stay as they are here.
  for (const char *ending : {".input_scale", ".activation_scale"})
    spec.ignoredSuffixes.emplace_back(ending);
  config.note(kKey,
              "floats of 8 bits are decoded exactly: kept as they are they take 4 bytes each, "
              "--quantize=int8 stores one");
}

} // namespace osscc
