// All of the tile dialect: what its parser of attributes and its page are made from.

#ifndef OSSCC_DIALECTS_TILE_TILEALL_TD
#define OSSCC_DIALECTS_TILE_TILEALL_TD

include "dialects/tile/TileOps.td"
include "dialects/tile/TileRecurrence.td"
include "dialects/tile/TileMoments.td"

#endif // OSSCC_DIALECTS_TILE_TILEALL_TD
