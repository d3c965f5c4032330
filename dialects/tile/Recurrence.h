// The kernels that change states, as TileState.td and TileRecurrence.td define them.
#pragma once

#include "dialects/tile/Tile.h"

#define GET_ATTRDEF_CLASSES
#include "dialects/tile/TileState.h.inc"

#define GET_OP_CLASSES
#include "dialects/tile/TileRecurrence.h.inc"
