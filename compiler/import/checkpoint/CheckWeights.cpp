// Compares the checkpoint's tensors with those that the config describes.
#include "compiler/import/checkpoint/CheckWeights.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace osscc {

namespace {

/// The first of a row's values that is infinite or not a number, by the exponent bits, which are
/// then all ones.
std::optional<size_t> firstNotFinite(StringRef dtype, StringRef bytes) {
  size_t width = dtype == "F32" ? 4 : 2;
  uint32_t exponent = dtype == "F32" ? 0x7F800000 : dtype == "F16" ? 0x7C00 : 0x7F80;
  for (size_t i = 0; i + width <= bytes.size(); i += width) {
    const char *value = bytes.data() + i;
    uint32_t bits =
        width == 4 ? support::endian::read32le(value) : support::endian::read16le(value);
    if ((bits & exponent) == exponent)
      return i / width;
  }
  return std::nullopt;
}

Error checkWeight(const WeightSpec &weight, const Checkpoint &checkpoint) {
  const Tensor *tensor = checkpoint.find(weight.name);
  if (!tensor)
    return inputError(checkpoint.placeOfMissing(weight.name),
                      "is missing, expected shape " + shapeText(weight.shape),
                      checkpoint.words().config + " and the weights must be of the same model");
  if (ArrayRef<int64_t>(tensor->shape) != ArrayRef<int64_t>(weight.shape))
    return inputError(checkpoint.place(*tensor),
                      "shape " + shapeText(tensor->shape) + " does not match " +
                          shapeText(weight.shape) + " (" + weight.fields + ")",
                      checkpoint.words().config + " and the weights must be of the same model");
  SmallVector<StringRef> types = {"F32", "F16", "BF16"};
  if (weight.shape.size() == 2)
    append_range(types, checkpoint.words().blocks);
  if (!is_contained(types, tensor->dtype)) {
    StringRef last = types.pop_back_val();
    return inputError(checkpoint.place(*tensor),
                      "dtype " + tensor->dtype + " is not supported, expected " +
                          join(types, ", ") + " or " + last,
                      "convert the checkpoint to one of these");
  }
  if (weight.shape.size() != 1)
    return Error::success();
  Expected<std::string> bytes = checkpoint.readBytes(*tensor, 0, tensor->bytes);
  if (!bytes)
    return bytes.takeError();
  if (std::optional<size_t> index = firstNotFinite(tensor->dtype, *bytes))
    return inputError(checkpoint.place(*tensor), "value " + Twine(*index) + " is not finite",
                      "the file looks damaged; fetch it again");
  return Error::success();
}

/// Holds a stored tied head to be a copy of the embedding, a block at a time.
Error checkTiedHead(const Tensor &head, const Tensor &embedding, const Checkpoint &checkpoint) {
  Error differs =
      inputError(checkpoint.place(head),
                 checkpoint.words().config +
                     " ties the head to the embedding, but this tensor differs from it",
                 "if the model has a head of its own, say \"tie_word_embeddings\": false");
  if (head.shape != embedding.shape || head.dtype != embedding.dtype)
    return differs;
  constexpr uint64_t kBlock = uint64_t(4) << 20;
  for (uint64_t begin = 0; begin < head.bytes; begin += kBlock) {
    uint64_t count = std::min(kBlock, head.bytes - begin);
    Expected<std::string> a = checkpoint.readBytes(head, begin, count);
    Expected<std::string> b = checkpoint.readBytes(embedding, begin, count);
    if (!a || !b || *a != *b)
      return joinErrors(joinErrors(a.takeError(), b.takeError()), std::move(differs));
  }
  consumeError(std::move(differs));
  return Error::success();
}

} // namespace

Error checkWeights(const ModelSpec &spec, const Checkpoint &checkpoint) {
  StringSet<> used;
  Error error = Error::success();
  spec.forEachWeight([&](const WeightSpec &weight) {
    used.insert(weight.name);
    if (!error)
      error = checkWeight(weight, checkpoint);
  });
  if (error)
    return error;
  for (const Tensor &tensor : checkpoint.tensors()) {
    StringRef name = tensor.name;
    if (used.contains(name) ||
        any_of(spec.ignoredSuffixes, [&](StringRef end) { return name.ends_with(end); }))
      continue;
    if (name != spec.tiedHeadName)
      return inputError(checkpoint.place(tensor),
                        "is not part of the model that " + checkpoint.words().config + " describes",
                        checkpoint.words().config + " and the weights must be of the same model");
    if (Error error = checkTiedHead(tensor, *checkpoint.find(spec.embedding.name), checkpoint))
      return error;
  }
  return Error::success();
}

} // namespace osscc
