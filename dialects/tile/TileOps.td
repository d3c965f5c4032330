// The ops of the tile dialect, a file a level.

#ifndef OSSCC_DIALECTS_TILE_TILEOPS_TD
#define OSSCC_DIALECTS_TILE_TILEOPS_TD

include "dialects/tile/TileKernels.td"
include "dialects/tile/TileExperts.td"
include "dialects/tile/TileBlocks.td"

#endif // OSSCC_DIALECTS_TILE_TILEOPS_TD
