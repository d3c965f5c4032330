// The safetensors reader against hostile and unusual files.
#include "compiler/import/checkpoint/Safetensors.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

class Safetensors : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("osscc-safetensors", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string write(llvm::StringRef name, llvm::StringRef bytes) {
    std::string path = (folder + "/" + name).str();
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << bytes;
    return path;
  }

  static std::string container(const std::string &header, size_t data) {
    std::string out;
    for (int i = 0; i < 8; ++i)
      out += static_cast<char>(uint64_t(header.size()) >> (8 * i));
    return out + header + std::string(data, 'x');
  }

  /// The error of a file with this header and so many bytes of data, "" if there is none.
  std::string errorOf(const std::string &header, size_t data) {
    return errorOfBytes(container(header, data));
  }
  std::string errorOfBytes(const std::string &bytes) {
    auto read = readSafetensors(write("model.safetensors", bytes));
    return read ? "" : llvm::toString(read.takeError());
  }

  llvm::SmallString<128> folder;
};

TEST_F(Safetensors, ReadsKeysInAnyOrder) {
  std::string header =
      "{ \"b\" :{\"data_offsets\":[ 4,12],\n\"shape\":[2,2],\"dtype\":\"BF16\"},"
      "\"__metadata__\":{\"format\":\"pt\",\"epoch\":[3]},"
      "\"\\u0061\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
      "\"empty\":{\"dtype\":\"F32\",\"shape\":[0,9007199254740991],\"data_offsets\":[4,4]}}   ";
  auto read = readSafetensors(write("model.safetensors", container(header, 12)));
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  ASSERT_EQ(read->tensors().size(), 3u);
  const Tensor *b = read->find("b");
  ASSERT_TRUE(b && read->find("a") && !read->find("c"));
  EXPECT_EQ(b->dtype, "BF16");
  EXPECT_EQ(shapeText(b->shape), "[2, 2]");
  EXPECT_EQ(b->offset, 8 + header.size() + 4);
  EXPECT_EQ(b->bytes, 8u);
  EXPECT_EQ(llvm::cantFail(read->readBytes(*b, 1, 3)), "xxx");
}

TEST_F(Safetensors, RefusesEveryTruncation) {
  std::string bytes = container(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  ASSERT_EQ(errorOfBytes(bytes), "");
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT(errorOfBytes(bytes.substr(0, size)), HasSubstr("model.safetensors")) << size;
  EXPECT_THAT(errorOfBytes(bytes + "x"),
              HasSubstr("end at byte 8 of the data, but the file has 9"));
}

TEST_F(Safetensors, RefusesHeaderLengths) {
  EXPECT_THAT(errorOfBytes(std::string(8, '\0')), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(errorOfBytes(std::string(8, '\xFF') + "{}"), HasSubstr("18446744073709551615 bytes"));
  EXPECT_THAT(errorOfBytes(std::string("\x09\0\0\0\0\0\0\0{}", 10)),
              HasSubstr("but only 2 follow"));
  EXPECT_THAT(errorOf(" {}", 0), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(errorOf("[]", 0), HasSubstr("does not begin with '{'"));
  EXPECT_EQ(errorOf("{}", 0), "");
  EXPECT_THAT(errorOf("{}", 1), HasSubstr("the file has 1"));
  EXPECT_THAT(errorOf("{} x", 0), HasSubstr("expected the end"));
}

struct Header {
  const char *text;
  const char *error;
};

TEST_F(Safetensors, RefusesDamagedHeaders) {
  const Header headers[] = {
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "given twice"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "given twice"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
       "\"b\": error: begins at byte 0 of the data, inside"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "inside"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "behind a hole"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "behind a hole"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "the file has 8"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})", "ends at byte 12"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
       "takes 12 bytes, but data_offsets give 8"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "reversed"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
       "below 2^60"},
      {R"({"a":{"dtype":"F64","shape":[2305843009,1073741824],"data_offsets":[0,8]}})",
       "below 2^60"},
      {R"({"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}})", "whole number of bytes"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}})",
       "at most 8 dimensions"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "non-negative integer"},
      {R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", "non-negative integer"},
      {R"({"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}})", "non-negative integer"},
      {R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})", "non-negative integer"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9007199254740993]}})", "below 2^53"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})", "two numbers"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
       "needs dtype, shape and two data_offsets"},
      {R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", "needs dtype"},
      {R"({"a":{"shape":[2],"data_offsets":[0,8]}})", "needs dtype"},
      {R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", "unknown dtype \"F33\""},
      {R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})", "expected a string"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", "unknown field \"x\""},
      {R"({"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "tensor names"},
      {R"({"a":[]})", "expected an object"},
      {R"({"__metadata__":[1]})", "expected an object"},
      {R"({"__metadata__":{"a":"b","a":"c"}})", "given twice"},
      {"{\"a\xFF\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "not valid UTF-8"},
      {R"({"a":{"dtype":"F32","shape":[[[[[[[[[[2]]]]]]]]]],"data_offsets":[0,8]}})",
       "expected a non-negative integer"},
  };
  for (const Header &header : headers)
    EXPECT_THAT(errorOf(header.text, 8), HasSubstr(header.error)) << header.text;
}

TEST_F(Safetensors, ReadsShards) {
  write("one.safetensors",
        container(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2));
  write("two.safetensors",
        container(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1));
  auto errorOfMap = [&](const std::string &map) {
    auto read = readSafetensorsIndex(
        write("model.safetensors.index.json", "{\"weight_map\": " + map + "}"));
    return read ? std::to_string(read->tensors().size()) : llvm::toString(read.takeError());
  };
  EXPECT_EQ(errorOfMap(R"({"b":"two.safetensors","a":"one.safetensors"})"), "2");
  // checkWeights judges what the map says of each tensor.
  EXPECT_EQ(errorOfMap(R"({"b":"two.safetensors","a":"gone.safetensors"})"), "1");
  EXPECT_THAT(errorOfMap(R"({"b":"../two.safetensors"})"), HasSubstr("not a plain base name"));
  EXPECT_THAT(errorOfMap(R"({"b":"/etc/passwd"})"), HasSubstr("not a plain base name"));
  EXPECT_THAT(errorOfMap(R"({"b":"..\\two.safetensors"})"), HasSubstr("not a plain base name"));
  EXPECT_THAT(errorOfMap(R"({"b":1})"), HasSubstr("expected a file name"));
  EXPECT_THAT(errorOfMap("[]"), HasSubstr("no weight_map"));
  EXPECT_THAT(errorOfMap(R"({"b":"three.safetensors"})"),
              HasSubstr("none of the files that it names is there, such as \"three.safetensors\""));
}

} // namespace
