// Compares the checkpoint's tensors with those that the config describes.
#include "compiler/import/checkpoint/CheckWeights.h"

#include "compiler/import/checkpoint/Forms.h"
#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

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

/// What to do about a weight that is missing.
std::string helpOfMissing(const WeightSpec &weight, const ModelSpec &spec,
                          const Checkpoint &checkpoint) {
  if (weight.name == spec.tiedHeadName)
    return "the weights were saved without the head that gives words; if the embedding is the "
           "head, "
           "say \"tie_word_embeddings\": true in " +
           checkpoint.words().config;
  return checkpoint.words().config + " and the weights must be of the same model";
}

/// The types that a weight's tensors may have.
Error checkType(const Tensor &tensor, const WeightSpec &weight, const StoredForm &form,
                const Checkpoint &checkpoint) {
  SmallVector<StringRef> types = {"F32", "F16", "BF16"};
  bool isVector = weight.shape.size() == 1 || weight.role == WeightRole::Vectors;
  if (!isVector && !form.transposed)
    append_range(types, checkpoint.words().blocks);
  if (is_contained(types, tensor.dtype) || (tensor.scales && !isVector && !form.transposed))
    return Error::success();
  if (tensor.scaleBlock != 0 && form.allRows != 0 && form.someRows == 0)
    return inputError(checkpoint.place(tensor),
                      "floats of 8 bits whose scales are a tensor of their own, of which the model "
                      "takes some rows, are not supported",
                      "take the checkpoint in bf16");
  if (tensor.scaleBlock != 0 && !isVector) // which are floats once they are decoded
    return Error::success();
  StringRef last = types.pop_back_val();
  return inputError(checkpoint.place(tensor),
                    "dtype " + tensor.dtype + " is not supported, expected " + join(types, ", ") +
                        " or " + last,
                    "convert the checkpoint to one of these");
}

/// Holds a tensor of one value a channel to be finite: a few bytes, which the compiler reads now.
Error checkFinite(const Tensor &tensor, const Checkpoint &checkpoint) {
  Expected<std::string> bytes = checkpoint.readBytes(tensor, 0, tensor.bytes);
  if (!bytes)
    return bytes.takeError();
  if (std::optional<size_t> index = firstNotFinite(tensor.dtype, *bytes))
    return inputError(checkpoint.place(tensor), "value " + Twine(*index) + " is not finite",
                      "the file looks damaged; fetch it again");
  return Error::success();
}

Error checkTensor(StringRef name, const WeightSpec &weight, const StoredForm &form,
                  const ModelSpec &spec, const Checkpoint &checkpoint) {
  SmallVector<int64_t, 3> shape = shapeOfTensors(weight, form);
  const Tensor *tensor = checkpoint.find(name);
  if (!tensor)
    return inputError(checkpoint.placeOfMissing(name),
                      "is missing, expected shape " + shapeText(shape),
                      helpOfMissing(weight, spec, checkpoint));
  SmallVector<int64_t, 3> found(tensor->shape.begin(), tensor->shape.end());
  if (form.isConvolution && found.size() == 3 && found[1] == 1)
    found.erase(found.begin() + 1);
  if (form.isFlat && found.size() == shape.size() + 1) {
    found[0] *= found[1];
    found.erase(found.begin() + 1);
  }
  if (form.isFlat && found.empty()) // a number
    found = {1};
  if (found != shape)
    return inputError(checkpoint.place(*tensor),
                      "shape " + shapeText(tensor->shape) + " does not match " + shapeText(shape) +
                          " (" + weight.fields + ")",
                      checkpoint.words().config + " and the weights must be of the same model");
  if (Error error = checkType(*tensor, weight, form, checkpoint))
    return error;
  bool isVector = weight.shape.size() == 1 || weight.role == WeightRole::Vectors;
  return isVector ? checkFinite(*tensor, checkpoint) : Error::success();
}

