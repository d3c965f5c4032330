// The GGUF container against hostile and unusual files.
#include "compiler/import/checkpoint/gguf/File.h"

#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "llvm/Support/MathExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

std::string errorOf(const TinyGguf &tiny, llvm::StringRef bytes) {
  auto file = GgufFile::read(tiny.write(bytes));
  return file ? "" : llvm::toString(file.takeError());
}
std::string errorOf(const TinyGguf &tiny) {
  return errorOf(tiny, tiny.bytes());
}

/// A file of two tensors at multiples of `alignment`.
std::string aligned(TinyGguf &tiny, uint64_t alignment) {
  tiny.tensors = {{"a", {8}}};
  std::string infos = text("a") + u32(1) + u64(8) + u32(0) + u64(0);
  uint64_t second = llvm::alignTo(32, alignment);
  infos += text("b") + u32(1) + u64(8) + u32(0) + u64(second);
  std::string header = tiny.header();
  std::string out = header.substr(0, 8) + u64(2) + header.substr(16);
  out = out.substr(0, out.size() - (8 + 1 + 4 + 8 + 4 + 8)) + infos;
  out.resize(llvm::alignTo(out.size(), alignment) + second + 32);
  return out;
}

/// The header that goes on behind the first piece that is read.
TEST(GgufFile, ReadsALongHeader) {
  TinyGguf tiny;
  std::string note(30 << 20, 'x');
  tiny.set("a.note", textValue(note)).set("z.note", textValue("behind it"));
  tiny.tensor("output_norm.weight").data = f32(2.5f);
  GgufFile file = llvm::cantFail(GgufFile::read(tiny.write()));
  EXPECT_EQ(llvm::cantFail(file.string("z.note")), "behind it");
  EXPECT_EQ(llvm::cantFail(file.readBytes(file.tensors()[1])).substr(0, 4), f32(2.5f));
  tiny.set("a.note", u32(8) + u64(31 << 20) + note);
  EXPECT_THAT(errorOf(tiny, tiny.bytes().substr(0, 30 << 20)),
              HasSubstr("but the file ends after"));
}

TEST(GgufFile, ReadsMetadataAndTensors) {
  TinyGguf tiny;
  tiny.set("x.numbers", i32sValue({1, -2})).set("x.true", boolValue(true));
  tiny.tensor("output_norm.weight").data = f32(1.5f);
  GgufFile file = llvm::cantFail(GgufFile::read(tiny.write()));
  EXPECT_EQ(llvm::cantFail(file.string("general.architecture")), "llama");
  EXPECT_EQ(llvm::cantFail(file.string("none", "other")), "other");
  EXPECT_EQ(llvm::cantFail(file.integer("llama.block_count", 9)), 1);
  EXPECT_THAT(llvm::cantFail(file.numbers("x.numbers")), testing::ElementsAre(1, -2));
  EXPECT_TRUE(llvm::cantFail(file.boolean("x.true", false)));
  EXPECT_EQ(llvm::cantFail(file.strings("tokenizer.ggml.tokens"))[5], "ab");
  ASSERT_EQ(file.tensors().size(), 11u);
  EXPECT_EQ(file.tensors()[0].type, "F32");
  EXPECT_THAT(file.tensors()[0].shape, testing::ElementsAre(12, 32));
  EXPECT_EQ(llvm::cantFail(file.readBytes(file.tensors()[1])).substr(0, 4), f32(1.5f));
}

