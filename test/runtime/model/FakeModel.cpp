#include "test/runtime/model/FakeModel.h"

#include <algorithm>
#include <array>

namespace osscc::rt::test {
namespace {

/// A grid of `count` blocks, all in the first worker's range.
template <class Body>
void grid(const OssccCall *call, int64_t worker, int64_t count, const Body &body) {
  const OssccServices *services = call->services;
  services->barrier(call, worker);
  int64_t block;
  while ((block = services->next_block(call, worker, 0, count)) < count)
    body(block);
  services->finish(call, worker, count);
}

uint64_t *states(const OssccCall *call) {
  return reinterpret_cast<uint64_t *>(call->arena);
}

/// Pages of the ring of group 1.
const int64_t kRing = osscc_ring_pages(kWindow, kMaxRows, kRowsPerPage);

/// What the row's sequence has at `position`.
uint64_t *cached(const OssccCall *call, int64_t group, int64_t row, int64_t position) {
  int64_t number = position / kRowsPerPage;
  uint8_t *page = call->caches[group][call->sequences[row]][group == 1 ? number % kRing : number];
  return reinterpret_cast<uint64_t *>(page) + position % kRowsPerPage;
}

/// arena[t] = w[token t]; one row a block.
void embed(const OssccCall *call, int64_t worker) {
  auto *weights = static_cast<const uint64_t *>(call->weights[0]);
  grid(call, worker, call->rows, [&](int64_t t) { states(call)[t] = weights[call->tokens[t]]; });
}

/// Appends every row to the cache, then sums each row's past, as far as it sees it.
void layer(const OssccCall *call, int64_t worker, int64_t group, int64_t window) {
  grid(call, worker, call->rows,
       [&](int64_t t) { *cached(call, group, t, call->positions[t]) = states(call)[t]; });
  grid(call, worker, call->rows, [&](int64_t t) {
    uint64_t sum = 0;
    int64_t first = std::max<int64_t>(call->positions[t] - window + 1, 0);
    for (int64_t p = first; p <= call->positions[t]; ++p)
      sum += *cached(call, group, t, p);
    states(call)[t] = sum;
  });
}

void fullLayer(const OssccCall *call, int64_t worker) {
  layer(call, worker, 0, kWindowedContext);
}

void windowedLayer(const OssccCall *call, int64_t worker) {
  layer(call, worker, 1, kWindow);
}

/// One block takes all rows in turn: the state of a row's sequence is page 0 of group 1.
void statefulLayer(const OssccCall *call, int64_t worker) {
  grid(call, worker, 1, [&](int64_t) {
    for (int64_t t = 0; t < call->rows; ++t) {
      auto *state = reinterpret_cast<uint64_t *>(call->caches[1][call->sequences[t]][0]);
      states(call)[t] = *state = 3 * *state + states(call)[t];
    }
    if (interruptInState && call->rows < kMaxRows)
      *interruptInState = 1;
  });
}

float logit(uint64_t state, int64_t v) {
  return float((state * 31 + v * 7) % 17);
}

void head(const OssccCall *call, int64_t worker) {
  grid(call, worker, call->output_rows, [&](int64_t o) {
    for (int64_t v = 0; v < kVocabulary; ++v)
      call->output[o * kVocabulary + v] = logit(states(call)[call->outputs[o]], v);
  });
}

alignas(64) const std::array<uint64_t, kVocabulary> kWeights = [] {
  std::array<uint64_t, kVocabulary> w{};
  for (uint64_t v = 0; v < w.size(); ++v)
    w[v] = v * v + 1;
  return w;
}();

const OssccSegment kSegments[] = {{"embed", OSSCC_SEGMENT_EMBED, embed},
                                  {"layer_0", OSSCC_SEGMENT_LAYER, fullLayer},
                                  {"head", OSSCC_SEGMENT_HEAD, head}};
const OssccWeight kWeightTable[] = {{"w", sizeof kWeights, 64, OSSCC_PLACE_MAPPED, 0}};
const OssccCacheGroup kGroups[] = {
    {sizeof(OssccCacheGroup), OSSCC_CACHE_FULL, kRowsPerPage, kRowsPerPage * 8, 64, 0, 1}};
const OssccModel kModel = {.struct_bytes = sizeof(OssccModel),
                           .name = "fake",
                           .target = "x86-64",
                           .features = "",
                           .hidden = 1,
                           .vocabulary = kVocabulary,
                           .layers = 1,
                           .context = kContext,
                           .max_rows = kMaxRows,
                           .arena_bytes = kMaxRows * 8,
                           .arena_align = 64,
                           .segment_count = 3,
                           .segments = kSegments,
                           .weight_count = 1,
                           .weights = kWeightTable,
                           .cache_group_count = 1,
                           .cache_groups = kGroups,
                           .device = nullptr,
                           .kernel_count = 0,
                           .kernels = nullptr,
                           .image_count = 0,
                           .images = nullptr};
const OssccModel *const kModels[] = {&kModel};

const OssccSegment kWindowedSegments[] = {{"embed", OSSCC_SEGMENT_EMBED, embed},
                                          {"layer_0", OSSCC_SEGMENT_LAYER, fullLayer},
                                          {"layer_1", OSSCC_SEGMENT_LAYER, windowedLayer},
                                          {"head", OSSCC_SEGMENT_HEAD, head}};
const OssccCacheGroup kWindowedGroups[] = {
    kGroups[0],
    {sizeof(OssccCacheGroup), OSSCC_CACHE_WINDOW, kRowsPerPage, kRowsPerPage * 8, 64, kWindow, 1}};
const OssccModel kWindowedModel = [] {
  OssccModel model = kModel;
  model.layers = 2;
  model.context = kWindowedContext;
  model.segment_count = 4;
  model.segments = kWindowedSegments;
  model.cache_group_count = 2;
  model.cache_groups = kWindowedGroups;
  return model;
}();
const OssccModel *const kWindowedModels[] = {&kWindowedModel};
const OssccSegment kStatefulSegments[] = {{"embed", OSSCC_SEGMENT_EMBED, embed},
                                          {"layer_0", OSSCC_SEGMENT_LAYER, statefulLayer},
                                          {"layer_1", OSSCC_SEGMENT_LAYER, fullLayer},
                                          {"head", OSSCC_SEGMENT_HEAD, head}};
const OssccCacheGroup kStatefulGroups[] = {
    kGroups[0], {sizeof(OssccCacheGroup), OSSCC_CACHE_STATE, 1, 8, 64, 0, 1}};
const OssccModel kStatefulModel = [] {
  OssccModel model = kWindowedModel;
  model.segments = kStatefulSegments;
  model.cache_groups = kStatefulGroups;
  return model;
}();
const OssccModel *const kStatefulModels[] = {&kStatefulModel};
const OssccModule kStateful = {sizeof(OssccModule), OSSCC_ABI_VERSION, 1, kStatefulModels};
const OssccModule kWindowed = {sizeof(OssccModule), OSSCC_ABI_VERSION, 1, kWindowedModels};
const OssccModule kModule = {sizeof(OssccModule), OSSCC_ABI_VERSION, 1, kModels};

} // namespace

const OssccModule &fakeModule() {
  return kModule;
}

std::span<const std::byte> fakeWeights() {
  return std::as_bytes(std::span(kWeights));
}

std::vector<float> expectedLogits(std::span<const int32_t> tokens) {
  uint64_t state = 0;
  for (int32_t token : tokens)
    state += kWeights[token];
  std::vector<float> logits;
  for (int64_t v = 0; v < kVocabulary; ++v)
    logits.push_back(logit(state, v));
  return logits;
}

const OssccModule &windowedModule() {
  return kWindowed;
}

std::vector<float> windowedLogits(std::span<const int32_t> tokens) {
  uint64_t state = 0, seen = 0;
  for (size_t p = 0; p < tokens.size(); ++p) {
    state += kWeights[tokens[p]];
    if (p + kWindow >= tokens.size())
      seen += state;
  }
  std::vector<float> logits;
  for (int64_t v = 0; v < kVocabulary; ++v)
    logits.push_back(logit(seen, v));
  return logits;
}

const OssccModule &statefulModule() {
  return kStateful;
}

std::vector<float> statefulLogits(std::span<const int32_t> tokens) {
  uint64_t state = 0, seen = 0;
  for (int32_t token : tokens)
    seen += state = 3 * state + kWeights[size_t(token)];
  std::vector<float> logits;
  for (int64_t v = 0; v < kVocabulary; ++v)
    logits.push_back(logit(seen, v));
  return logits;
}

int32_t expectedNext(std::span<const int32_t> tokens) {
  auto logits = expectedLogits(tokens);
  return int32_t(std::ranges::max_element(logits) - logits.begin());
}

} // namespace osscc::rt::test
