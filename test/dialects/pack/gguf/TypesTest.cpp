// Every block type against gguf-py, bit for bit: test/data/gguf-blocks.json, of which
// tools/oracle/gguf_blocks.py says how it is made.
#include "dialects/pack/gguf/Types.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <set>
#include <vector>

using namespace osscc::pack;

namespace {

llvm::json::Object golden() {
  auto text = llvm::MemoryBuffer::getFile(OSSCC_TEST_DATA "/gguf-blocks.json");
  if (!text)
    return {};
  auto parsed = llvm::json::parse((*text)->getBuffer());
  if (!parsed) {
    ADD_FAILURE() << llvm::toString(parsed.takeError());
    return {};
  }
  return std::move(*parsed->getAsObject());
}

/// The generator of the script: the upper bytes of a linear congruential one.
std::vector<char> randomBytes(uint64_t seed, size_t count) {
  std::vector<char> bytes(count);
  for (char &byte : bytes) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(seed >> 56);
  }
  return bytes;
}

uint32_t bitsOf(float value) {
  return std::isnan(value) ? 0x7FC00000 : llvm::bit_cast<uint32_t>(value);
}

std::string digestOf(llvm::ArrayRef<float> values) {
  uint64_t digest = 0xCBF29CE484222325;
  for (float value : values)
    digest = (digest ^ bitsOf(value)) * 0x100000001B3;
  return llvm::utohexstr(digest, /*LowerCase=*/true, /*Width=*/16);
}

TEST(GgufTypes, DecodeToTheBitsOfTheReference) {
  llvm::json::Object data = golden();
  auto seed = data.getInteger("seed"), blocks = data.getInteger("blocks");
  const llvm::json::Array *rows = data.getArray("types");
  ASSERT_TRUE(seed && blocks && rows);
  std::set<std::string> seen;
  for (const llvm::json::Value &value : *rows) {
    const llvm::json::Object &row = *value.getAsObject();
    llvm::StringRef name = *row.getString("name");
    SCOPED_TRACE(name.str());
    const gguf::Type *type = gguf::findType(name);
    ASSERT_TRUE(type && type->decode);
    EXPECT_EQ(type, gguf::findType(static_cast<uint32_t>(*row.getInteger("id"))));
    EXPECT_EQ(type->elements, *row.getInteger("elements"));
    EXPECT_EQ(type->bytes, *row.getInteger("bytes"));

    std::vector<char> bytes = randomBytes(*seed, *blocks * type->bytes);
    std::vector<float> values(*blocks * type->elements);
    gguf::decodeBlocks(*type, bytes, values);
    llvm::SmallVector<llvm::StringRef> first;
    row.getString("first")->split(first, ' ');
    for (size_t i = 0; i < first.size(); ++i)
      ASSERT_EQ(llvm::utohexstr(bitsOf(values[i]), true, 8), first[i]) << "value " << i;
    EXPECT_EQ(digestOf(values), *row.getString("digest"));
    seen.insert(name.str());
  }
  for (const gguf::Type &type : gguf::types())
    EXPECT_EQ(type.decode != nullptr, seen.count(type.name.str()) == 1) << type.name.str();
}

TEST(GgufTypes, AreFoundByNumberAndName) {
  EXPECT_EQ(gguf::findType(uint32_t(4)), nullptr) << "Q4_2, which the format dropped";
  EXPECT_EQ(gguf::findType(uint32_t(1000)), nullptr);
  EXPECT_EQ(gguf::findType("Q4_K_M"), nullptr) << "a mixture of a file, not a type";
  EXPECT_EQ(gguf::findType(uint32_t(9))->decode, nullptr) << "of activations";
  for (size_t i = 1; i < gguf::types().size(); ++i)
    EXPECT_LT(gguf::types()[i - 1].id, gguf::types()[i].id);
}

TEST(GgufTypes, ShowValuesThatAreNotFinite) {
  const gguf::Type &type = *gguf::findType("Q4_0");
  std::vector<char> blocks(2 * type.bytes, 0x77);
  std::vector<float> values(2 * type.elements);
  gguf::decodeBlocks(type, blocks, values);
  EXPECT_EQ(gguf::firstNotFinite(values), std::nullopt);
  blocks[type.bytes + 1] = 0x7C; // the second block's scale: a NaN
  gguf::decodeBlocks(type, blocks, values);
  EXPECT_EQ(gguf::firstNotFinite(values), type.elements);
  values = {1, -std::numeric_limits<float>::infinity()};
  EXPECT_EQ(gguf::firstNotFinite(values), 1u);
}

} // namespace
