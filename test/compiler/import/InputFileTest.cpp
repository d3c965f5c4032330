// Files that are no files, links, and one that is cut while it is read.
#include "support/InputFile.h"

#include "compiler/import/Licence.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/checkpoint/Safetensors.h"
#include "compiler/import/checkpoint/gguf/File.h"
#include "compiler/import/json/Json.h"
#include "compiler/import/template/Find.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "test/compiler/import/TinyCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <sys/stat.h>
#include <unistd.h>

using namespace osscc;
using testing::HasSubstr;

namespace {

template <class T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "" : llvm::toString(value.takeError());
}

/// Puts a link in a file's place.
void link(const TinyCheckpoint &tiny, const char *name, const char *to) {
  ::unlink(tiny.path(name).c_str());
  ASSERT_EQ(::symlink(to, tiny.path(name).c_str()), 0);
}

TEST(InputFile, RefusesWhatIsNoRegularFile) {
  TinyCheckpoint tiny;
  link(tiny, "endless", "/dev/zero");
  ASSERT_EQ(::mkfifo(tiny.path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(errorOf(readInputFile(tiny.path("endless"), 10)),
              HasSubstr("endless: error: is a device, not a regular file"));
  EXPECT_THAT(errorOf(readInputFile(tiny.path("pipe"), 10)), HasSubstr("is a pipe, not a regular"));
  EXPECT_THAT(errorOf(readInputFile(tiny.folder, 10)), HasSubstr("is a folder, not a regular"));
  EXPECT_THAT(errorOf(readInputFile(tiny.path("none"), 10, "help")), HasSubstr("\nhelp: help"));
}

TEST(InputFile, FollowsLinksAndHoldsSizes) {
  TinyCheckpoint tiny;
  tiny.write("text", "0123456789");
  link(tiny, "link", "text");
  EXPECT_EQ(llvm::cantFail(readInputFile(tiny.path("link"), 10))->getBuffer(), "0123456789");
  EXPECT_THAT(errorOf(readInputFile(tiny.path("link"), 9)),
              HasSubstr("has 10 bytes, expected at most 9"));
  tiny.write("empty", "");
  EXPECT_EQ(llvm::cantFail(readInputFile(tiny.path("empty"), 9))->getBufferSize(), 0u);
}

TEST(InputFile, TellsThatAFileBecameShorter) {
  TinyCheckpoint tiny;
  tiny.write("text", std::string(1 << 20, 'x'));
  InputFile file = llvm::cantFail(InputFile::open(tiny.path("text")));
  EXPECT_EQ(llvm::cantFail(file.read(1 << 19, 1 << 19))->getBufferSize(), size_t(1 << 19));
  ASSERT_EQ(::truncate(tiny.path("text").c_str(), 1000), 0);
  for (uint64_t offset : {0, 999, 1000, 5000})
    EXPECT_THAT(errorOf(file.read(offset, 4096)),
                HasSubstr("text: error: became shorter while it was read"));
}

TEST(InputFile, EveryFileOfACheckpointIsAsked) {
  TinyCheckpoint tiny;
  tiny.write();
  tiny.write("tokenizer.json", "{}");
  ModelFiles files = llvm::cantFail(locateModel(tiny.folder));
  link(tiny, "README.md", "/dev/zero");
  Notes notes;
  EXPECT_EQ(readLicence(files, &notes).name, "unknown");
  ASSERT_EQ(notes.all().size(), 1u);
  EXPECT_THAT(notes.all()[0].message,
              HasSubstr("is a device, not a regular file; what it says of the"));
  tiny.write("card", "---\nlicense: mit\n---\n" + std::string(3 << 20, 'x'));
  link(tiny, "README.md", "card");
  EXPECT_EQ(readLicence(files).name, "mit") << "a link, and a long card";

  for (const char *name : {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
                           "config.json", "model.safetensors", "x.gguf"})
    link(tiny, name, "/dev/zero");
  constexpr const char *kDevice = "is a device, not a regular file";
  FolderJson folder(tiny.folder);
  EXPECT_THAT(errorOf(importTokenizer(folder, 12)), HasSubstr(kDevice));
  EXPECT_THAT(errorOf(importTemplates(folder)), HasSubstr(kDevice));
  EXPECT_THAT(errorOf(readJsonFile(tiny.path("config.json"))), HasSubstr(kDevice));
  EXPECT_THAT(errorOf(readSafetensors(tiny.path("model.safetensors"))), HasSubstr(kDevice));
  EXPECT_THAT(errorOf(GgufFile::read(tiny.path("x.gguf"))), HasSubstr(kDevice));
  // One that nobody reads, since the template has a file of its own, would still be hashed.
  tiny.write("text", "x");
  link(tiny, "chat_template.jinja", "text");
  EXPECT_THAT(errorOf(describeSources(files, {})), HasSubstr(kDevice));
}

} // namespace
