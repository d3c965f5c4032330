// NumPy's file of one float32 array, written row by row, so that an array larger than memory can be
// made.
//
//   "\x93NUMPY" 1 0  header length (u16)  "{'descr': '<f4', 'fortran_order': False, 'shape': (n,
//   V), }" ... "\n"  data
//
// The header is padded with spaces so that the data begins at a multiple of 64. Source:
// numpy.lib.format, version 1.0.
#pragma once

#include "runtime/base/File.h"

#include <cstdint>
#include <span>

namespace osscc::rt::cli {

class NpyWriter {
public:
  /// Creates the file and writes the header of an array [rows, columns]. \errors  as
  /// OutputFile::create.
  static Result<NpyWriter> create(const std::string &path, int64_t rows, int64_t columns);

  /// Appends whole rows, [any, columns].
  Status append(std::span<const float> values);

  /// Closes the file; all rows must have been appended.
  Status close() { return file.close(); }

private:
  explicit NpyWriter(OutputFile file) : file(std::move(file)) {}
  OutputFile file;
};

} // namespace osscc::rt::cli
