// Access to the metadata of a checked file. The checks are GgufReader's.
#include "compiler/import/checkpoint/gguf/File.h"

#include "compiler/import/checkpoint/gguf/Parts.h"
#include "compiler/import/checkpoint/gguf/Reader.h"
#include "compiler/import/json/Cursor.h"
#include "compiler/import/json/Json.h"
#include "support/Error.h"
#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr uint64_t kMostElements = 1 << 24; // tokens of a vocabulary have a hundredth

} // namespace

Expected<GgufFile> GgufFile::read(StringRef path) {
  Expected<GgufFile> part = readPart(path);
  if (!part)
    return part.takeError();
  return readGgufParts(std::move(*part));
}

Expected<GgufFile> GgufFile::readPart(StringRef path) {
  Expected<InputFile> source = InputFile::open(path);
  if (!source)
    return source.takeError();
  // Where the header ends is known at its end alone: a beginning is read, then a longer one.
  uint64_t longest = std::min(source->size(), kLongestGgufHeader);
  for (uint64_t bytes = uint64_t(4) << 20;; bytes *= 4) {
    auto beginning = source->read(0, std::min(bytes, longest));
    if (!beginning)
      return beginning.takeError();
    GgufFile file;
    file.files.push_back(path.str());
    file.buffer = std::move(*beginning);
    file.fileBytes = source->size();
    GgufReader reader(file);
    Error error = reader.read();
    if (!error)
      return file;
    if (!reader.needsMore())
      return error;
    consumeError(std::move(error));
  }
}

Expected<GgufFile> GgufFile::parse(StringRef path, std::unique_ptr<MemoryBuffer> buffer) {
  GgufFile file;
  file.files.push_back(path.str());
  file.fileBytes = buffer->getBufferSize();
  file.buffer = std::move(buffer);
  if (Error error = GgufReader(file).read())
    return error;
  return file;
}

void GgufFile::append(GgufFile part) {
  files.push_back(part.path().str());
  for (GgufTensor &tensor : part.all) {
    tensor.part = files.size() - 1;
    all.push_back(std::move(tensor));
  }
}

std::string GgufFile::place(const GgufTensor &tensor) const {
  return files[tensor.part] + ": tensor " + quoted(tensor.name);
}

Expected<std::string> GgufFile::readBytes(const GgufTensor &tensor) const {
  StringRef beginning = buffer->getBuffer();
  if (tensor.part == 0 && tensor.offset + tensor.bytes <= beginning.size())
    return beginning.substr(tensor.offset, tensor.bytes).str();
  Expected<InputFile> source = InputFile::open(files[tensor.part]);
  if (!source)
    return source.takeError();
  auto bytes = source->read(tensor.offset, tensor.bytes);
  if (!bytes)
    return bytes.takeError();
  return (*bytes)->getBuffer().str();
}

Error GgufFile::error(StringRef key, const Twine &message, const Twine &help) const {
  return inputError(path() + ": " + key, message, help);
}

std::vector<StringRef> GgufFile::keys() const {
  std::vector<StringRef> out;
  for (const auto &entry : metadata)
    out.push_back(entry.getKey());
  llvm::sort(out);
  return out;
}

const GgufValue *GgufFile::find(StringRef key) const {
  auto found = metadata.find(key);
  return found == metadata.end() ? nullptr : &found->second;
}

Expected<json::Value> GgufFile::scalar(StringRef key) const {
  const GgufValue *value = find(key);
  if (!value)
    return nullptr;
  if (value->type == GgufType::Array)
    return error(key, "expected one value, found an array");
  if (value->type != GgufType::String)
    return value->scalar;
  if (!json::isUTF8(value->bytes))
    return error(key, "the text is not UTF-8");
  return json::Value(value->bytes);
}

Expected<std::string> GgufFile::string(StringRef key, StringRef fallback) const {
  Expected<json::Value> value = scalar(key);
  if (!value)
    return value.takeError();
  if (value->kind() == json::Value::Null)
    return fallback.str();
  if (std::optional<StringRef> text = value->getAsString())
    return text->str();
  return error(key, "expected a string, found " + describe(*value));
}

Expected<bool> GgufFile::boolean(StringRef key, bool fallback) const {
  Expected<json::Value> value = scalar(key);
  if (!value)
    return value.takeError();
  if (value->kind() == json::Value::Null)
    return fallback;
  if (std::optional<bool> truth = value->getAsBoolean())
    return *truth;
  return error(key, "expected true or false, found " + describe(*value));
}

Expected<std::optional<int64_t>> GgufFile::integer(StringRef key, int64_t largest) const {
  Expected<json::Value> value = scalar(key);
  if (!value)
    return value.takeError();
  if (value->kind() == json::Value::Null)
    return std::nullopt;
  GgufType type = find(key)->type;
  bool isFloat = type == GgufType::F32 || type == GgufType::F64;
  std::optional<int64_t> integer = isFloat ? std::nullopt : value->getAsInteger();
  if (!integer || *integer < 0 || *integer > largest)
    return error(key,
                 "expected an integer from 0 to " + Twine(largest) + ", found " + describe(*value));
  return integer;
}

Expected<std::vector<StringRef>> GgufFile::strings(StringRef key) const {
  const GgufValue *value = find(key);
  if (!value || value->type != GgufType::Array || value->element != GgufType::String)
    return error(key, value ? "expected an array of strings"
                            : "expected an array of strings, but "
                              "the key is missing");
  if (value->count > kMostElements)
    return error(key, "has " + Twine(value->count) + " elements, expected at most " +
                          Twine(kMostElements));
  std::vector<StringRef> out;
  out.reserve(value->count);
  StringRef rest = value->bytes;
  for (uint64_t i = 0; i < value->count; ++i) {
    uint64_t length = support::endian::read64le(rest.data());
    StringRef text = rest.substr(8, length);
    if (!json::isUTF8(text))
      return error(key, "element " + Twine(i) + " is not UTF-8");
    out.push_back(text);
    rest = rest.drop_front(8 + length);
  }
  return out;
}

Expected<std::vector<double>> GgufFile::numbers(StringRef key) const {
  const GgufValue *value = find(key);
  std::vector<double> out;
  if (!value)
    return out;
  if (value->type != GgufType::Array || value->element == GgufType::String)
    return error(key, "expected an array of numbers");
  if (value->count > kMostElements)
    return error(key, "has " + Twine(value->count) + " elements, expected at most " +
                          Twine(kMostElements));
  out.reserve(value->count);
  uint64_t width = ggufScalarBytes(value->element);
  for (uint64_t i = 0; i < value->count; ++i) {
    json::Value element = readGgufScalar(value->element, value->bytes.data() + i * width);
    out.push_back(element.getAsNumber().value_or(element.getAsBoolean().value_or(false)));
  }
  return out;
}

} // namespace osscc
