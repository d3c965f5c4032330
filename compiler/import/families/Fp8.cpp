#include "compiler/import/families/Fp8.h"

#include "compiler/import/families/Common.h"

using namespace llvm;

namespace osscc {

int64_t readFp8Block(JsonFields &config) {
  constexpr StringLiteral kKey = "quantization_config";
  if (!config.has(kKey))
    return 0;
  const json::Value &value = *config.fields().get(kKey);
  const json::Object *object = value.getAsObject();
  const json::Array *size = object ? object->getArray("weight_block_size") : nullptr;
  auto extent = [&](size_t i) { return (*size)[i].getAsInteger().value_or(0); };
  bool isSquare = size && size->size() == 2 && extent(0) == extent(1) && extent(0) >= 1 &&
                  extent(0) <= kMostChannels;
  bool isFp8 = object && object->getString("quant_method") == "fp8" &&
               object->getString("fmt").value_or("e4m3") == "e4m3";
  if (!isFp8 || !isSquare) {
    config.fail(kKey,
                describe(value) + " is not supported, expected \"fp8\" of e4m3 in square blocks",
                "take a checkpoint in bf16; --quantize=int8 or int4 stores it in fewer bits");
    return 0;
  }
  config.note(kKey,
              "floats of 8 bits are decoded exactly: kept as they are they take 4 bytes each, "
              "--quantize=int8 stores one");
  return extent(0);
}

} // namespace osscc