TEST(GgufFile, AcceptsTheOlderVersionOtherAlignmentAndNoLastPadding) {
  TinyGguf tiny;
  std::string bytes = tiny.bytes();
  EXPECT_EQ(errorOf(tiny, "GGUF" + u32(2) + bytes.substr(8)), "");
  tiny.set("general.alignment", u32Value(32));
  EXPECT_EQ(errorOf(tiny), "");
  for (int bits : {0, 3, 12, 20}) // the tensors fit whole multiples of 32 only
    EXPECT_EQ(
        errorOf(tiny.set("general.alignment", u32Value(1u << bits)), aligned(tiny, 1u << bits)), "")
        << bits;
  tiny.set("general.alignment", u32Value(32));
  tiny.tensors = {{"a", {3}}};
  std::string padded = tiny.bytes();
  EXPECT_EQ(errorOf(tiny, padded.substr(0, padded.size() - 20)), "");
  EXPECT_THAT(errorOf(tiny, padded.substr(0, padded.size() - 21)), HasSubstr("the file has 11"));
  EXPECT_THAT(errorOf(tiny, padded + "x"), HasSubstr("the tensors end at byte"));
}

TEST(GgufFile, RefusesOtherFormats) {
  TinyGguf tiny;
  std::string rest = tiny.bytes().substr(8);
  EXPECT_THAT(errorOf(tiny, ""), HasSubstr("the magic number takes 4 bytes"));
  EXPECT_THAT(errorOf(tiny, "GGML" + u32(3) + rest), HasSubstr("does not begin with \"GGUF\""));
  EXPECT_THAT(errorOf(tiny, "GGUF" + u32(1) + rest), HasSubstr("version 1 is not supported"));
  EXPECT_THAT(errorOf(tiny, "GGUF" + u32(0x03000000) + rest), HasSubstr("is big-endian"));
}

TEST(GgufFile, HoldsEveryLengthToTheFile) {
  TinyGguf tiny;
  std::string bytes = tiny.bytes(), header = tiny.header();
  for (size_t cut = 0; cut < header.size(); cut += 11)
    EXPECT_NE(errorOf(tiny, bytes.substr(0, cut)), "") << cut;
  constexpr uint64_t kHuge = ~uint64_t(0);
  EXPECT_THAT(errorOf(tiny, "GGUF" + u32(3) + u64(kHuge) + u64(1) + bytes.substr(24)),
              HasSubstr("tensors, but"));
  EXPECT_THAT(errorOf(tiny, "GGUF" + u32(3) + u64(1) + u64(kHuge) + bytes.substr(24)),
              HasSubstr("keys, but"));
  EXPECT_THAT(errorOf(tiny, "GGUF" + u32(3) + u64(0) + u64(1) + u64(kHuge) + "abcdef"),
              HasSubstr("a key takes 18446744073709551615 bytes"));
  tiny.set("x", u32(9) + u32(4) + u64(kHuge / 4));
  EXPECT_THAT(errorOf(tiny), HasSubstr("elements, but"));
  tiny.set("x", u32(9) + u32(8) + u64(1) + u64(kHuge));
  EXPECT_THAT(errorOf(tiny), HasSubstr("an element of key \"x\" takes"));
}

TEST(GgufFile, RefusesMalformedPairs) {
  TinyGguf tiny;
  EXPECT_THAT(errorOf(tiny.set("x", u32(13) + u64(0))),
              HasSubstr("\"x\": error: has the unknown type 13"));
  EXPECT_THAT(errorOf(tiny.set("x", u32(7) + "\2")), HasSubstr("neither true (1) nor false (0)"));
  EXPECT_THAT(errorOf(tiny.set("x", u32(9) + u32(9) + u64(1))), HasSubstr("arrays of arrays"));
  EXPECT_THAT(errorOf(tiny.set("x", u32(9) + u32(77) + u64(1))), HasSubstr("unknown type 77"));
  EXPECT_THAT(errorOf(tiny.set("x", u32Value(1) + text("x") + u32Value(2)).set("z")),
              testing::Not(testing::IsEmpty()));
  std::string twice =
      "GGUF" + u32(3) + u64(0) + u64(2) + text("x") + u32Value(1) + text("x") + u32Value(1);
  EXPECT_THAT(errorOf(tiny, twice), HasSubstr("key \"x\": error: is given twice"));
  std::string empty = "GGUF" + u32(3) + u64(0) + u64(1) + text("") + u32Value(1);
  EXPECT_THAT(errorOf(tiny, empty), HasSubstr("keys are UTF-8 of 1 to 65535 bytes"));
  tiny.set("x");
  for (uint32_t alignment : {0u, 24u, 31u})
    EXPECT_THAT(errorOf(tiny.set("general.alignment", u32Value(alignment))),
                HasSubstr("expected a power of two as u32"));
  EXPECT_THAT(errorOf(tiny.set("general.alignment", u32(10) + u64(32))),
              HasSubstr("expected a power of two as u32"));
}

