#include "compiler/import/checkpoint/gguf/Tensors.h"

#include "compiler/import/json/Cursor.h"
#include "dialects/pack/gguf/Types.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kRopeDivisors = "rope_freqs.weight";
constexpr StringLiteral kRopeFactors = "rope_factors_"; // long, short

/// The block types that can be read: those that the pack dialect has formats for, and those that it
/// decodes.
ArrayRef<StringLiteral> blockNames() {
  static const SmallVector<StringLiteral> kNames = [] {
    SmallVector<StringLiteral> names;
    for (const pack::gguf::Type &type : pack::gguf::types())
      if (type.decode && type.elements > 1)
        names.push_back(type.name);
    return names;
  }();
  return kNames;
}

} // namespace

/// Whether no number of an answer comes from a tensor: the head that ranks texts, and frequencies
/// that old converters stored for each layer.
static bool isSpare(StringRef name, Notes *notes, const std::string &place) {
  if (name.ends_with(".attn_rot_embd.weight") || name.ends_with(".attn_rot_embd"))
    return true;
  if (!name.starts_with("cls.") && !name.starts_with("cls_"))
    return false;
  if (notes)
    notes->add(place, "left out: a head that the model's answers do not go through");
  return true;
}

Expected<Checkpoint> readGgufTensors(const GgufFile &file, const GgufArchitecture &architecture,
                                     Notes *notes) {
  std::vector<std::vector<Tensor>> parts(file.paths().size());
  for (const GgufTensor &stored : file.tensors()) {
    if (stored.name == kRopeDivisors || StringRef(stored.name).starts_with(kRopeFactors) ||
        isSpare(stored.name, notes, file.place(stored)))
      continue;
    std::optional<std::string> name = architecture.modelName(stored.name);
    if (!name)
      return inputError(file.place(stored),
                        "no model of the architecture \"" + architecture.name + "\" has it",
                        "is it a conversion of another model?");
    Tensor tensor;
    tensor.name = *name;
    tensor.dtype = stored.type.str();
    tensor.shape = stored.shape;
    tensor.offset = stored.offset;
    tensor.bytes = stored.bytes;
    StringRef base = StringRef(*name).rsplit('.').first;
    tensor.paired = architecture.paired && (base.ends_with(".q_proj") || base.ends_with(".k_proj"));
    tensor.includesOffset = architecture.addsOne && base.ends_with("norm");
    parts[stored.part].push_back(std::move(tensor));
  }
  auto nameInFile = [&architecture](StringRef name) { return architecture.fileName(name); };
  Checkpoint checkpoint(CheckpointWords{"the metadata", nameInFile, blockNames()});
  for (auto [path, tensors] : zip(file.paths(), parts))
    if (Error error = checkpoint.add(path, std::move(tensors)))
      return error;
  return checkpoint;
}

/// The numbers of a tensor, all positive and finite; nothing if it is not there. \param count  that
/// it must have, or nothing.
static Expected<std::vector<float>> readDivisors(const GgufFile &file, StringRef name,
                                                 std::optional<int64_t> count) {
  std::vector<float> divisors;
  auto tensor =
      find_if(file.tensors(), [&](const GgufTensor &known) { return known.name == name; });
  if (tensor == file.tensors().end())
    return divisors;
  std::string place = file.place(*tensor);
  if (tensor->type != "F32" || tensor->shape.size() != 1 ||
      tensor->shape[0] != count.value_or(tensor->shape[0]))
    return inputError(place, "is " + shapeText(tensor->shape) + " of " + tensor->type +
                                 ", expected " +
                                 (count ? shapeText({*count}) : std::string("a row")) +
                                 " of F32, half the width of a head");
  Expected<std::string> bytes = file.readBytes(*tensor);
  if (!bytes)
    return bytes.takeError();
  for (int64_t i = 0; i < tensor->shape[0]; ++i) {
    float divisor = bit_cast<float>(support::endian::read32le(bytes->data() + 4 * i));
    if (!std::isfinite(divisor) || divisor <= 0)
      return inputError(place, "value " + Twine(i) + " is not positive and finite",
                        "the file looks damaged; fetch it again");
    divisors.push_back(divisor);
  }
  return divisors;
}

Expected<std::vector<float>> readGgufRopeDivisors(const GgufFile &file, int64_t headSize) {
  return readDivisors(file, kRopeDivisors, headSize / 2);
}

Expected<std::vector<float>> readGgufRopeFactors(const GgufFile &file, StringRef name) {
  return readDivisors(file, name, std::nullopt);
}

} // namespace osscc