Error checkWeight(const WeightSpec &weight, const ModelSpec &spec, const Checkpoint &checkpoint) {
  StoredForm form = formOf(weight, checkpoint);
  for (StringRef name : form.tensors)
    if (Error error = checkTensor(name, weight, form, spec, checkpoint))
      return error;
  if (form.tensors.size() > 1)
    for (StringRef name : form.tensors)
      if (const Tensor *first = checkpoint.find(form.tensors.front());
          checkpoint.find(name)->dtype != first->dtype)
        return inputError(checkpoint.place(*checkpoint.find(name)),
                          "is " + checkpoint.find(name)->dtype + ", but " +
                              quoted(checkpoint.nameInFile(first->name)) +
                              ", which it is read with, is " + first->dtype,
                          "convert the checkpoint again, both to one type");
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

/// The tensors that the model reads, by name.
StringSet<> namesOf(const ModelSpec &spec, const Checkpoint &checkpoint) {
  StringSet<> names;
  spec.forEachWeight([&](const WeightSpec &weight) {
    for (StringRef name : formOf(weight, checkpoint).tensors)
      names.insert(name);
  });
  return names;
}

/// Holds the tensors that the model needs to the checkpoint's index; what it says wrongly of others
/// is counted.
Error checkIndex(const StringSet<> &needed, const Checkpoint &checkpoint, Notes *notes) {
  const WeightMap *map = checkpoint.weightMap();
  if (!map)
    return Error::success();
  StringSet<> known; // names in the file of the tensors that are needed
  for (const auto &name : needed)
    known.insert(checkpoint.nameInFile(name.getKey()));
  StringMap<StringRef> places;
  for (const Tensor &tensor : checkpoint.tensors())
    places[checkpoint.nameInFile(tensor.name)] =
        sys::path::filename(checkpoint.paths()[tensor.file]);
  for (const auto &[name, file] : map->files) {
    std::string where = map->path + ": weight_map." + quoted(name);
    auto place = places.find(name);
    bool right = place != places.end() && place->second == file;
    if (!right && known.contains(name))
      return inputError(where, "is not in " + quoted(file),
                        "fetch that file again, and the index; both must be of the same model");
    if (!right && notes)
      notes->add(where, "is not in " + quoted(file) + ", and the model does not need it");
  }
  for (const Tensor &tensor : checkpoint.tensors()) {
    if (map->files.count(checkpoint.nameInFile(tensor.name)))
      continue;
    if (needed.contains(tensor.name))
      return inputError(checkpoint.place(tensor), "is not in the weight_map of " + map->path,
                        "fetch the index again; it must be of the same model");
    if (notes)
      notes->add(checkpoint.place(tensor),
                 "is not in the weight_map of the index, and the model does not need it");
  }
  return Error::success();
}

/// Why a tensor is left out: by the first parts of the names of heads that judge or guess beside
/// any model, or as the family says; empty: it is not.
StringRef whyLeftOut(StringRef name, const ModelSpec &spec) {
  if (any_of(ArrayRef<StringRef>{"score.", "v_head.", "value_head.", "classifier.", "qa_outputs.",
                                 "reward_head.", "regression_head.", "medusa_head.", "cls."},
             [&](StringRef begin) { return name.starts_with(begin); }))
    return ModelSpec::kOtherHead;
  auto found = find_if(spec.leftOut, [&](const ModelSpec::LeftOut &known) {
    return name.starts_with(known.prefix);
  });
  return found == spec.leftOut.end() ? StringRef() : StringRef(found->why);
}

/// What to do about a tensor that no model of the family has.
std::string helpOfUnknown(StringRef name, const Checkpoint &checkpoint) {
  if (name.contains("lora_"))
    return "this is an adapter, or a model with one: merge it into the model first";
  for (StringRef part : {".qweight", ".qzeros", ".scales", "_scale", ".absmax", ".quant_state"})
    if (name.contains(part))
      return "the weights are quantized: take the checkpoint that they were made from; "
             "--quantize=int8 or int4 stores it in fewer bits";
  return checkpoint.words().config + " and the weights must be of the same model";
}

/// Tells of the tensors that are left out: one line, however many there are.
void noteSpares(ArrayRef<const Tensor *> spares, const Twine &why, const Checkpoint &checkpoint,
                Notes *notes) {
  if (spares.empty() || !notes)
    return;
  std::string others =
      spares.size() == 1 ? std::string() : " and " + std::to_string(spares.size() - 1) + " more";
  notes->add(checkpoint.place(*spares.front()) + others, "left out: " + why);
}

} // namespace

Error matchNames(const ModelSpec &spec, Checkpoint &checkpoint, Notes *notes) {
  StringRef embedding = spec.embedding.name;
  if (checkpoint.find(embedding) || !embedding.consume_front("model."))
    return Error::success();
  for (StringRef outer : {"", "module.", "_orig_mod.", "pretrained_model.", "language_model.",
                          "model.language_model."})
    for (StringRef inner : {"", "model.", "transformer."}) {
      std::string prefix = (outer + inner).str();
      if (prefix == "model." || !checkpoint.find(prefix + embedding.str()))
        continue;
      if (notes)
        notes->add(checkpoint.paths().front(),
                   "calls its layers \"" + prefix + "layers\" where \"model.layers\" is usual");
      return checkpoint.rename(outer, inner);
    }
  return Error::success();
}

Error checkWeights(const ModelSpec &spec, const Checkpoint &checkpoint, Notes *notes) {
  StringSet<> needed = namesOf(spec, checkpoint);
  if (Error error = checkIndex(needed, checkpoint, notes))
    return error;
  Error error = Error::success();
  spec.forEachWeight([&](const WeightSpec &weight) {
    if (!error)
      error = checkWeight(weight, spec, checkpoint);
  });
  if (error)
    return error;
  const Tensor &embedding = *checkpoint.find(formOf(spec.embedding, checkpoint).tensors.front());
  MapVector<StringRef, SmallVector<const Tensor *>> leftOut; // by the reason
  for (const Tensor &tensor : checkpoint.tensors()) {
    StringRef name = tensor.name;
    if (needed.contains(name) ||
        any_of(spec.ignoredSuffixes, [&](StringRef end) { return name.ends_with(end); }))
      continue;
    if (StringRef why = whyLeftOut(name, spec); !why.empty()) {
      leftOut[why].push_back(&tensor);
      continue;
    }
    if (name != spec.tiedHeadName)
      return inputError(checkpoint.place(tensor),
                        "is not part of the model that " + checkpoint.words().config + " describes",
                        helpOfUnknown(name, checkpoint));
    if (Error error = checkTiedHead(tensor, embedding, checkpoint))
      return error;
  }
  for (const auto &[why, tensors] : leftOut)
    noteSpares(tensors, why, checkpoint, notes);
  return Error::success();
}

} // namespace osscc
