// The block formats, one row each: how codes and scales are stored, under the name that GGUF has
// for the type, and how a block of a GGUF file is taken apart. Everything else about a format
// follows from its row: sizes and tiles (Blocks.h), packing, and the kernels' unpack code.
#pragma once

#include "dialects/pack/Pack.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace osscc::pack {

/// The most channels of one block of a file, and the most groups that it has.
inline constexpr int64_t kMostChannels = 256, kMostGroups = 16;

/// One block of a file in its parts: `super` channels, or one group without super-scales.
struct BlockParts {
  uint8_t codes[kMostChannels]; ///< Unsigned; what a code stands for is BlockGeometry::zero less.
  int8_t scales[kMostGroups] = {};   ///< Integers of the groups, under `scale`; 0 without `super`.
  int8_t minimums[kMostGroups] = {}; ///< Likewise under `minimum`.
  uint16_t scale = 0;                ///< The bits of f16, or the byte of e8m0.
  uint16_t minimum = 0;              ///< The bits of f16; what the file takes off is negated.
};

/// What a code, a scale or a minimum is stored as.
enum class Number { None, I3, I4, I5, I6, I8, U2, U4, U5, U6, E2M1, F16, E8M0 };

/// The type that spells it in `#pack.format`; null for None.
mlir::Type typeOf(mlir::MLIRContext *context, Number number);

/// A block format.
struct BlockFormat {
  llvm::StringLiteral name; ///< GGUF's.
  Number code;
  int64_t group; ///< Channels under one scale.
  Number scale;
  Number minimum = Number::None;
  int64_t super = 0; ///< Channels under one super-scale, 0 without.
  Table table = Table::None;
  /// Takes one block of a file apart.
  void (*split)(const uint8_t *block, BlockParts &parts);

  /// Whether `#pack.format` with these parts is this one.
  bool hasParts(mlir::Type code, int64_t group, mlir::Type scale, mlir::Type minimum, int64_t super,
                Table table) const;
};

/// All of them.
llvm::ArrayRef<BlockFormat> blockFormats();

/// The row of a format for which `isBlock()` holds; by reference to the table.
const BlockFormat &rowOf(FormatAttr format);

/// The format that GGUF calls so; null for names of other types.
FormatAttr findFormat(mlir::MLIRContext *context, llvm::StringRef name);

} // namespace osscc::pack
