// Source: the format's description (docs/gguf.md of ggml) and the limits of its reference reader.
#include "compiler/import/checkpoint/gguf/Reader.h"

#include "compiler/import/checkpoint/Checkpoint.h"
#include "compiler/import/json/Cursor.h"
#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SwapByteOrder.h"

using namespace llvm;
using namespace llvm::support::endian;

namespace osscc {

namespace {

constexpr uint64_t kMostTensors = 1 << 20;
constexpr uint64_t kLongestKey = 65535, kLongestName = 63; // bytes, the reference's
constexpr uint32_t kMostExtents = 4;
constexpr uint64_t kLeastPair = 8 + 1 + 4 + 1;           // a key of one byte with a u8
constexpr uint64_t kLeastTensor = 8 + 1 + 4 + 8 + 4 + 8; // a name of one byte, one extent

constexpr const char *kFetchAgain = "the file looks damaged; fetch it again";
constexpr const char *kConvertAgain = "convert the model again with a current llama.cpp";

} // namespace

uint64_t ggufScalarBytes(GgufType type) {
  switch (type) {
  case GgufType::U8:
  case GgufType::I8:
  case GgufType::Bool:
    return 1;
  case GgufType::U16:
  case GgufType::I16:
    return 2;
  case GgufType::U32:
  case GgufType::I32:
  case GgufType::F32:
    return 4;
  case GgufType::U64:
  case GgufType::I64:
  case GgufType::F64:
    return 8;
  case GgufType::String:
  case GgufType::Array:
    break;
  }
  return 0;
}

json::Value readGgufScalar(GgufType type, const char *bytes) {
  switch (type) {
  case GgufType::U8:
    return static_cast<int64_t>(static_cast<uint8_t>(*bytes));
  case GgufType::I8:
    return static_cast<int64_t>(static_cast<int8_t>(*bytes));
  case GgufType::U16:
    return static_cast<int64_t>(read16le(bytes));
  case GgufType::I16:
    return static_cast<int64_t>(static_cast<int16_t>(read16le(bytes)));
  case GgufType::U32:
    return static_cast<int64_t>(read32le(bytes));
  case GgufType::I32:
    return static_cast<int64_t>(static_cast<int32_t>(read32le(bytes)));
  case GgufType::F32:
    return static_cast<double>(bit_cast<float>(read32le(bytes)));
  case GgufType::Bool:
    return *bytes != 0;
  case GgufType::U64:
    return read64le(bytes);
  case GgufType::I64:
    return static_cast<int64_t>(read64le(bytes));
  case GgufType::F64:
    return bit_cast<double>(read64le(bytes));
  case GgufType::String:
  case GgufType::Array:
    break;
  }
  return nullptr;
}

Expected<StringRef> GgufReader::take(uint64_t bytes, const Twine &what) {
  if (bytes > left())
    return inputError(fileName,
                      what + " takes " + Twine(bytes) + " bytes from byte " + Twine(position) +
                          ", but the file ends after " + Twine(left()),
                      kFetchAgain);
  if (bytes > kLongestGgufHeader || position + bytes > kLongestGgufHeader)
    return inputError(fileName,
                      what + " ends behind the first " + Twine(kLongestGgufHeader) +
                          " bytes, where the header must end",
                      "leave large keys out of the metadata, or fetch the file again");
  if (position + bytes > text.size()) {
    isShort = true;
    return inputError(fileName, what + " lies behind what was read");
  }
  StringRef taken = text.substr(position, bytes);
  position += bytes;
  return taken;
}

Expected<uint32_t> GgufReader::take32(const Twine &what) {
  Expected<StringRef> bytes = take(4, what);
  if (!bytes)
    return bytes.takeError();
  return read32le(bytes->data());
}

Expected<uint64_t> GgufReader::take64(const Twine &what) {
  Expected<StringRef> bytes = take(8, what);
  if (!bytes)
    return bytes.takeError();
  return read64le(bytes->data());
}

Expected<StringRef> GgufReader::takeString(const Twine &what) {
  Expected<uint64_t> length = take64("the length of " + what);
  if (!length)
    return length.takeError();
  return take(*length, what);
}

Error GgufReader::read() {
  if (Error error = readCounts())
    return error;
  for (uint64_t i = 0; i < pairCount; ++i)
    if (Error error = readPair())
      return error;
  file.all.reserve(tensorCount);
  for (uint64_t i = 0; i < tensorCount; ++i)
    if (Error error = readTensor())
      return error;
  return placeTensors();
}

Error GgufReader::readCounts() {
  auto magic = take(4, "the magic number");
  if (!magic)
    return magic.takeError();
  if (*magic != "GGUF")
    return inputError(fileName, "does not begin with \"GGUF\"", "is it a GGUF file?");
  auto version = take32("the version");
  if (!version)
    return version.takeError();
  if (*version != 2 && *version != 3) {
    uint32_t swapped = sys::getSwappedBytes(*version);
    if (swapped > 0 && swapped < 16)
      return inputError(fileName, "is big-endian, expected little-endian", kConvertAgain);
    return inputError(fileName, "version " + Twine(*version) + " is not supported, expected 2 or 3",
                      kConvertAgain);
  }
  auto tensors = take64("the number of tensors");
  if (!tensors)
    return tensors.takeError();
  auto pairs = take64("the number of keys");
  if (!pairs)
    return pairs.takeError();
  if (*tensors > kMostTensors || *tensors > left() / kLeastTensor)
    return inputError(fileName,
                      "says that it has " + Twine(*tensors) + " tensors, but " + Twine(left()) +
                          " bytes follow",
                      kFetchAgain);
  if (*pairs > left() / kLeastPair)
    return inputError(fileName,
                      "says that it has " + Twine(*pairs) + " keys, but " + Twine(left()) +
                          " bytes follow",
                      kFetchAgain);
  tensorCount = *tensors;
  pairCount = *pairs;
  return Error::success();
}

Error GgufReader::readPair() {
  auto key = takeString("a key");
  if (!key)
    return key.takeError();
  if (key->empty() || key->size() > kLongestKey || !json::isUTF8(*key))
    return inputError(fileName,
                      "keys are UTF-8 of 1 to " + Twine(kLongestKey) + " bytes, found " +
                          quoted(key->take_front(80)),
                      kFetchAgain);
  std::string place = "key " + quoted(*key);
  auto [entry, isNew] = file.metadata.try_emplace(*key);
  if (!isNew)
    return inputError(fileName + ": " + place, "is given twice", kFetchAgain);
  GgufValue &value = entry->second;
  auto type = take32("the type of " + place);
  if (!type)
    return type.takeError();
  if (*type > static_cast<uint32_t>(GgufType::F64))
    return inputError(fileName + ": " + place, "has the unknown type " + Twine(*type), kFetchAgain);
  value.type = static_cast<GgufType>(*type);
  if (value.type == GgufType::Array)
    return readArray(value, place);
  if (value.type == GgufType::String) {
    auto bytes = takeString("the value of " + place);
    if (!bytes)
      return bytes.takeError();
    value.bytes = *bytes;
    return Error::success();
  }
  auto bytes = take(ggufScalarBytes(value.type), "the value of " + place);
  if (!bytes)
    return bytes.takeError();
  if (value.type == GgufType::Bool && static_cast<uint8_t>(bytes->front()) > 1)
    return inputError(fileName + ": " + place, "is neither true (1) nor false (0)", kFetchAgain);
  value.scalar = readGgufScalar(value.type, bytes->data());
  return Error::success();
}

Error GgufReader::readArray(GgufValue &value, const std::string &place) {
  auto element = take32("the element type of " + place);
  if (!element)
    return element.takeError();
  if (*element > static_cast<uint32_t>(GgufType::F64))
    return inputError(fileName + ": " + place,
                      "has elements of the unknown type " + Twine(*element), kFetchAgain);
  value.element = static_cast<GgufType>(*element);
  if (value.element == GgufType::Array)
    return inputError(fileName + ": " + place, "arrays of arrays are not supported", kConvertAgain);
  auto count = take64("the length of " + place);
  if (!count)
    return count.takeError();
  value.count = *count;
  uint64_t least = value.element == GgufType::String ? 8 : ggufScalarBytes(value.element);
  if (value.count > left() / least)
    return inputError(fileName + ": " + place,
                      "says that it has " + Twine(value.count) + " elements, but " + Twine(left()) +
                          " bytes follow",
                      kFetchAgain);
  uint64_t begin = position;
  if (value.element == GgufType::String) {
    for (uint64_t i = 0; i < value.count; ++i)
      if (auto text = takeString("an element of " + place); !text)
        return text.takeError();
  } else if (auto bytes = take(value.count * least, "the elements of " + place); !bytes)
    return bytes.takeError();
  value.bytes = text.substr(begin, position - begin);
  return Error::success();
}

Error GgufReader::readTensor() {
  auto name = takeString("a tensor's name");
  if (!name)
    return name.takeError();
  if (name->empty() || name->size() > kLongestName || !json::isUTF8(*name))
    return inputError(fileName,
                      "tensor names are UTF-8 of 1 to " + Twine(kLongestName) + " bytes, found " +
                          quoted(name->take_front(80)),
                      kFetchAgain);
  GgufTensor tensor;
  tensor.name = name->str();
  std::string place = fileName + ": tensor " + quoted(*name);
  if (Error error = readExtents(tensor, place))
    return error;
  auto id = take32("the type of tensor " + quoted(*name));
  if (!id)
    return id.takeError();
  const pack::gguf::Type *type = pack::gguf::findType(*id);
  if (!type)
    return inputError(place, "has the unknown type " + Twine(*id),
                      "take the model in another type, or fetch the file again");
  if (Error error = measure(tensor, *type, place))
    return error;
  auto offset = take64("the offset of tensor " + quoted(*name));
  if (!offset)
    return offset.takeError();
  tensor.offset = *offset;
  file.all.push_back(std::move(tensor));
  return Error::success();
}

Error GgufReader::readExtents(GgufTensor &tensor, const std::string &place) {
  auto count = take32("the shape of tensor " + quoted(tensor.name));
  if (!count)
    return count.takeError();
  if (*count == 0 || *count > kMostExtents)
    return inputError(place,
                      "has " + Twine(*count) + " dimensions, expected 1 to " + Twine(kMostExtents),
                      kFetchAgain);
  for (uint32_t i = 0; i < *count; ++i) {
    auto extent = take64("the shape of tensor " + quoted(tensor.name));
    if (!extent)
      return extent.takeError();
    if (*extent == 0 || *extent > static_cast<uint64_t>(INT64_MAX))
      return inputError(place, "has an extent of " + Twine(*extent), kFetchAgain);
    tensor.shape.insert(tensor.shape.begin(), static_cast<int64_t>(*extent));
  }
  return Error::success();
}

/// The tensor's type and bytes.
Error GgufReader::measure(GgufTensor &tensor, const pack::gguf::Type &type,
                          const std::string &place) {
  int64_t elements = 1, bytes = 0;
  bool overflows = false;
  for (int64_t extent : tensor.shape)
    overflows |= MulOverflow(elements, extent, elements);
  if (tensor.shape.back() % type.elements != 0)
    return inputError(place,
                      "rows of " + Twine(tensor.shape.back()) + " values are not whole blocks of " +
                          type.name + ", which have " + Twine(type.elements),
                      kFetchAgain);
  overflows |= MulOverflow<int64_t>(elements / type.elements, type.bytes, bytes);
  if (overflows)
    return inputError(place, "shape " + shapeText(tensor.shape) + " is larger than any file",
                      kFetchAgain);
  tensor.type = type.name;
  tensor.bytes = bytes;
  return Error::success();
}

Expected<uint64_t> GgufReader::readAlignment() {
  constexpr StringLiteral kKey = "general.alignment";
  const GgufValue *value = file.find(kKey);
  if (!value)
    return 32;
  bool isU32 = value->type == GgufType::U32;
  std::optional<int64_t> alignment = isU32 ? value->scalar.getAsInteger() : std::nullopt;
  if (!alignment || !isPowerOf2_64(*alignment))
    return inputError(fileName + ": key " + quoted(kKey),
                      "expected a power of two as u32, found " + describe(value->scalar),
                      kFetchAgain);
  return *alignment;
}

/// Tensors follow each other in the order of their infos, each at a multiple of the alignment, up
/// to the end of the file, whose last padding may be missing.
Error GgufReader::placeTensors() {
  Expected<uint64_t> alignment = readAlignment();
  if (!alignment)
    return alignment.takeError();
  uint64_t start = alignTo(position, *alignment), next = 0;
  uint64_t room = file.fileBytes > start ? file.fileBytes - start : 0;
  StringSet<> names;
  for (GgufTensor &tensor : file.all) {
    std::string place = fileName + ": tensor " + quoted(tensor.name);
    if (!names.insert(tensor.name).second)
      return inputError(place, "is given twice", kFetchAgain);
    if (tensor.offset != next)
      return inputError(place,
                        "begins at byte " + Twine(tensor.offset) + " of the data, expected " +
                            Twine(next) + ", behind the tensor before it",
                        kFetchAgain);
    if (next > room || tensor.bytes > room - next)
      return inputError(place,
                        "takes " + Twine(tensor.bytes) + " bytes from byte " + Twine(next) +
                            " of the data, but the file has " + Twine(room),
                        kFetchAgain);
    tensor.offset = start + next;
    next = alignTo(next + tensor.bytes, *alignment);
  }
  if (room > next)
    return inputError(fileName,
                      "the tensors end at byte " + Twine(start + next) + ", but the file has " +
                          Twine(file.fileBytes),
                      kFetchAgain);
  return Error::success();
}

} // namespace osscc
