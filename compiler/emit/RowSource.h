// A recipe as rows that can be read at any place: a tree with a node for each step that moves rows,
// and slices of the checkpoint at its leaves. What decodes, encodes and lays out is not here: those
// steps work on any rows, and WeightWriter does them. Stage: emit.
#pragma once

#include "compiler/emit/SourceFiles.h"
#include "dialects/pack/Pack.h"
#include "dialects/pack/gguf/Types.h"
#include <memory>

namespace osscc {

/// How rows lie in memory, as the checkpoint has them.
struct Encoding {
  pack::FormatAttr format;                  ///< What they are, or what `blocks` decode to.
  const pack::gguf::Type *blocks = nullptr; ///< Null for what has a format.

  int64_t rowBytes(int64_t channels) const;
};

/// Where a row was found, and how many rows from there on are encoded like it.
struct Origin {
  llvm::StringRef file;
  int64_t row;   ///< Of the file's tensor.
  int64_t alike; ///< Rows of the source, this one included.
  Encoding encoding;
};

/// Rows of `channels` values each. Any thread may read.
class RowSource {
public:
  RowSource(int64_t rows, int64_t channels) : rows(rows), channels(channels) {}
  virtual ~RowSource() = default;

  /// Where row `row` comes from.
  virtual Origin originOf(int64_t row) const = 0;
  /// Reads rows [first, first + count), all of them encoded alike, as they are encoded.
  /// \errors  those of SourceFiles::read.
  llvm::Error read(SourceFiles &files, int64_t first, int64_t count, char *to) const;

  const int64_t rows, channels;

protected:
  /// How many rows from `first` on, within the source, one call of readRun() may read.
  virtual int64_t runAt(int64_t first) const { return rows - first; }
  virtual llvm::Error readRun(SourceFiles &files, int64_t first, int64_t count, char *to) const = 0;

  int64_t rowBytes(int64_t row) const { return originOf(row).encoding.rowBytes(channels); }
};

/// The rows that a recipe's steps make of the checkpoint, in the order in which they are stored.
/// \param value     a value of a recipe.
/// \param channels  values of a row: 1 of vectors.
/// \errors  a step that is not known.
llvm::Expected<std::unique_ptr<RowSource>> openRows(mlir::Value value, int64_t channels);

} // namespace osscc
