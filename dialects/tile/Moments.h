// The kernel that measures rows, as TileMoments.td defines it.
#pragma once

#include "dialects/tile/Tile.h"

#define GET_OP_CLASSES
#include "dialects/tile/TileMoments.h.inc"
