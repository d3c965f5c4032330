// An input is a payload's header and its index, without the zeros between them:
//
//   | 80 bytes: PayloadHeader | bundle::Bundle |
//
// It is opened as it lies there, then in its places with the header's sum set right, then behind a
// sound header: sums are not guessed by mutation.
#include "runtime/bundle/Bundle.h"
#include "runtime/chat/Conversation.h"
#include "runtime/tokenizer/Tokenizer.h"
#include "test/fuzz/Readers.h"
#include "test/fuzz/Render.h"

#include <cstdlib>
#include <memory>

using namespace osscc;
using namespace osscc::rt;
using fuzz::require;

namespace {

constexpr size_t kHeader = sizeof(bundle::PayloadHeader), kPage = bundle::kPayloadAlign;

/// Memory on a page's start and of just so many bytes, so that reading on is noticed.
class Segment {
public:
  explicit Segment(size_t bytes) : bytes(bytes) {
    void *begin = nullptr;
    require(posix_memalign(&begin, kPage, bytes) == 0, "there is memory");
    memory.reset(static_cast<std::byte *>(begin));
    std::memset(begin, 0, bytes);
  }

  void put(size_t offset, std::string_view part) {
    if (!part.empty())
      std::memcpy(memory.get() + offset, part.data(), part.size());
  }
  bundle::PayloadHeader &header() {
    return *reinterpret_cast<bundle::PayloadHeader *>(memory.get());
  }
  std::span<const std::byte> span() const { return {memory.get(), bytes}; }

private:
  struct Free {
    void operator()(std::byte *p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> memory;
  size_t bytes;
};

void useTokenizer(const bundle::Tokenizer &tables) {
  auto tokenizer = Tokenizer::load(tables);
  if (!tokenizer)
    return;
  for (SpecialTokens special : {SpecialTokens::kText, SpecialTokens::kMatch})
    if (auto ids = tokenizer->encode("Hello <|im_end|> 12\n\n\tcafe\u0301 aaaab", special)) {
      for (int32_t id : *ids)
        require(id >= 0 && size_t(id) < tokenizer->size(), "an id is one of the vocabulary's");
      tokenizer->decode(*ids);
    }
}

void useText(const flatbuffers::String *text) {
  require(!text || text->c_str()[text->size()] == 0, "a text ends with a zero");
}

void open(std::span<const std::byte> segment) {
  auto bundle = Bundle::open(segment);
  if (!bundle)
    return;
  (void)bundle->verify();
  const bundle::Bundle &index = bundle->index();
  useText(index.model()->name());
  useText(index.system());
  for (const bundle::Weight *weight : *index.weights()) {
    useText(weight->name());
    useText(weight->format());
    for (size_t i = 0; weight->shape() && i < weight->shape()->size(); ++i)
      (void)weight->shape()->Get(i);
  }
  (void)cli::chooseGeneration({}, *index.generation());
  useTokenizer(*index.tokenizer());
  for (size_t i = 0; index.templates() && i < index.templates()->size(); ++i)
    fuzz::render(*index.templates()->Get(i));
}

} // namespace

void fuzz::readBundle(std::string_view bytes) {
  Segment raw(bytes.size());
  raw.put(0, bytes);
  open(raw.span());
  if (bytes.size() < kHeader)
    return;

  std::string_view index = bytes.substr(kHeader);
  Segment placed(2 * kPage + index.size());
  placed.put(0, bytes.substr(0, kHeader));
  placed.put(2 * kPage, index);
  bundle::PayloadHeader &header = placed.header();
  header.header_sum = bundle::headerSum(header);
  open(placed.span());

  header = {};
  header.version = bundle::kPayloadVersion;
  header.header_bytes = kHeader;
  header.payload_bytes = 2 * kPage + index.size();
  header.weights_offset = kPage;
  header.weights_bytes = 100;
  header.index_offset = 2 * kPage;
  header.index_bytes = index.size();
  std::memcpy(header.magic, bundle::kPayloadMagic, sizeof header.magic);
  header.header_sum = bundle::headerSum(header);
  open(placed.span());
}
