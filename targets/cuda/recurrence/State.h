// The page of a sequence's states, for the kernels that change them.
#pragma once

#include "targets/cuda/attention/Pages.h"

#include "dialects/tile/StateLayout.h"

namespace osscc::cuda {

/// Where the state of a layer begins. \param offset  of the layer in the page, in bytes.
Number stateOf(const Emitter &emitter, tile::StateAttr state, Number offset, Number sequence);

} // namespace osscc::cuda
