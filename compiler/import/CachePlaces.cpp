#include "compiler/import/CachePlaces.h"

#include "llvm/ADT/STLExtras.h"
#include <array>

namespace osscc {

llvm::SmallVector<CachePlace> placeCaches(const ModelSpec &spec) {
  struct Group {
    std::array<int64_t, 4> kind; // heads, size of a head, window, channels of a latent's value
    int64_t layers = 0;
  };
  llvm::SmallVector<Group> groups;
  llvm::SmallVector<CachePlace> places;
  for (const LayerSpec &layer : spec.layers) {
    const AttentionSpec &attention = layer.attention;
    if (attention.source) {
      places.push_back(places[*attention.source]);
      continue;
    }
    int64_t window = attention.window ? attention.window->positions : 0;
    if (window >= spec.positions)
      window = 0;
    int64_t values = attention.latent ? attention.latent->rank : 0;
    std::array<int64_t, 4> kind = {attention.kvHeads, attention.headSize, window, values};
    auto *group = llvm::find_if(groups, [&](const Group &known) { return known.kind == kind; });
    if (group == groups.end()) {
      groups.push_back({kind, 0});
      group = &groups.back();
    }
    places.push_back({group - groups.begin(), group->layers++, window});
  }
  return places;
}

} // namespace osscc
