#include "runtime/cli/Npy.h"

#include <fmt/format.h>

namespace osscc::rt::cli {

Result<NpyWriter> NpyWriter::create(const std::string &path, int64_t rows, int64_t columns) {
  constexpr size_t kPrefix = 10, kAlign = 64; // magic, version, length
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  header.append(kAlign - (kPrefix + header.size() + 1) % kAlign, ' ');
  header += '\n';
  std::string prefix("\x93NUMPY\x01\x00", 8);
  prefix += char(header.size() & 0xff);
  prefix += char(header.size() >> 8);

  auto file = OutputFile::create(path);
  if (!file)
    return std::unexpected(std::move(file).error());
  OSSCC_RETURN_IF_ERROR(file->write(prefix + header));
  return NpyWriter(std::move(*file));
}

Status NpyWriter::append(std::span<const float> values) {
  return file.write({reinterpret_cast<const char *>(values.data()), values.size_bytes()});
}

} // namespace osscc::rt::cli
