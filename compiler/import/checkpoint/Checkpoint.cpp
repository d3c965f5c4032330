#include "compiler/import/checkpoint/Checkpoint.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

static constexpr StringLiteral kInner = "model.";

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string out = "[";
  raw_string_ostream os(out);
  interleaveComma(shape, os);
  return out + "]";
}

std::string Checkpoint::nameInFile(StringRef name) const {
  if (spelling.nameInFile)
    return spelling.nameInFile(name);
  if (auto known = given.find(name); known != given.end())
    return known->second;
  bool behind = name.consume_front(kInner);
  return outer + (behind ? inner : "") + name.str();
}

std::string Checkpoint::place(const Tensor &tensor) const {
  return files[tensor.file] + ": tensor " + quoted(nameInFile(tensor.name));
}

std::string Checkpoint::placeOfMissing(StringRef name) const {
  Tensor missing;
  missing.name = name.str();
  return place(missing);
}

Error Checkpoint::add(StringRef path, std::vector<Tensor> tensors) {
  files.push_back(path.str());
  for (Tensor &tensor : tensors) {
    tensor.file = files.size() - 1;
    auto [known, isNew] = indices.try_emplace(tensor.name, all.size());
    if (!isNew)
      return inputError(place(tensor), "is also in " + files[all[known->second].file],
                        "are these files of one checkpoint?");
    all.push_back(std::move(tensor));
  }
  return Error::success();
}

/// Whether a name belongs behind "model.".
static bool isInner(StringRef name) {
  return any_of(ArrayRef<StringRef>{"layers.", "embed_tokens.", "norm."},
                [&](StringRef begin) { return name.starts_with(begin); });
}

Error Checkpoint::rename(StringRef outerPrefix, StringRef innerPrefix) {
  outer = outerPrefix.str();
  inner = innerPrefix.str();
  indices.clear();
  for (auto [index, tensor] : enumerate(all)) {
    StringRef name = tensor.name;
    std::string before = tensor.name;
    name.consume_front(outer);
    bool behind = inner.empty() ? isInner(name) : name.consume_front(inner);
    std::string renamed = (behind ? kInner.str() : std::string()) + name.str();
    tensor.name = std::move(renamed); // `name` points into the old one
    if (!indices.try_emplace(tensor.name, index).second)
      return inputError(place(tensor), "is there twice, with and without \"" + kInner + "\"");
    given[tensor.name] = std::move(before);
  }
  return Error::success();
}

Error Checkpoint::zipMxfp4() {
  constexpr StringLiteral kCodes = "blocks", kScales = "scales"; // behind "_" or "."
  constexpr int64_t kGroup = 32;
  std::vector<Tensor> kept;
  for (Tensor &tensor : all) {
    StringRef name = tensor.name;
    bool isScales = name.ends_with(kScales);
    if (tensor.dtype != "U8" || (!isScales && !name.ends_with(kCodes))) {
      kept.push_back(std::move(tensor));
      continue;
    }
    std::string stem = name.drop_back(kCodes.size()).str(); // both endings are as long
    const Tensor *other = find(stem + (isScales ? kCodes : kScales).str());
    if (!other)
      return inputError(place(tensor),
                        "is there without " + quoted(stem + (isScales ? kCodes : kScales).str()),
                        "fetch the checkpoint again; a part of it is missing");
    if (isScales)
      continue; // its codes take it along
    SmallVector<int64_t, 4> groups(tensor.shape);
    if (groups.size() < 2 || groups.pop_back_val() != kGroup / 2 || other->dtype != "U8" ||
        ArrayRef<int64_t>(groups) != ArrayRef<int64_t>(other->shape))
      return inputError(place(*other),
                        "is " + shapeText(other->shape) + " of " + other->dtype +
                            ", but the codes are " + shapeText(tensor.shape) +
                            ": expected a scale for every 16 bytes of them",
                        "the file looks damaged; fetch it again");
    groups.back() *= kGroup; // the bytes of both are in the file, so it is within 63 bits
    tensor.shape = groups;
    tensor.dtype = "MXFP4";
    tensor.scales = {other->file, other->offset};
    kept.push_back(std::move(tensor));
  }
  all = std::move(kept);
  indices.clear();
  for (auto [index, tensor] : enumerate(all))
    indices[tensor.name] = index;
  return Error::success();
}

SmallVector<int64_t, 3> blocksOf(ArrayRef<int64_t> shape, int64_t size) {
  SmallVector<int64_t, 3> blocks(shape);
  for (int64_t &extent : blocks)
    extent = extent / size + (extent % size != 0);
  return blocks;
}

/// What the scales of a matrix are called behind its name: DeepSeek's way, and compressed-tensors'.
static constexpr StringLiteral kScaleEndings[] = {"_scale_inv", "_scale"};

Error Checkpoint::joinScales(int64_t size) {
  std::vector<Tensor> kept;
  auto scalesOf = [&](StringRef name) -> const Tensor * {
    for (StringRef ending : kScaleEndings)
      if (const Tensor *found = find((name + ending).str()))
        return found;
    return nullptr;
  };
  auto isScale = [&](StringRef name) {
    return any_of(kScaleEndings, [&](StringRef ending) {
      const Tensor *codes = name.ends_with(ending) ? find(name.drop_back(ending.size())) : nullptr;
      return codes && codes->dtype == "F8_E4M3";
    });
  };
  for (const Tensor &tensor : all) {
    if (isScale(tensor.name))
      continue; // the codes take it along
    kept.push_back(tensor);
    if (tensor.dtype != "F8_E4M3")
      continue;
    const Tensor *scales = scalesOf(tensor.name);
    if (!scales)
      return inputError(place(tensor),
                        "is there without " + quoted((tensor.name + kScaleEndings[0]).str()),
                        "fetch the checkpoint again; a part of it is missing");
    SmallVector<int64_t, 3> blocks = blocksOf(tensor.shape, size);
    bool isOne = all_of(blocks, [](int64_t extent) { return extent == 1; }) &&
                 all_of(scales->shape, [](int64_t extent) { return extent == 1; });
    bool isFloat = scales->dtype == "F32" || scales->dtype == "BF16";
    if (!isFloat || (!isOne && ArrayRef(scales->shape) != ArrayRef(blocks)))
      return inputError(place(*scales),
                        "is " + shapeText(scales->shape) + " of " + scales->dtype + ", expected " +
                            shapeText(blocks) + " of F32 or BF16: one for every block of " +
                            Twine(size) + " x " + Twine(size),
                        "the file looks damaged, or its config is of another model");
    kept.back().scales = {scales->file, scales->offset, scales->dtype};
    kept.back().scaleBlock = size;
  }
  all = std::move(kept);
  indices.clear();
  for (auto [index, tensor] : enumerate(all))
    indices[tensor.name] = index;
  return Error::success();
}

const Tensor *Checkpoint::find(StringRef name) const {
  auto found = indices.find(name);
  return found == indices.end() ? nullptr : &all[found->second];
}

Expected<std::string> Checkpoint::readBytes(const Tensor &tensor, uint64_t begin,
                                            uint64_t count) const {
  Expected<InputFile> file = InputFile::open(files[tensor.file]);
  if (!file)
    return file.takeError();
  auto buffer = file->read(tensor.offset + begin, count);
  if (!buffer)
    return buffer.takeError();
  return (*buffer)->getBuffer().str();
}

} // namespace osscc
