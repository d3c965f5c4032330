// Files of a folder that several readers ask for.
#include "compiler/import/json/FolderJson.h"
#include "compiler/import/template/Find.h"
#include "compiler/import/tokenizer/SpecialNames.h"
#include "test/compiler/import/TinyCheckpoint.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

void write(const TinyCheckpoint &tiny, llvm::StringRef name, llvm::StringRef text) {
  std::error_code error;
  llvm::raw_fd_ostream(tiny.path(name), error) << text;
}

TEST(FolderJson, ReadsAFileOnce) {
  TinyCheckpoint tiny;
  Notes notes;
  FolderJson folder(tiny.folder, &notes);
  EXPECT_EQ(llvm::cantFail(folder.find("x.json")), nullptr) << "no such file";
  write(tiny, "x.json", R"({"a": 1,})");
  const llvm::json::Value *first = llvm::cantFail(folder.find("x.json"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->getAsObject()->getInteger("a"), 1);
  write(tiny, "y.json", "2");
  EXPECT_EQ(llvm::cantFail(folder.find("y.json"))->getAsInteger(), 2);
  write(tiny, "x.json", "broken");
  EXPECT_EQ(llvm::cantFail(folder.find("x.json")), first);
  EXPECT_EQ(notes.all().size(), 1u);
}

TEST(FolderJson, SaysWhatCannotBeRead) {
  TinyCheckpoint tiny;
  write(tiny, "x.json", "{");
  FolderJson folder(tiny.folder);
  auto value = folder.find("x.json");
  ASSERT_FALSE(bool(value));
  EXPECT_THAT(llvm::toString(value.takeError()), HasSubstr(folder.path("x.json") + ":1:2"));
}

TEST(FolderJson, NotesASlipOnceForTokensAndTemplates) {
  TinyCheckpoint tiny;
  write(tiny, "tokenizer_config.json", R"({"eos_token": "</s>", "chat_template": "t",})");
  Notes notes;
  FolderJson folder(tiny.folder, &notes);
  EXPECT_EQ(llvm::cantFail(readSpecialNames(folder)).eos, "</s>");
  EXPECT_EQ(llvm::cantFail(importTemplates(folder)).size(), 1u);
  EXPECT_EQ(notes.all().size(), 1u);
}

} // namespace
