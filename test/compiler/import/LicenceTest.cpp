// What is found of the licence of a checkpoint.
#include "compiler/import/Licence.h"
#include "test/compiler/import/TinyCheckpoint.h"
#include "llvm/Support/Error.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace osscc;
using bundle::LicenceClass;
using testing::HasSubstr;

namespace {

constexpr const char *kMit = "MIT License\n\nPermission is hereby granted, free of charge,\nto any "
                             "person obtaining a copy of this software\n";
constexpr const char *kApache = "                                 Apache License\n"
                                "                           Version 2.0, January 2004\n";
constexpr const char *kLlama = "LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\nLlama 3.2 Version Release\n";

/// A folder with a card and a LICENSE, either of which may be empty: not there.
struct Folder : TinyCheckpoint {
  Folder(const std::string &card, const std::string &licence) {
    write();
    write("tokenizer.json", "{}");
    if (!card.empty())
      write("README.md", card);
    if (!licence.empty())
      write("LICENSE", licence);
  }
  using TinyCheckpoint::write;

  Licence read(Notes *notes = nullptr) const {
    return readLicence(llvm::cantFail(locateModel(folder)), notes);
  }
  std::string words() const {
    Licence found = read();
    return found.name + " " + std::to_string(int(found.kind)) + " " +
           std::to_string(found.texts.size());
  }
};

std::string card(const std::string &lines) {
  return "---\nlanguage: en\n" + lines + "---\n# It\n";
}

TEST(Licence, IsWhatTheCardSays) {
  EXPECT_EQ(Folder(card("license: apache-2.0\n"), "").words(), "apache-2.0 1 0");
  EXPECT_EQ(Folder(card("license: \"MIT\"\r\n"), "").words(), "MIT 1 0");
  EXPECT_EQ(Folder(card("license: llama3.2\n"), "").words(), "llama3.2 2 0");
  EXPECT_EQ(Folder(card("license: other\nlicense_name: qwen-research\n"), "").words(),
            "qwen-research 2 0");
  EXPECT_EQ(Folder(card("license: other\n"), "").words(), "unknown 0 0");
  EXPECT_EQ(Folder(card("license: my-own\n"), "").words(), "my-own 0 0");
  EXPECT_EQ(Folder("license: mit\n", "").words(), "unknown 0 0") << "no front matter";
}

TEST(Licence, IsRecognizedByItsText) {
  EXPECT_EQ(Folder("", kMit).words(), "mit 1 1");
  EXPECT_EQ(Folder("", kApache).words(), "apache-2.0 1 1");
  EXPECT_EQ(Folder("", kLlama).words(), "llama3.2 2 1");
  EXPECT_EQ(Folder("", "Use it as you like.").words(), "unknown 0 1");
  EXPECT_EQ(Folder(card("license: my-own\n"), kMit).words(), "my-own 1 1");
}

TEST(Licence, TheStricterOfTwoCounts) {
  Folder folder(card("license: mit\n"), kLlama);
  Notes notes;
  Licence licence = folder.read(&notes);
  EXPECT_EQ(licence.kind, LicenceClass::Restricted);
  ASSERT_EQ(notes.all().size(), 1u);
  EXPECT_THAT(notes.all()[0].message, HasSubstr("restricts what the model card calls mit"));
  EXPECT_EQ(Folder(card("license: gemma\n"), kApache).read().kind, LicenceClass::Restricted);
}

TEST(Licence, ItsTextsTravel) {
  Folder folder(card("license: mit\n"), kMit);
  folder.write("NOTICE", "Contains parts of others, under the acceptable use policy.\n");
  folder.write("USE_POLICY.md", std::string("\xff\xfe", 2));
  Notes notes;
  Licence licence = folder.read(&notes);
  ASSERT_EQ(licence.texts.size(), 2u);
  EXPECT_EQ(licence.texts[0]->file, "LICENSE");
  EXPECT_EQ(licence.texts[0]->text, kMit);
  EXPECT_EQ(licence.texts[1]->file, "NOTICE");
  EXPECT_EQ(licence.kind, LicenceClass::Permissive) << "a notice is no licence";
  ASSERT_EQ(notes.all().size(), 1u);
  EXPECT_THAT(notes.all()[0].message, HasSubstr("is no text of at most 1 MiB"));
  auto sources = llvm::cantFail(describeSources(llvm::cantFail(locateModel(folder.folder)), {}));
  auto has = [&](llvm::StringRef name) {
    return llvm::any_of(sources, [&](const auto &source) { return source->file == name; });
  };
  EXPECT_TRUE(has("LICENSE") && has("NOTICE"));
}

TEST(Licence, AFileThatIsNoneStopsNobody) {
  Folder folder("", "");
  ASSERT_EQ(symlink("/dev/zero", folder.path("LICENSE").c_str()), 0);
  Notes notes;
  EXPECT_EQ(folder.read(&notes).name, "unknown");
  ASSERT_EQ(notes.all().size(), 1u);
  EXPECT_THAT(notes.all()[0].message, HasSubstr("is a device, not a regular file; it does not"));
  llvm::cantFail(describeSources(llvm::cantFail(locateModel(folder.folder)), {}));
}

} // namespace
