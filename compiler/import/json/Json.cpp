// Reading of JSON files and typed access to an object's fields.
#include "compiler/import/json/Json.h"

#include "compiler/import/json/Cursor.h"
#include "support/Error.h"
#include "support/InputFile.h"
#include "llvm/Support/raw_ostream.h"
#include <charconv>
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// The integer that a JSON number is, if it is one and doubles hold it exactly.
std::optional<int64_t> exactInteger(const json::Value &value) {
  std::optional<double> number = value.getAsNumber();
  // The range first: llvm's conversion of 2^63 is undefined.
  if (!number || std::fabs(*number) > 9007199254740992.0)
    return std::nullopt;
  return value.getAsInteger();
}

std::string range(double smallest, double largest) {
  std::string out;
  raw_string_ostream os(out);
  os << format("%.10g", smallest) << " to " << format("%.10g", largest);
  return out;
}

} // namespace

Expected<json::Value> parseJson(StringRef file, StringRef text, Notes *notes) {
  JsonCursor cursor(file, text, /*depth=*/64, notes);
  Expected<json::Value> value = cursor.readValue();
  if (!value)
    return value.takeError();
  if (Error error = cursor.finish())
    return error;
  return value;
}

Expected<json::Value> readJsonFile(StringRef path, uint64_t largest, Notes *notes) {
  auto buffer =
      readInputFile(path, largest, "a checkpoint folder holds it beside model.safetensors");
  if (!buffer)
    return buffer.takeError();
  return parseJson(path, (*buffer)->getBuffer(), notes);
}

std::string describe(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Object:
    return "an object";
  case json::Value::Array:
    return "an array";
  case json::Value::String:
    return quoted(*value.getAsString());
  case json::Value::Number: {
    if (std::optional<int64_t> integer = exactInteger(value))
      return std::to_string(*integer);
    if (std::isnan(*value.getAsNumber()))
      return "NaN";
    if (std::isinf(*value.getAsNumber()))
      return *value.getAsNumber() < 0 ? "-Infinity" : "Infinity";
    char digits[32]; // the shortest text that reads back as this number
    return {digits, std::to_chars(digits, std::end(digits), *value.getAsNumber()).ptr};
  }
  case json::Value::Boolean:
    return *value.getAsBoolean() ? "true" : "false";
  case json::Value::Null:
    break;
  }
  return "null";
}

bool JsonFields::has(StringRef key) {
  read.insert(key);
  const json::Value *value = object.get(key);
  return value && value->kind() != json::Value::Null;
}

std::string JsonFields::place(StringRef key) const {
  std::string name = prefix + key.str();
  if (spellings && spellings->contains(name))
    name = spellings->lookup(name);
  return fileName + ": " + name;
}

void JsonFields::fail(StringRef key, const Twine &message, const Twine &help) {
  if (!failure)
    failure = {place(key), message.str(), help.str()};
}

void JsonFields::note(StringRef key, const Twine &message) {
  read.insert(key);
  if (noted)
    noted->add(place(key), message);
}

Error JsonFields::takeError() {
  if (!failure)
    return Error::success();
  // A nested object's error names its field by the path from the root, which may be spelled too.
  std::string where = failure->where;
  if (StringRef path = where; spellings && path.consume_front(fileName + ": "))
    if (auto known = spellings->find(path); known != spellings->end())
      where = fileName + ": " + known->second;
  return inputError(where, failure->message,
                    failure->help.empty() ? "correct the field, or fetch the file again"
                                          : failure->help);
}

const json::Value *JsonFields::find(StringRef key, bool required, StringRef expected) {
  if (has(key))
    return object.get(key);
  if (required)
    fail(key, Twine("expected ") + expected +
                  (object.get(key) ? ", found null" : ", but the field is missing"));
  return nullptr;
}

int64_t JsonFields::integer(StringRef key, int64_t smallest, int64_t largest,
                            std::optional<int64_t> fallback) {
  std::string expected =
      (Twine("an integer from ") + Twine(smallest) + " to " + Twine(largest)).str();
  const json::Value *value = find(key, !fallback, expected);
  if (!value)
    return fallback.value_or(smallest);
  std::optional<int64_t> integer = exactInteger(*value);
  if (integer && *integer >= smallest && *integer <= largest)
    return *integer;
  fail(key, "expected " + expected + ", found " + describe(*value));
  return fallback.value_or(smallest);
}

double JsonFields::number(StringRef key, double smallest, double largest,
                          std::optional<double> fallback) {
  std::string expected = "a number from " + range(smallest, largest);
  const json::Value *value = find(key, !fallback, expected);
  if (!value)
    return fallback.value_or(smallest);
  std::optional<double> number = value->getAsNumber();
  if (number && *number >= smallest && *number <= largest)
    return *number;
  fail(key, "expected " + expected + ", found " + describe(*value));
  return fallback.value_or(smallest);
}

bool JsonFields::boolean(StringRef key, std::optional<bool> fallback) {
  const json::Value *value = find(key, !fallback, "true or false");
  if (!value)
    return fallback.value_or(false);
  if (std::optional<bool> boolean = value->getAsBoolean())
    return *boolean;
  fail(key, "expected true or false, found " + describe(*value));
  return fallback.value_or(false);
}

std::string JsonFields::string(StringRef key, std::optional<StringRef> fallback) {
  const json::Value *value = find(key, !fallback, "a string");
  if (!value)
    return fallback.value_or("").str();
  if (std::optional<StringRef> string = value->getAsString())
    return string->str();
  fail(key, "expected a string, found " + describe(*value));
  return fallback.value_or("").str();
}

SmallVector<int64_t> JsonFields::integers(StringRef key, int64_t smallest, int64_t largest) {
  SmallVector<int64_t> out;
  const json::Value *value = object.get(key);
  if (!has(key))
    return out;
  auto append = [&](const json::Value &element) {
    std::optional<int64_t> integer = exactInteger(element);
    if (!integer || *integer < smallest || *integer > largest)
      return fail(key, "expected integers from " + Twine(smallest) + " to " + Twine(largest) +
                           ", found " + describe(element));
    out.push_back(*integer);
  };
  if (const json::Array *array = value->getAsArray())
    for_each(*array, append);
  else
    append(*value);
  return out;
}

} // namespace osscc
