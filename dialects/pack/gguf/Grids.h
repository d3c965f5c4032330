// The tables of the IQ types, which tools/make-gguf-grids writes. An entry is a row of 8 values,
// two bits each, or of 4 values, four bits each, the first one lowest; what the bits stand for is
// GridBlocks.cpp's.
#pragma once

#include <cstdint>

namespace osscc::pack::gguf {

extern const uint16_t kGridIQ2_XXS[256], kGridIQ2_XS[512], kGridIQ2_S[1024];
extern const uint16_t kGridIQ3_XXS[256], kGridIQ3_S[512];
extern const uint16_t kGridIQ1[2048]; ///< Of IQ1_S and IQ1_M.

} // namespace osscc::pack::gguf