TEST(GgufFile, RefusesMalformedTensors) {
  auto errorWith = [](const TinyGguf::Entry &entry) {
    TinyGguf tiny;
    tiny.tensors = {{"first", {8}}, entry};
    return errorOf(tiny);
  };
  EXPECT_THAT(errorWith({"first", {8}}), HasSubstr("\"first\": error: is given twice"));
  EXPECT_THAT(errorWith({"x", {}}), HasSubstr("has 0 dimensions"));
  EXPECT_THAT(errorWith({"x", {1, 1, 1, 1, 1}}), HasSubstr("has 5 dimensions"));
  EXPECT_THAT(errorWith({"x", {8, 0}, 0, 32}), HasSubstr("has an extent of 0"));
  EXPECT_THAT(errorWith({"x", {8}, 4}), HasSubstr("has the unknown type 4"));
  EXPECT_THAT(errorWith({"x", {33}, 8}),
              HasSubstr("rows of 33 values are not whole blocks of Q8_0"));
  EXPECT_THAT(errorWith({"x", {uint64_t(1) << 32, uint64_t(1) << 32}, 0, 32}),
              HasSubstr("is larger than any file"));
  EXPECT_THAT(errorWith({"x", {uint64_t(1) << 62}, 0, 32}), HasSubstr("is larger than any file"));
  EXPECT_THAT(errorWith({"x", {uint64_t(1) << 40}, 0, 32}), HasSubstr("but the file has"));
  EXPECT_THAT(errorWith({std::string(64, 'x'), {8}}), HasSubstr("UTF-8 of 1 to 63 bytes"));
  EXPECT_THAT(errorWith({"\xFF", {8}}), HasSubstr("UTF-8 of 1 to 63 bytes"));
  TinyGguf hole;
  hole.tensors = {{"first", {8}, 0, 64}, {"x", {8}}};
  EXPECT_THAT(errorOf(hole), HasSubstr("begins at byte 64 of the data, expected 32"));
}

TEST(GgufFile, NamesTheKeyOfAnotherType) {
  TinyGguf tiny;
  tiny.set("bad", textValue("\xFF")).set("number", u32Value(7));
  GgufFile file = llvm::cantFail(GgufFile::read(tiny.write()));
  auto message = [](auto value) { return llvm::toString(value.takeError()); };
  EXPECT_THAT(message(file.string("bad")),
              HasSubstr("tiny.gguf: bad: error: the text is not UTF-8"));
  EXPECT_THAT(message(file.string("number")), HasSubstr("expected a string, found 7"));
  EXPECT_THAT(message(file.boolean("number", true)), HasSubstr("expected true or false, found 7"));
  EXPECT_THAT(message(file.integer("number", 6)), HasSubstr("from 0 to 6, found 7"));
  EXPECT_THAT(message(file.strings("number")), HasSubstr("expected an array of strings"));
  EXPECT_THAT(message(file.strings("none")), HasSubstr("the key is missing"));
  EXPECT_THAT(message(file.numbers("tokenizer.ggml.tokens")), HasSubstr("array of numbers"));
  EXPECT_THAT(message(file.scalar("tokenizer.ggml.tokens")), HasSubstr("found an array"));
}

} // namespace
