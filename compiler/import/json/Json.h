// JSON of a checkpoint: config.json and its kin. Read by a parser of its own, because llvm::json's
// crashes on deep nesting, keeps the last of two equal keys and joins surrogates wrongly.
#pragma once

#include "support/Notes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>

namespace osscc {

/// The JSON value in a file of at most `largest` bytes.
///
/// \param notes  takes slips whose meaning is clear (see JsonCursor); a number that is not finite
///               is then one, which every typed reader of JsonFields refuses. Null: they are
///               errors.
/// \errors  InputError with "file:line:column": no such file, no regular file, not UTF-8,
///          malformed, deeper than 64 levels, a key given twice in one object (however it is
///          escaped), more than 65,536 objects, or more bytes.
llvm::Expected<llvm::json::Value>
readJsonFile(llvm::StringRef path, uint64_t largest = uint64_t(64) << 20, Notes *notes = nullptr);

/// The bytes that a config file has at most; real ones have a thousandth.
inline constexpr uint64_t kLargestConfig = uint64_t(1) << 20;

/// The same for a text in memory; `file` names it in errors.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef file, llvm::StringRef text,
                                            Notes *notes = nullptr);

/// The fields of a JSON object, each checked for type and range. The first error sticks: later
/// calls go on with the fallback (or the smallest legal value), and takeError() gives it as "file:
/// key: expected ..., found ...".
class JsonFields {
public:
  /// \param file    names the object in errors.
  /// \param prefix  the key path of the object with a dot behind it, empty at the root.
  JsonFields(llvm::StringRef file, const llvm::json::Object &object, llvm::StringRef prefix = "")
      : fileName(file), prefix(prefix), object(object) {}

  /// Whether the field is there and not null: null means absent, as in the reference.
  bool has(llvm::StringRef key);
  /// An integer in [smallest, largest]. Without a fallback the field must be there.
  int64_t integer(llvm::StringRef key, int64_t smallest, int64_t largest,
                  std::optional<int64_t> fallback = std::nullopt);
  /// A finite number in [smallest, largest].
  double number(llvm::StringRef key, double smallest, double largest,
                std::optional<double> fallback = std::nullopt);
  bool boolean(llvm::StringRef key, std::optional<bool> fallback = std::nullopt);
  std::string string(llvm::StringRef key, std::optional<llvm::StringRef> fallback = std::nullopt);
  /// One integer or a list of them, each in [smallest, largest]; absent: none.
  llvm::SmallVector<int64_t> integers(llvm::StringRef key, int64_t smallest, int64_t largest);

  /// Makes an error about a field the first one, if there is none yet.
  void fail(llvm::StringRef key, const llvm::Twine &message, const llvm::Twine &help = {});
  /// Notes a field that changes no number, whatever it says; it counts as read.
  void note(llvm::StringRef key, const llvm::Twine &message);
  /// Where notes go; null: nowhere.
  void collect(Notes *notes) { noted = notes; }
  Notes *notes() const { return noted; }
  /// "file: key", as errors have it.
  std::string place(llvm::StringRef key) const;
  /// Lets errors name fields as another file does that the object was made from: `spellings` maps
  /// a key to the text there, and outlives this.
  void spell(const llvm::StringMap<std::string> &spellings) { this->spellings = &spellings; }
  /// Takes over the error of the fields of a nested object, unless there is one already.
  void adopt(const JsonFields &nested) {
    if (!failure)
      failure = nested.failure;
  }
  bool failed() const { return failure.has_value(); }
  llvm::Error takeError();

  /// Whether any of the calls above was about this field.
  bool wasRead(llvm::StringRef key) const { return read.contains(key); }

  llvm::StringRef file() const { return fileName; }
  const llvm::json::Object &fields() const { return object; }

private:
  struct Failure {
    std::string where, message, help;
  };
  /// The field's value; null after noting an error if it must be there and is not.
  const llvm::json::Value *find(llvm::StringRef key, bool required, llvm::StringRef expected);

  std::string fileName, prefix;
  const llvm::json::Object &object;
  std::optional<Failure> failure;
  const llvm::StringMap<std::string> *spellings = nullptr;
  Notes *noted = nullptr;
  llvm::StringSet<> read;
};

/// A value as it stands in a message: short, on one line.
std::string describe(const llvm::json::Value &value);

} // namespace osscc
