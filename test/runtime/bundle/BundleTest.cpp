#include "runtime/bundle/Bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace osscc::rt {
namespace {

using testing::HasSubstr;

/// A payload as the writer makes it: header, 100 bytes of weights, a small index.
struct BundleTest : testing::Test {
  struct Free {
    void operator()(std::byte *p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> memory;
  size_t bytes = 0;

  std::span<const std::byte> segment() const { return {memory.get(), bytes}; }
  bundle::PayloadHeader &header() {
    return *reinterpret_cast<bundle::PayloadHeader *>(memory.get());
  }
  void seal() { header().header_sum = bundle::headerSum(header()); }

  void SetUp() override {
    bundle::BundleT index;
    index.version = bundle::kPayloadVersion;
    index.model = std::make_unique<bundle::ModelT>();
    index.model->name = "tiny";
    index.model->family = "llama";
    index.generation = std::make_unique<bundle::GenerationT>();
    index.generation->eos = {2, 5};
    index.tokenizer = std::make_unique<bundle::TokenizerT>();
    index.weights.push_back(std::make_unique<bundle::WeightT>());
    index.weights[0]->shape = {1, 5};
    flatbuffers::FlatBufferBuilder builder;
    bundle::FinishBundleBuffer(builder, bundle::Bundle::Pack(builder, &index));

    constexpr size_t kAlign = bundle::kPayloadAlign, kWeights = 100;
    bytes = 2 * kAlign + builder.GetSize();
    memory.reset(static_cast<std::byte *>(std::aligned_alloc(kAlign, 4 * kAlign)));
    std::memset(memory.get(), 0, bytes);
    std::memset(memory.get() + kAlign, 0x5a, kWeights);
    std::memcpy(memory.get() + 2 * kAlign, builder.GetBufferPointer(), builder.GetSize());
    bundle::PayloadHeader &h = header();
    std::memcpy(h.magic, bundle::kPayloadMagic, sizeof h.magic);
    h.version = bundle::kPayloadVersion;
    h.header_bytes = sizeof h;
    h.payload_bytes = bytes;
    h.weights_offset = kAlign;
    h.weights_bytes = kWeights;
    h.weights_sum = bundle::checksum(memory.get() + kAlign, kWeights);
    h.index_offset = 2 * kAlign;
    h.index_bytes = builder.GetSize();
    h.index_sum = bundle::checksum(memory.get() + 2 * kAlign, builder.GetSize());
    seal();
  }

  void expectDamaged(const char *why) {
    auto bundle = Bundle::open(segment());
    ASSERT_FALSE(bundle) << why;
    EXPECT_THAT(bundle.error().message, HasSubstr(why));
    EXPECT_EQ(exitCode(bundle.error().code), 74);
  }
};

TEST_F(BundleTest, GivesTheIndexAndTheWeightsWhereTheyLie) {
  auto bundle = Bundle::open(segment());
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->index().model()->name()->str(), "tiny");
  EXPECT_EQ(bundle->index().generation()->eos()->Get(1), 5);
  EXPECT_EQ(bundle->index().templates(), nullptr);
  EXPECT_EQ(bundle->weights().data(), memory.get() + bundle::kPayloadAlign);
  EXPECT_EQ(bundle->weights().size(), 100u);
  EXPECT_TRUE(bundle->verify());
}

TEST_F(BundleTest, VerifyFindsOneWrongBit) {
  auto bundle = Bundle::open(segment());
  memory.get()[bundle::kPayloadAlign + 99] ^= std::byte(1);
  auto status = bundle->verify();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("weights: expected the sum"));
  EXPECT_EQ(exitCode(status.error().code), 74);
}

TEST_F(BundleTest, RefusesADamagedHeader) {
  bytes = 79;
  expectDamaged("shorter than its header");
  SetUp();
  header().magic[0] = 'X';
  expectDamaged("magic number");
  SetUp();
  header().version = 99;
  expectDamaged("another version");
  SetUp();
  header().weights_bytes = ~uint64_t(0);
  expectDamaged("header is damaged");
  seal();
  expectDamaged("lie outside");
  SetUp();
  --bytes;
  expectDamaged("truncated");
}

TEST_F(BundleTest, RefusesAnIndexThatIsNoSoundBuffer) {
  // Every byte of the index in turn: refused, or read without leaving the buffer (the sanitizers
  // watch).
  for (size_t i = 0; i < header().index_bytes; ++i) {
    std::byte &byte = memory.get()[2 * bundle::kPayloadAlign + i];
    byte ^= std::byte(0xff);
    if (auto bundle = Bundle::open(segment()))
      EXPECT_FALSE(bundle->verify());
    byte ^= std::byte(0xff);
  }
  std::memset(memory.get() + 2 * bundle::kPayloadAlign, 0xff, header().index_bytes);
  expectDamaged("index is damaged");
}

TEST_F(BundleTest, RefusesElementsOutOfAlignment) {
  // The shape begins 4 bytes later: its first number's lower half is then its length.
  auto *index = bundle::GetBundle(memory.get() + 2 * bundle::kPayloadAlign);
  auto *weight = reinterpret_cast<const flatbuffers::Table *>(index->weights()->Get(0));
  const uint8_t *field = weight->GetAddressOf(bundle::Weight::VT_SHAPE);
  *reinterpret_cast<flatbuffers::uoffset_t *>(const_cast<uint8_t *>(field)) += 4;
  expectDamaged("index is damaged");
}

TEST(Bundle, AnExecutableWithoutAPayloadSaysSo) {
  auto bundle = Bundle::ofThisExecutable();
  ASSERT_FALSE(bundle);
  EXPECT_EQ(exitCode(bundle.error().code), 74);
}

} // namespace
} // namespace osscc::rt
