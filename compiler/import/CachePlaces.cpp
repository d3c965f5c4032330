#include "compiler/import/CachePlaces.h"

#include "llvm/ADT/STLExtras.h"
#include <array>

namespace osscc {

static int64_t windowOf(const AttentionSpec &attention, int64_t positions) {
  int64_t window = attention.window ? attention.window->positions : 0;
  return window >= positions ? 0 : window;
}

/// What layers of a group are alike in: whether they have states, and their sizes.
static std::array<int64_t, 6> kindOf(const AttentionSpec &attention, int64_t window) {
  int64_t values = attention.latent ? attention.latent->rank : 0;
  return {0, attention.kvHeads, attention.headSize, window, values, 0};
}
static std::array<int64_t, 6> kindOf(const DeltaNetSpec &net) {
  return {1, net.valueHeads, net.keySize, net.valueSize, net.channels(), net.taps};
}

llvm::SmallVector<CachePlace> placeCaches(const ModelSpec &spec) {
  struct Group {
    std::array<int64_t, 6> kind;
    int64_t layers = 0;
  };
  llvm::SmallVector<Group> groups;
  llvm::SmallVector<CachePlace> places;
  for (const LayerSpec &layer : spec.layers) {
    const AttentionSpec &attention = layer.attention;
    if (!layer.deltaNet && attention.source) {
      places.push_back(places[*attention.source]);
      continue;
    }
    int64_t window = layer.deltaNet ? 0 : windowOf(attention, spec.positions);
    std::array<int64_t, 6> kind =
        layer.deltaNet ? kindOf(*layer.deltaNet) : kindOf(attention, window);
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
