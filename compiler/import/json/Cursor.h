// Walks hostile JSON in one linear pass, checking all that llvm::json's parser does not: depth,
// duplicate keys, finite numbers, lone surrogates, control characters. Json.h builds values with
// it; Safetensors.cpp reads headers without building any, so that a header of 100 MB costs its own
// size and no tree.
#pragma once

#include "support/Notes.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <cstdint>
#include <string>

namespace osscc {

/// A place in a JSON text. Each read consumes one value and leaves the cursor behind it; after an
/// error the cursor is done. Every error is an InputError whose place is `place:line:column`, both
/// counted from 1, the column in bytes.
class JsonCursor {
public:
  /// An object of llvm::json takes 4 KiB, and 8 bytes of text are enough for one.
  static constexpr unsigned kMostObjects = 1 << 16;

  enum class Kind { Object, Array, String, Number, NotFinite, True, False, Null };

  /// \param place  the file, or "file: part", for errors.
  /// \param text   the JSON text; must outlive the cursor.
  /// \param depth  arrays and objects within each other, at most.
  /// \param notes  takes what is no JSON, but whose meaning is clear: NaN, Infinity and numbers too
  ///               large for a double, a comma behind the last element, a byte order mark. Null:
  ///               these are errors.
  JsonCursor(llvm::StringRef place, llvm::StringRef text, unsigned depth = 64,
             Notes *notes = nullptr);

  /// What the next value is. \errors the end of the text, or no value here.
  llvm::Expected<Kind> peek();
  /// Calls `member` with the unescaped key of each member; it must consume the value. \errors also
  /// a key given twice.
  llvm::Error readObject(llvm::function_ref<llvm::Error(llvm::StringRef key)> member);
  /// Calls `element` before each element; it must consume it.
  llvm::Error readArray(llvm::function_ref<llvm::Error()> element);
  /// The unescaped text of a string.
  llvm::Expected<std::string> readString();
  /// A non-negative integer below 2^53, written without sign, fraction or exponent.
  llvm::Expected<uint64_t> readUnsigned();
  /// A value of any kind, with all in it. \errors also more than kMostObjects in all.
  llvm::Expected<llvm::json::Value> readValue();
  /// \errors anything but white space behind the value.
  llvm::Error finish();
  /// An InputError at the value that was read or looked at last.
  llvm::Error error(const llvm::Twine &message, const llvm::Twine &help = {}) const;

private:
  void skipSpace();
  llvm::Error expect(char character, const char *after);
  llvm::Error enter();
  llvm::Expected<llvm::json::Value> readMembers();
  llvm::Expected<llvm::json::Value> readElements();
  llvm::Expected<llvm::json::Value> readWord(Kind kind);
  /// Whether another element follows in a list that ends with `end`; leaves its comma behind.
  bool hasMore(char end);
  llvm::Expected<llvm::StringRef> scanNumber();
  llvm::Error scanString(std::string &out);
  llvm::Error scanEscape(std::string &out);
  llvm::Expected<uint32_t> scanHex();
  std::string placeOf(size_t position) const;
  void noteAt(size_t position, const llvm::Twine &message);
  llvm::Error errorAt(size_t position, const llvm::Twine &message,
                      const llvm::Twine &help = {}) const;

  std::string place;
  llvm::StringRef text;
  size_t position = 0;
  size_t start = 0; ///< Where the last value began.
  unsigned depthLeft, depthLimit;
  unsigned objectsLeft = kMostObjects;
  Notes *notes;
};

/// Untrusted text for a message: in double quotes, on one line, control characters escaped, cut
/// after 80 bytes.
std::string quoted(llvm::StringRef text);

} // namespace osscc
