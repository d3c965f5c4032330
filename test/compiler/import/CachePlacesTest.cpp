// Layers of one kind share a cache group and are numbered in it.
#include "compiler/import/CachePlaces.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;

namespace {

/// A model of 100 positions whose layers have `windows`, 0 for none.
ModelSpec modelOf(const std::vector<int64_t> &windows) {
  ModelSpec spec;
  spec.positions = 100;
  for (int64_t window : windows) {
    LayerSpec layer;
    layer.attention.kvHeads = 2;
    layer.attention.headSize = 8;
    if (window)
      layer.attention.window = {window, ""};
    spec.layers.push_back(layer);
  }
  return spec;
}

/// "group.layer/window" of each layer.
std::string placesOf(const ModelSpec &spec) {
  std::string text;
  for (const CachePlace &place : placeCaches(spec))
    text += std::to_string(place.group) + "." + std::to_string(place.layer) + "/" +
            std::to_string(place.window) + " ";
  return text;
}

TEST(CachePlaces, AlternatingWindowsAreTwoGroups) {
  EXPECT_EQ(placesOf(modelOf({0, 0, 0})), "0.0/0 0.1/0 0.2/0 ");
  EXPECT_EQ(placesOf(modelOf({16, 0, 16, 0, 16})), "0.0/16 1.0/0 0.1/16 1.1/0 0.2/16 ");
  EXPECT_EQ(placesOf(modelOf({16, 32, 16})), "0.0/16 1.0/32 0.1/16 ");
}

TEST(CachePlaces, AWindowThatTheContextNeverLeavesIsNone) {
  EXPECT_EQ(placesOf(modelOf({100, 0, 99})), "0.0/0 0.1/0 1.0/99 ");
}

TEST(CachePlaces, StatesAreAGroupOfTheirOwn) {
  ModelSpec spec = modelOf({0, 0, 0, 0, 0});
  for (size_t layer : {0, 1, 3, 4}) {
    DeltaNetSpec net;
    net.keyHeads = net.valueHeads = 2;
    net.keySize = net.valueSize = 8;
    net.taps = layer == 4 ? 3 : 4;
    spec.layers[layer].deltaNet = net;
    spec.layers[layer].attention = {};
  }
  EXPECT_EQ(placesOf(spec), "0.0/0 0.1/0 1.0/0 0.2/0 2.0/0 ");
}

TEST(CachePlaces, OtherHeadsAreAnotherGroup) {
  ModelSpec spec = modelOf({0, 0, 0});
  spec.layers[1].attention.kvHeads = 4;
  spec.layers[2].attention.headSize = 16;
  EXPECT_EQ(placesOf(spec), "0.0/0 1.0/0 2.0/0 ");
}

} // namespace
