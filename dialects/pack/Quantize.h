// Values to codes, for the formats that `--quantize` chooses and for blocks that are read but not
// kept.
#pragma once

#include "dialects/pack/Pack.h"

namespace osscc::pack {

/// Whether encodeGroup writes the format: Q8_0, Q4_0, Q4_1, MXFP4, and of ternary values Q2_K.
bool canEncode(FormatAttr format);

/// Encodes one group of a row. The scale is the one of the reference quantizers (the largest
/// magnitude over the codes' range, rounded to f16), each code the nearest to value / scale.
/// Of Q2_K it is a block of 256 values, which are one number, its negative and zero: exact.
/// \returns false when no code stands for a value: one that is not finite, or not ternary.
bool encodeGroup(FormatAttr format, const float *values, char *group);

} // namespace osscc::pack
