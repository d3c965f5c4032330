// The one error that a user's file or flag can cause, on the compiler side: where, what, and what
// to do about it.
#pragma once

#include "llvm/Support/Error.h"
#include <string>

namespace osscc {

/// A user's input is wrong. Printed as `where: error: message` and a `help:` line; exit status 1,
/// or 2 for a flag.
class InputError : public llvm::ErrorInfo<InputError> {
public:
  static char ID;

  /// \param where    file, or "file: tensor 'x'", or a flag; never empty.
  /// \param message  what was found against what was expected; one line, no full stop.
  /// \param help     what the user can do; may be empty.
  InputError(std::string where, std::string message, std::string help = {}, int exitStatus = 1)
      : where(std::move(where)), message(std::move(message)), help(std::move(help)),
        exitStatus(exitStatus) {}

  void log(llvm::raw_ostream &os) const override {
    os << where << ": error: " << message;
    if (!help.empty())
      os << "\nhelp: " << help;
  }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

  std::string where, message, help;
  int exitStatus;
};

inline char InputError::ID = 0;

/// An InputError as an llvm::Error: `return inputError(file, "...", "...")`.
inline llvm::Error inputError(const llvm::Twine &where, const llvm::Twine &message,
                              const llvm::Twine &help = {}, int exitStatus = 1) {
  return llvm::make_error<InputError>(where.str(), message.str(), help.str(), exitStatus);
}

} // namespace osscc
