// Source of keys and names: gguf-split of llama.cpp, and llama_split_path.
#include "compiler/import/checkpoint/gguf/Parts.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr StringLiteral kNumber = "split.no", kCount = "split.count",
                        kTensors = "split.tensors.count";
constexpr uint32_t kMostParts = 65535; // of the key's type
constexpr const char *kOneModel = "fetch all parts again, from one place";

/// What a part's keys say of it.
struct Place {
  int64_t number, count, tensors; ///< The number from 0.
};

/// Nothing for a file that is whole.
Expected<std::optional<Place>> placeOf(const GgufFile &file) {
  auto count = file.integer(kCount, kMostParts);
  if (!count)
    return count.takeError();
  if (count->value_or(1) <= 1)
    return std::nullopt;
  auto number = file.integer(kNumber, **count - 1);
  if (!number)
    return number.takeError();
  auto tensors = file.integer(kTensors, INT32_MAX);
  if (!tensors)
    return tensors.takeError();
  for (auto [key, value] : {std::pair(kNumber, *number), {kTensors, *tensors}})
    if (!value)
      return file.error(key, "the key is missing in a part of a split model", kOneModel);
  return Place{**number, **count, **tensors};
}

std::string partOf(int64_t number, int64_t count) {
  return formatv("part {0} of {1}", number, count).str();
}

std::string pathOf(const GgufPartName &name, uint32_t number) {
  return formatv("{0}-{1,0+5}-of-{2,0+5}.gguf", name.base, number, name.count).str();
}

/// Whether two values of the metadata are the same bytes.
bool isEqual(const GgufValue &a, const GgufValue &b) {
  return a.type == b.type && a.element == b.element && a.count == b.count && a.bytes == b.bytes &&
         a.scalar == b.scalar;
}

/// Holds part `index` to the first.
Error checkPart(const GgufFile &part, int64_t index, const GgufFile &first, const Place &whole) {
  auto place = placeOf(part);
  if (!place)
    return place.takeError();
  if (!*place || (*place)->count != whole.count)
    return part.error(kCount,
                      *place ? "is of " + Twine((*place)->count) + " parts, but " + first.path() +
                                   " of " + Twine(whole.count)
                             : "the file is no part, but " + first.path() + " is one",
                      kOneModel);
  if ((*place)->number != index)
    return part.error(kNumber,
                      "is " + partOf((*place)->number + 1, whole.count) + ", but is called " +
                          partOf(index + 1, whole.count),
                      "is it a copy of another part? fetch it again");
  if ((*place)->tensors != whole.tensors)
    return part.error(kTensors,
                      "all parts have " + Twine((*place)->tensors) + " tensors, but " +
                          first.path() + " says " + Twine(whole.tensors),
                      kOneModel);
  for (StringRef key : part.keys()) {
    const GgufValue *there = first.find(key);
    // How tensors are aligned is a file's own.
    if (there && !key.starts_with("split.") && key != "general.alignment" &&
        !isEqual(*there, *part.find(key)))
      return part.error(key, "differs from that of " + first.path(), kOneModel);
  }
  return Error::success();
}

/// Each tensor is in one part, and all are there.
Error checkTensors(const GgufFile &file, const Place &whole) {
  StringMap<uint32_t> parts;
  for (const GgufTensor &tensor : file.tensors()) {
    auto [known, isNew] = parts.try_emplace(tensor.name, tensor.part);
    if (!isNew)
      return inputError(file.place(tensor), "is also in " + file.paths()[known->second], kOneModel);
  }
  if (static_cast<int64_t>(parts.size()) == whole.tensors)
    return Error::success();
  return file.error(
      kTensors, "all parts have " + Twine(whole.tensors) + " tensors, found " + Twine(parts.size()),
      kOneModel);
}

} // namespace

std::optional<GgufPartName> ggufPartName(StringRef path) {
  // "-00001-of-00003.gguf"
  auto takeNumber = [&](StringRef before, uint32_t &number) {
    StringRef digits = path.take_back(5);
    if (digits.size() != 5 || !all_of(digits, isDigit))
      return false;
    digits.getAsInteger(10, number);
    path = path.drop_back(5);
    return path.consume_back(before);
  };
  GgufPartName name = {};
  if (!path.consume_back(".gguf") || !takeNumber("-of-", name.count) ||
      !takeNumber("-", name.number) || name.number < 1 || name.number > name.count)
    return std::nullopt;
  name.base = path;
  return name;
}

Expected<GgufFile> joinGgufParts(std::vector<GgufFile> parts) {
  auto whole = placeOf(parts.front());
  if (!whole)
    return whole.takeError();
  if (!*whole && parts.size() == 1)
    return std::move(parts.front());
  if (!*whole || (*whole)->count != static_cast<int64_t>(parts.size()))
    return parts.front().error(kCount, "is not that of the " + Twine(parts.size()) + " parts",
                               kOneModel);
  for (size_t i = 0; i < parts.size(); ++i)
    if (Error error = checkPart(parts[i], static_cast<int64_t>(i), parts.front(), **whole))
      return error;
  GgufFile file = std::move(parts.front());
  for (size_t i = 1; i < parts.size(); ++i)
    file.append(std::move(parts[i]));
  if (Error error = checkTensors(file, **whole))
    return error;
  return file;
}

Expected<GgufFile> readGgufParts(GgufFile part) {
  auto place = placeOf(part);
  if (!place)
    return place.takeError();
  if (!*place)
    return part;
  std::string given = part.path().str();
  std::string which = partOf((*place)->number + 1, (*place)->count);
  auto name = ggufPartName(given);
  if (!name)
    return inputError(given, "is " + which + ", which its name does not say",
                      "call the parts NAME-00001-of-0000N.gguf and so on, in one folder");
  if (name->count != (*place)->count || name->number != (*place)->number + 1)
    return part.error(kNumber,
                      "is " + which + ", but is called " + partOf(name->number, name->count),
                      "is it a copy of another part? fetch it again");
  std::vector<GgufFile> parts;
  for (uint32_t number = 1; number <= name->count; ++number) {
    if (number == name->number) {
      parts.push_back(std::move(part));
      continue;
    }
    std::string path = pathOf(*name, number);
    if (!sys::fs::exists(path))
      return inputError(path, "no such file, but " + given + " is " + which,
                        "fetch all parts into one folder");
    Expected<GgufFile> other = GgufFile::readPart(path);
    if (!other)
      return other.takeError();
    parts.push_back(std::move(*other));
  }
  return joinGgufParts(std::move(parts));
}

} // namespace osscc
