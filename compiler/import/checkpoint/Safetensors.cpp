// Reads and checks safetensors headers. All arithmetic on sizes from the file is checked 64-bit.
#include "compiler/import/checkpoint/Safetensors.h"

#include "compiler/import/json/Cursor.h"
#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <optional>
#include <set>

using namespace llvm;

namespace osscc {

namespace {

constexpr uint64_t kLongestHeader = 100'000'000; // the reference reader's
constexpr size_t kMostDimensions = 8;
constexpr size_t kLongestName = 1024;
constexpr size_t kMostTensors = 1 << 20;
constexpr unsigned kDepth = 8; // a header's own is 3

constexpr const char *kFetchAgain = "the file looks damaged; fetch it again";

/// Bits of one element, 0 for an unknown dtype. Source: the format's list of dtypes.
unsigned bitsOf(StringRef dtype) {
  return StringSwitch<unsigned>(dtype)
      .Case("F4", 4)
      .Cases({"F6_E2M3", "F6_E3M2"}, 6)
      .Cases({"BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}, 8)
      .Cases({"I16", "U16", "F16", "BF16"}, 16)
      .Cases({"I32", "U32", "F32"}, 32)
      .Cases({"C64", "F64", "I64", "U64"}, 64)
      .Default(0);
}

/// The bytes of a tensor, nothing if they do not fit 63 bits or end inside a byte.
std::optional<uint64_t> bytesOf(const Tensor &tensor) {
  int64_t elements = 1, bits = 0;
  if (is_contained(tensor.shape, 0))
    return 0;
  for (int64_t extent : tensor.shape)
    if (MulOverflow(elements, extent, elements))
      return std::nullopt;
  if (MulOverflow<int64_t>(elements, bitsOf(tensor.dtype), bits) || bits % 8 != 0)
    return std::nullopt;
  return bits / 8;
}

/// Reads the header's JSON. Tensors get offsets from the start of the file.
class HeaderReader {
public:
  HeaderReader(StringRef path, StringRef text, uint64_t fileBytes)
      : path(path), cursor((path + ": header").str(), text, kDepth), dataStart(8 + text.size()),
        dataBytes(fileBytes - dataStart) {}

  Expected<std::vector<Tensor>> read() {
    auto member = [&](StringRef key) {
      return key == "__metadata__" ? readMetadata() : readTensor(key);
    };
    if (Error error = cursor.readObject(member))
      return error;
    if (Error error = cursor.finish())
      return error;
    if (Error error = checkTiling())
      return error;
    return std::move(tensors);
  }

private:
  Error readMetadata() {
    return cursor.readObject([&](StringRef) { return cursor.readValue().takeError(); });
  }

  Error readNumbers(SmallVectorImpl<int64_t> &out, size_t most, const Twine &tooMany) {
    return cursor.readArray([&]() -> Error {
      Expected<uint64_t> number = cursor.readUnsigned();
      if (!number)
        return number.takeError();
      if (out.size() == most)
        return cursor.error(tooMany);
      out.push_back(*number);
      return Error::success();
    });
  }

  /// Reads {"dtype": ..., "shape": [...], "data_offsets": [begin, end]}, in any order.
  Error readTensor(StringRef name) {
    if (name.empty() || name.size() > kLongestName)
      return cursor.error("tensor names have 1 to " + Twine(kLongestName) + " bytes, found " +
                          Twine(name.size()));
    if (tensors.size() == kMostTensors)
      return cursor.error("more than " + Twine(kMostTensors) + " tensors");
    Tensor tensor;
    tensor.name = name.str();
    SmallVector<int64_t, 2> offsets;
    bool hasShape = false;
    auto field = [&](StringRef key) -> Error {
      if (key == "dtype") {
        Expected<std::string> dtype = cursor.readString();
        if (!dtype)
          return dtype.takeError();
        tensor.dtype = *dtype;
        return Error::success();
      }
      if (key == "shape") {
        hasShape = true;
        return readNumbers(tensor.shape, kMostDimensions,
                           "a tensor has at most " + Twine(kMostDimensions) + " dimensions");
      }
      if (key == "data_offsets")
        return readNumbers(offsets, 2, "data_offsets are two numbers, begin and end");
      return cursor.error("unknown field " + quoted(key) +
                          " of a tensor, expected dtype, shape and data_offsets");
    };
    if (Error error = cursor.readObject(field))
      return error;
    if (tensor.dtype.empty() || !hasShape || offsets.size() != 2)
      return error(tensor, "needs dtype, shape and two data_offsets");
    return check(std::move(tensor), offsets[0], offsets[1]);
  }

  Error check(Tensor tensor, uint64_t begin, uint64_t end) {
    if (bitsOf(tensor.dtype) == 0)
      return error(tensor, "unknown dtype " + quoted(tensor.dtype));
    if (begin > end)
      return error(tensor, "data_offsets " + Twine(begin) + " to " + Twine(end) + " are reversed");
    if (end > dataBytes)
      return error(tensor, "ends at byte " + Twine(end) + " of the data, but the file has " +
                               Twine(dataBytes));
    std::optional<uint64_t> bytes = bytesOf(tensor);
    if (!bytes)
      return error(tensor, "shape " + shapeText(tensor.shape) + " of " + tensor.dtype +
                               " is not a whole number of bytes below 2^60");
    if (*bytes != end - begin)
      return error(tensor, "shape " + shapeText(tensor.shape) + " of " + tensor.dtype + " takes " +
                               Twine(*bytes) + " bytes, but data_offsets give " +
                               Twine(end - begin));
    tensor.offset = dataStart + begin;
    tensor.bytes = *bytes;
    tensors.push_back(std::move(tensor));
    return Error::success();
  }

  /// The tensors, by offset, tile the data exactly. Afterwards they are in that order.
  Error checkTiling() {
    llvm::sort(tensors, [](const Tensor &a, const Tensor &b) {
      return std::tie(a.offset, a.bytes, a.name) < std::tie(b.offset, b.bytes, b.name);
    });
    uint64_t next = dataStart;
    for (const Tensor &tensor : tensors) {
      if (tensor.offset != next)
        return error(tensor, Twine("begins at byte ") + Twine(tensor.offset - dataStart) +
                                 " of the data, " +
                                 (tensor.offset < next ? "inside" : "behind a hole after") +
                                 " the tensor before it, which ends at " + Twine(next - dataStart));
      next += tensor.bytes;
    }
    if (next - dataStart != dataBytes)
      return inputError(path,
                        "the tensors end at byte " + Twine(next - dataStart) +
                            " of the data, but the file has " + Twine(dataBytes),
                        kFetchAgain);
    return Error::success();
  }

  Error error(const Tensor &tensor, const Twine &message) {
    return inputError(path + ": tensor " + quoted(tensor.name), message, kFetchAgain);
  }

  std::string path;
  JsonCursor cursor;
  uint64_t dataStart, dataBytes;
  std::vector<Tensor> tensors;
};

Error checkShardName(StringRef index, StringRef name) {
  if (name.contains('/') || name.contains('\\') || name.contains('\0') || name.contains(':') ||
      !name.ends_with(".safetensors") || name.starts_with("."))
    return inputError(index + ": weight_map",
                      "the file name " + quoted(name) +
                          " is not a plain base name ending in .safetensors");
  return Error::success();
}

/// Reads and checks the header of one file.
Error addFile(Checkpoint &checkpoint, StringRef path) {
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return file.takeError();
  uint64_t fileBytes = file->size();
  if (fileBytes < 8)
    return inputError(path, "has " + Twine(fileBytes) + " bytes, too few for a safetensors file",
                      kFetchAgain);
  auto length = file->read(0, 8);
  if (!length)
    return length.takeError();
  uint64_t headerBytes = support::endian::read64le((*length)->getBufferStart());
  if (headerBytes > kLongestHeader)
    return inputError(path,
                      "says that its header has " + Twine(headerBytes) + " bytes, at most " +
                          Twine(kLongestHeader) + " are allowed",
                      "is it a safetensors file?");
  if (headerBytes > fileBytes - 8)
    return inputError(path,
                      "says that its header has " + Twine(headerBytes) + " bytes, but only " +
                          Twine(fileBytes - 8) + " follow",
                      kFetchAgain);
  auto header = file->read(8, headerBytes);
  if (!header)
    return header.takeError();
  if (!(*header)->getBuffer().starts_with("{"))
    return inputError(path, "the header does not begin with '{'", "is it a safetensors file?");
  auto tensors = HeaderReader(path, (*header)->getBuffer(), fileBytes).read();
  if (!tensors)
    return tensors.takeError();
  return checkpoint.add(path, std::move(*tensors));
}

/// The weight_map of an index.
Expected<WeightMap> readWeightMap(StringRef path, Notes *notes) {
  Expected<json::Value> index = readJsonFile(path, uint64_t(64) << 20, notes);
  if (!index)
    return index.takeError();
  const json::Object *root = index->getAsObject();
  const json::Object *map = root ? root->getObject("weight_map") : nullptr;
  if (!map || map->empty())
    return inputError(path, "has no weight_map of tensor names to files",
                      "name the .safetensors file itself if there is one alone");
  WeightMap out{path.str(), {}};
  for (const auto &[tensor, file] : *map) {
    std::optional<StringRef> name = file.getAsString();
    if (!name)
      return inputError(path + ": weight_map." + quoted(tensor),
                        "expected a file name, found " + describe(file));
    if (Error error = checkShardName(path, *name))
      return error;
    out.files[StringRef(tensor).str()] = name->str();
  }
  return out;
}

} // namespace

Expected<Checkpoint> readSafetensors(StringRef path) {
  Checkpoint checkpoint;
  if (Error error = addFile(checkpoint, path))
    return error;
  return checkpoint;
}

Expected<Checkpoint> readSafetensorsIndex(StringRef path, Notes *notes) {
  Expected<WeightMap> map = readWeightMap(path, notes);
  if (!map)
    return map.takeError();
  std::set<std::string> names; // in a fixed order
  for (const auto &[tensor, file] : map->files)
    names.insert(file);
  Checkpoint checkpoint;
  for (const std::string &name : names) {
    SmallString<256> shard = sys::path::parent_path(path);
    sys::path::append(shard, name);
    if (!sys::fs::exists(shard))
      continue; // checkWeights asks whether the model needs what is in it
    if (Error error = addFile(checkpoint, shard))
      return error;
  }
  if (checkpoint.paths().empty())
    return inputError(path,
                      "none of the files that it names is there, such as " + quoted(*names.begin()),
                      "fetch them, to where the index is");
  checkpoint.setWeightMap(std::move(*map));
  return checkpoint;
}

} // namespace osscc
