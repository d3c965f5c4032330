// Blocks of GGUF files in their parts, one function a type. Each reads one block's bytes; scales
// and codes keep their bits, so that nothing is rounded.
#pragma once

#include "dialects/pack/BlockFormats.h"

namespace osscc::pack::gguf {

// One f16 scale a block of 32 codes, or one e8m0.
void splitQ8_0(const uint8_t *block, BlockParts &parts);
void splitQ4_0(const uint8_t *block, BlockParts &parts);
void splitQ4_1(const uint8_t *block, BlockParts &parts);
void splitQ5_0(const uint8_t *block, BlockParts &parts);
void splitQ5_1(const uint8_t *block, BlockParts &parts);
void splitIq4Nl(const uint8_t *block, BlockParts &parts);
void splitMxfp4(const uint8_t *block, BlockParts &parts);

// 256 codes, whose groups' scales are integers under an f16 scale.
void splitQ2K(const uint8_t *block, BlockParts &parts);
void splitQ3K(const uint8_t *block, BlockParts &parts);
void splitQ4K(const uint8_t *block, BlockParts &parts);
void splitQ5K(const uint8_t *block, BlockParts &parts);
void splitQ6K(const uint8_t *block, BlockParts &parts);
void splitIq4Xs(const uint8_t *block, BlockParts &parts);

} // namespace osscc::pack::gguf
