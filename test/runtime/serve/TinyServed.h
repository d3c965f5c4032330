// A model to serve in tests: a payload of the smallest index, a tokenizer of bytes, no template.
#pragma once

#include "runtime/serve/Served.h"
#include "test/runtime/tokenizer/TinyTokenizer.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

namespace osscc::rt::serve::test {

class TinyServed {
public:
  /// \param index  with a chat format and templates, if there are to be any; the rest is filled in.
  explicit TinyServed(bundle::BundleT index = {}) {
    write(std::move(index));
    opened.emplace(*Bundle::open({memory.get(), bytes}));
    tokenizer.emplace(*Tokenizer::load(*opened->index().tokenizer()));
    served.emplace(Served{
        .bundle = *opened, .tokenizer = *tokenizer, .reasoning = cli::Reasoning(opened->index())});
    served->context = 40;
    served->vocabulary = 11;
    served->name = "tiny";
    served->defaults.sampler.temperature = 0;
  }

  TinyServed(const TinyServed &) = delete; // served refers to the other members

  Served &operator*() { return *served; }

private:
  void write(bundle::BundleT index) {
    index.version = bundle::kPayloadVersion;
    index.model = std::make_unique<bundle::ModelT>();
    index.model->name = "tiny";
    index.model->family = "llama";
    index.generation = std::make_unique<bundle::GenerationT>();
    index.tokenizer =
        std::make_unique<bundle::TokenizerT>(osscc::test::tinyTokenizer({{'q', 'q'}}, {}));
    index.weights.push_back(std::make_unique<bundle::WeightT>());
    flatbuffers::FlatBufferBuilder builder;
    bundle::FinishBundleBuffer(builder, bundle::Bundle::Pack(builder, &index));
    constexpr size_t kAlign = bundle::kPayloadAlign;
    size_t size = builder.GetSize();
    bytes = 2 * kAlign + size;
    memory.reset(static_cast<std::byte *>(
        std::aligned_alloc(kAlign, 2 * kAlign + (size + kAlign - 1) / kAlign * kAlign)));
    std::memset(memory.get(), 0, bytes);
    std::memcpy(memory.get() + 2 * kAlign, builder.GetBufferPointer(), size);
    bundle::PayloadHeader header{};
    std::memcpy(header.magic, bundle::kPayloadMagic, sizeof header.magic);
    header.version = bundle::kPayloadVersion;
    header.header_bytes = sizeof header;
    header.payload_bytes = bytes;
    header.weights_offset = kAlign;
    header.index_offset = 2 * kAlign;
    header.index_bytes = size;
    header.header_sum = bundle::headerSum(header);
    std::memcpy(memory.get(), &header, sizeof header);
  }

  struct Free {
    void operator()(std::byte *p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> memory;
  size_t bytes = 0;
  std::optional<Bundle> opened;
  std::optional<Tokenizer> tokenizer;
  std::optional<Served> served;
};

} // namespace osscc::rt::serve::test
