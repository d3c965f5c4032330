/// Words, numbers and marks of a PTX text.
#ifndef OSSCC_TEST_CUDA_PTX_READER_H
#define OSSCC_TEST_CUDA_PTX_READER_H

#include "test/cuda/ptx/Syntax.h"

#include <string_view>

namespace osscc::standin {

/// A place in a text. Each function first skips blanks and comments.
class Reader {
public:
  explicit Reader(std::string_view text) : text(text) {}

  bool atEnd();
  int line() const { return currentLine; }
  char peek();
  /// Takes a mark if it is next.
  bool accept(char mark);
  void expect(char mark);
  /// Letters, digits, _ $ % . and ::, at least one of them.
  std::string word();
  /// Takes a word if it is next.
  bool accept(std::string_view word);
  std::string string();
  /// A number as PTX writes it: 12, -3, 0x1fU, 0f3F800000, 0d3FF0000000000000.
  Operand number();
  bool isNumber();
  [[noreturn]] void fail(const std::string &what) const { throw PtxError(currentLine, what); }

private:
  void skip();
  size_t wordEnd() const;

  std::string_view text;
  size_t place = 0;
  int currentLine = 1;
};

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_READER_H
