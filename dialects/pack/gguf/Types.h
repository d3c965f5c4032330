// The tensor types of GGUF files: number, name, bytes of a block, and what a block's bytes stand
// for as f32. The values are those of gguf-py's `quants.dequantize`, bit for bit.
#pragma once

#include "dialects/pack/Pack.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstddef>
#include <cstdint>
#include <optional>

namespace osscc::pack::gguf {

/// Decodes one block: `bytes` bytes to `elements` values.
using DecodeBlock = void (*)(const uint8_t *block, float *values);

/// A tensor type: so many elements in a block of so many bytes. Floats are blocks of one element.
struct Type {
  uint32_t id; ///< As files have it.
  llvm::StringLiteral name;
  uint32_t elements, bytes;
  DecodeBlock
      decode; ///< Null for types that gguf-py does not decode: integers, F64, Q8_1, Q8_K, Q1_0.
};

/// Every type that the format still has, ordered by number.
llvm::ArrayRef<Type> types();

/// Null for an unknown number or name.
const Type *findType(uint32_t id);
const Type *findType(llvm::StringRef name);

/// The type that the values of a slice of a file are decoded from, since its blocks have no format:
/// attribute `blocks` of `pack.slice`. Null for slices of floats and of blocks that are kept.
const Type *blocksOf(SliceOp slice);
/// Likewise of a weight that consists of such slices.
const Type *blocksOf(WeightOp weight);
/// Sets that attribute.
void setBlocks(SliceOp slice, const Type &type);

/// Decodes whole blocks of a type whose `decode` is not null: a row, a part of one, or many rows.
///
/// \param blocks  n * type.bytes bytes.
/// \param values  n * type.elements values. They can be infinite or NaN where a block's scale is:
///                firstNotFinite finds those.
void decodeBlocks(const Type &type, llvm::ArrayRef<char> blocks,
                  llvm::MutableArrayRef<float> values);

/// The index of the first value that is infinite or NaN.
std::optional<size_t> firstNotFinite(llvm::ArrayRef<float> values);

} // namespace osscc::pack::gguf
