// Which tokens have a role, from all places where checkpoints say it.
#include "compiler/import/tokenizer/SpecialNames.h"

#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

struct SpecialNamesTest : testing::Test {
  TinyGguf tiny; // for its folder

  void write(llvm::StringRef name, llvm::StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream(tiny.path(name), error) << text;
  }
  /// "bos_token=<s> ...", or the error.
  std::string names(llvm::Expected<SpecialNames> read) {
    if (!read)
      return llvm::toString(read.takeError());
    std::string out;
    read->forEach([&](llvm::StringRef name, llvm::StringRef text) {
      out += (out.empty() ? "" : " ") + name.str() + "=" + text.str();
    });
    return out;
  }
  std::string names() {
    FolderJson folder(tiny.folder);
    return names(readSpecialNames(folder));
  }
};

TEST_F(SpecialNamesTest, AreTextsOrObjects) {
  EXPECT_EQ(names(), "");
  write(
      "tokenizer_config.json",
      R"({"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"}, "pad_token": null,
            "image_token": "<image>", "add_bos_token": true, "extra_special_tokens": {"audio_token": "<audio>"}})");
  EXPECT_EQ(names(), "bos_token=<s> eos_token=</s> audio_token=<audio> image_token=<image>");
  write("tokenizer_config.json", R"({"eos_token": 2})");
  EXPECT_THAT(names(),
              HasSubstr("tokenizer_config.json: eos_token: error: expected a text or an object "
                        "with 'content', found 2"));
}

// A template that asks whether bos_token is defined must see what the checkpoint says.
TEST_F(SpecialNamesTest, MayBeEmpty) {
  write("tokenizer_config.json", R"({"bos_token": "", "eos_token": {"content": ""},
            "model_specific_special_tokens": {"video_token": ""}})");
  EXPECT_EQ(names(), "bos_token= eos_token= video_token=");
  write("special_tokens_map.json", R"({"bos_token": null, "pad_token": ""})");
  EXPECT_EQ(names(), "eos_token= pad_token= video_token=");
}

TEST_F(SpecialNamesTest, TheOlderFileCountsWithoutADecoder) {
  write("special_tokens_map.json", R"({"eos_token": "<old>", "sep_token": "<sep>"})");
  EXPECT_EQ(names(), "eos_token=<old> sep_token=<sep>");
  write("tokenizer_config.json", R"({"eos_token": "<new>", "bos_token": "<b>"})");
  EXPECT_EQ(names(), "bos_token=<b> eos_token=<old> sep_token=<sep>");
  write("tokenizer_config.json", R"({"eos_token": "<new>", "added_tokens_decoder": {}})");
  EXPECT_EQ(names(), "eos_token=<new>");
}

TEST_F(SpecialNamesTest, AClassHasDefaultsThatNullTakesAway) {
  write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizerFast", "unk_token": null})");
  EXPECT_EQ(names(), "bos_token=<s> eos_token=</s>");
  write("tokenizer_config.json",
        R"({"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"})");
  EXPECT_EQ(names(), "eos_token=<|im_end|> unk_token=<|endoftext|> pad_token=<|endoftext|>");
  write("tokenizer_config.json", R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
  EXPECT_EQ(names(), "");
}

TEST_F(SpecialNamesTest, OfAGgufFileAreIds) {
  auto read = [&] {
    return names(readGgufSpecialNames(llvm::cantFail(GgufFile::read(tiny.write()))));
  };
  EXPECT_EQ(read(), "bos_token=<s> eos_token=</s>");
  tiny.set("tokenizer.ggml.padding_token_id", u32Value(4294967295u))
      .set("tokenizer.ggml.unknown_token_id", u32Value(9))
      .set("tokenizer.ggml.bos_token_id", u32Value(12));
  EXPECT_EQ(read(), "eos_token=</s> unk_token=<t>");
}

} // namespace
