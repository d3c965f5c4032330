// A model in several .gguf files: good ones, and parts that do not belong together.
#include "compiler/import/checkpoint/gguf/Parts.h"

#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::EndsWith;
using testing::HasSubstr;

namespace {

std::string errorOf(const std::string &path) {
  auto file = GgufFile::read(path);
  return file ? "" : llvm::toString(file.takeError());
}

TEST(GgufParts, NamesAreRead) {
  auto name = ggufPartName("a/big-00002-of-00013.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->base, "a/big");
  EXPECT_EQ(name->number, 2u);
  EXPECT_EQ(name->count, 13u);
  for (const char *other :
       {"big.gguf", "big-00003-of-00002.gguf", "big-00000-of-00002.gguf", "big-2-of-13.gguf",
        "big-00002-of-00013.bin", "big_00002-of-00013.gguf", "00001-of-00002.gguf", ".gguf", ""})
    EXPECT_FALSE(ggufPartName(other)) << other;
}

TEST(GgufParts, AreOneFileWhicheverIsGiven) {
  TinyGguf tiny;
  tiny.tensor("blk.0.ffn_down.weight").data = f32(1.5f); // in the last part
  GgufFile whole = llvm::cantFail(GgufFile::read(tiny.write()));
  for (size_t count : {2, 3, 9}) {
    tiny.writeParts(count);
    for (size_t given : {size_t(1), count / 2 + 1, count}) {
      GgufFile file = llvm::cantFail(GgufFile::read(tiny.partPath(given, count)));
      ASSERT_EQ(file.tensors().size(), whole.tensors().size());
      EXPECT_EQ(file.paths().size(), count);
      EXPECT_EQ(file.path(), tiny.partPath(1, count));
      EXPECT_EQ(llvm::cantFail(file.string("general.license")), "mit");
      for (size_t i = 0; i < file.tensors().size(); ++i) {
        EXPECT_EQ(file.tensors()[i].name, whole.tensors()[i].name);
        EXPECT_EQ(llvm::cantFail(file.readBytes(file.tensors()[i])),
                  llvm::cantFail(whole.readBytes(whole.tensors()[i])));
      }
    }
  }
}

TEST(GgufParts, TheFirstMayHoldMetadataAlone) {
  TinyGguf tiny;
  tiny.writeParts(2);
  TinyGguf::Metadata keys = tiny.metadata;
  keys["split.no"] = u32(2) + word(0, 2);
  keys["split.count"] = u32(2) + word(2, 2);
  keys["split.tensors.count"] = u32(5) + u32(11);
  TinyGguf::write(TinyGguf::header(keys, {}), tiny.partPath(1, 2));
  keys = {{"split.no", u32(2) + word(1, 2)},
          {"split.count", keys["split.count"]},
          {"split.tensors.count", keys["split.tensors.count"]}};
  TinyGguf::write(TinyGguf::bytes(keys, tiny.tensors), tiny.partPath(2, 2));
  EXPECT_EQ(llvm::cantFail(GgufFile::read(tiny.partPath(2, 2))).tensors().size(), 11u);
}

TEST(GgufParts, OneOfOneIsWhole) {
  TinyGguf tiny;
  tiny.set("split.count", u32(2) + word(1, 2));
  EXPECT_EQ(errorOf(tiny.write()), "");
  tiny.set("split.count", u32(2) + word(0, 2));
  EXPECT_EQ(errorOf(tiny.write()), "");
}

TEST(GgufParts, NameWhatIsMissing) {
  TinyGguf tiny;
  tiny.writeParts(3);
  llvm::sys::fs::remove(tiny.partPath(2, 3));
  for (size_t given : {1, 3})
    EXPECT_THAT(errorOf(tiny.partPath(given, 3)),
                HasSubstr(tiny.partPath(2, 3) + ": error: no such file, but "));
  tiny.writeParts(3);
  TinyGguf::write(tiny.partBytes(2, 3), tiny.path("renamed.gguf"));
  EXPECT_THAT(errorOf(tiny.path("renamed.gguf")),
              HasSubstr("renamed.gguf: error: is part 2 of 3, which its name does not say"));
  TinyGguf::write(tiny.partBytes(2, 3).substr(0, 100), tiny.partPath(2, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)), HasSubstr("tiny-00002-of-00003.gguf: error: "));
}

TEST(GgufParts, NameWhatIsDoubled) {
  TinyGguf tiny;
  tiny.writeParts(3);
  TinyGguf::write(tiny.partBytes(2, 3), tiny.partPath(3, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)),
              HasSubstr("tiny-00003-of-00003.gguf: split.no: error: is part 2 of 3, but is called "
                        "part 3 of 3"));
  EXPECT_THAT(errorOf(tiny.partPath(3, 3)), HasSubstr("is part 2 of 3, but is called part 3"));
  // The number of another part, but the tensors of this one.
  std::string bytes = tiny.partBytes(2, 3);
  size_t number = bytes.find("split.no") + 8 + 4;
  TinyGguf::write(bytes.replace(number, 2, word(2, 2)), tiny.partPath(3, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)), HasSubstr("error: is also in " + tiny.partPath(2, 3)));
}

TEST(GgufParts, NameTwoModels) {
  TinyGguf tiny, other;
  tiny.writeParts(3);
  other.tensor("output.weight").extents = {32, 12};
  TinyGguf::write(other.partBytes(2, 3), tiny.partPath(2, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)),
              HasSubstr("tiny-00002-of-00003.gguf: split.tensors.count: error: all parts have 12 "
                        "tensors, but " +
                        tiny.partPath(1, 3) + " says 11"));
  TinyGguf::write(tiny.partBytes(2, 4), tiny.partPath(2, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)), HasSubstr("split.count: error: is of 4 parts, but"));
  TinyGguf::write(tiny.bytes(), tiny.partPath(2, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)), HasSubstr("split.count: error: the file is no part"));
  // Metadata of its own that says otherwise.
  other.metadata["general.architecture"] = textValue("qwen2");
  other.tensors.pop_back();
  std::string second = other.partBytes(1, 3);
  size_t number = second.find("split.no") + 8 + 4;
  TinyGguf::write(second.replace(number, 2, word(1, 2)), tiny.partPath(2, 3));
  EXPECT_THAT(errorOf(tiny.partPath(1, 3)),
              HasSubstr("tiny-00002-of-00003.gguf: general.architecture: error: differs"));
}

TEST(GgufParts, HoldKeysToTheirRanges) {
  TinyGguf tiny;
  tiny.set("split.count", u32(2) + word(3, 2));
  EXPECT_THAT(errorOf(tiny.write()), HasSubstr("split.no: error: the key is missing"));
  tiny.set("split.no", u32(2) + word(3, 2));
  EXPECT_THAT(errorOf(tiny.write()), HasSubstr("expected an integer from 0 to 2, found 3"));
  tiny.set("split.no", u32(2) + word(0, 2));
  EXPECT_THAT(errorOf(tiny.write()), HasSubstr("split.tensors.count: error: the key is missing"));
  tiny.set("split.tensors.count", u32(5) + u32(~0u));
  EXPECT_THAT(errorOf(tiny.write()), HasSubstr("split.tensors.count: error: expected an integer"));
  tiny.set("split.count", textValue("3"));
  EXPECT_THAT(errorOf(tiny.write()), HasSubstr("split.count: error: expected an integer"));
}

} // namespace
