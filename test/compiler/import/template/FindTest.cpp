// Where checkpoints keep their chat templates: each place, their order, and what is refused.
#include "compiler/import/template/Find.h"
#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"
#include "llvm/Support/Path.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace osscc {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// "name=source" of each template, or the error.
std::string describe(llvm::Expected<ChatTemplates> templates) {
  if (!templates)
    return llvm::toString(templates.takeError());
  std::string out;
  for (const auto &each : *templates)
    out += (out.empty() ? "" : ", ") + each->name + "=" + each->source;
  return out;
}

class TemplateFolder : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("template", folder)); }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }
  std::string path(llvm::StringRef name) { return (folder + "/" + name).str(); }
  void write(llvm::StringRef name, llvm::StringRef text) {
    llvm::sys::fs::create_directories(llvm::sys::path::parent_path(path(name)));
    std::error_code error;
    llvm::raw_fd_ostream(path(name), error) << text;
    ASSERT_FALSE(error);
  }
  void remove(llvm::StringRef name) { llvm::sys::fs::remove(path(name)); }
  std::string import() {
    FolderJson files(folder);
    return describe(importTemplates(files));
  }
  llvm::SmallString<128> folder;
};

TEST_F(TemplateFolder, IsOneTextOfTokenizerConfig) {
  EXPECT_EQ(import(), "");
  write("tokenizer_config.json", "{}");
  EXPECT_EQ(import(), "");
  write("tokenizer_config.json", R"({"chat_template": null})");
  EXPECT_EQ(import(), "");
  write("tokenizer_config.json", R"({"chat_template": ""})");
  EXPECT_EQ(import(), "default=");
  write("tokenizer_config.json", R"({"chat_template": "a\nb"})");
  EXPECT_EQ(import(), "default=a\nb");
}

TEST_F(TemplateFolder, HasNamesInTokenizerConfig) {
  write("tokenizer_config.json", R"({"chat_template": [{"name": "tool_use", "template": "t"},
    {"name": "default", "template": "d"}, {"name": "rag", "template": "r"}]})");
  EXPECT_EQ(import(), "default=d, rag=r, tool_use=t");
  write("tokenizer_config.json", R"({"chat_template": {"tool_use": "t", "default": "d"}})");
  EXPECT_EQ(import(), "default=d, tool_use=t");
  write("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "r"}]})");
  EXPECT_EQ(import(), "rag=r");
}

TEST_F(TemplateFolder, HasFilesOfTheirOwn) {
  write("additional_chat_templates/tool_use.jinja", "t");
  write("additional_chat_templates/README.md", "{% no template");
  EXPECT_EQ(import(), "tool_use=t");
  write("chat_template.jinja", "d");
  EXPECT_EQ(import(), "default=d, tool_use=t");
  write("additional_chat_templates/default.jinja", "other");
  EXPECT_EQ(import(), "default=other, tool_use=t");
}

// As transformers: files go before the config, and the config before the processor's file.
TEST_F(TemplateFolder, TakesOnePlaceAlone) {
  write("chat_template.json", R"({"chat_template": "processor"})");
  EXPECT_EQ(import(), "default=processor");
  write("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "r"},
    {"name": "default", "template": "config"}]})");
  EXPECT_EQ(import(), "default=config, rag=r");
  write("chat_template.jinja", "file");
  EXPECT_EQ(import(), "default=file");
  remove("chat_template.jinja");
  write("additional_chat_templates/tool_use.jinja", "t");
  EXPECT_EQ(import(), "tool_use=t");
}

TEST_F(TemplateFolder, RefusesOtherTypes) {
  for (const char *value : {"3", "[3]", R"([{"name": "rag"}])", R"([{"template": "r"}])",
                            R"({"rag": 3})", R"([{"name": "rag", "template": null}])"}) {
    write("tokenizer_config.json", std::string(R"({"chat_template": )") + value + "}");
    EXPECT_THAT(import(), AllOf(HasSubstr("tokenizer_config.json: chat_template: error: expected"),
                                HasSubstr("--chat-template=none leaves it out")))
        << value;
  }
  write("tokenizer_config.json", "[]");
  EXPECT_THAT(import(), HasSubstr("expected a JSON object"));
}

TEST_F(TemplateFolder, NamesTheTemplateAndTheWayOut) {
  write("tokenizer_config.json", R"({"chat_template": "{{ x | nope }}"})");
  EXPECT_THAT(import(),
              AllOf(HasSubstr("tokenizer_config.json:1: error: chat template: "
                              "unknown filter 'nope'"),
                    HasSubstr("help: "), HasSubstr("--chat-template=FILE compiles another")));
  write("tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "d"},
    {"name": "tool_use", "template": "\n{{ x | nope }}"}]})");
  EXPECT_THAT(import(), HasSubstr("tokenizer_config.json:2: error: chat template 'tool_use': "
                                  "unknown filter 'nope'"));
  write("additional_chat_templates/rag.jinja", "{% nope %}");
  EXPECT_THAT(import(), HasSubstr("rag.jinja:1: error: chat template 'rag': "));
}

// A link to an endless file would be read for ever.
TEST_F(TemplateFolder, ReadsRegularFilesAlone) {
  ASSERT_FALSE(llvm::sys::fs::create_link("/dev/zero", path("chat_template.jinja")));
  EXPECT_THAT(import(), HasSubstr("chat_template.jinja: error: is a device, not a regular file"));
  remove("chat_template.jinja");
  write("additional_chat_templates/a.jinja", std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(import(), HasSubstr("1048577 bytes, expected at most 1048576"));
  remove("additional_chat_templates/a.jinja");
  ASSERT_FALSE(llvm::sys::fs::create_link("nowhere", path("additional_chat_templates/b.jinja")));
  EXPECT_THAT(import(), HasSubstr("b.jinja: error: "));
}

TEST_F(TemplateFolder, AFileTakesTheirPlace) {
  write("mine.jinja", "mine");
  EXPECT_EQ(describe(readTemplate(path("mine.jinja"))), "default=mine");
  EXPECT_THAT(describe(readTemplate(path("missing.jinja"))),
              AllOf(HasSubstr("--chat-template="), HasSubstr("no such file")));
  write("mine.jinja", "\n\n{{ x | nope }}");
  EXPECT_THAT(describe(readTemplate(path("mine.jinja"))), HasSubstr("mine.jinja:3: error: "));
}

TEST(GgufTemplates, HaveNames) {
  auto import = [](const TinyGguf &tiny) {
    auto file = GgufFile::read(tiny.write());
    return describe(importGgufTemplates(llvm::cantFail(std::move(file))));
  };
  EXPECT_EQ(import(TinyGguf()), "");
  TinyGguf one, several, damaged;
  one.set("tokenizer.chat_template", textValue("d"));
  EXPECT_EQ(import(one), "default=d");
  several.set("tokenizer.chat_template", textValue("d"))
      .set("tokenizer.chat_templates", textsValue({"rag", "tool_use"}))
      .set("tokenizer.chat_template.rag", textValue("r"))
      .set("tokenizer.chat_template.tool_use", textValue("t"));
  EXPECT_EQ(import(several), "default=d, rag=r, tool_use=t");
  several.set("tokenizer.chat_template", textValue(""));
  EXPECT_EQ(import(several), "rag=r, tool_use=t");
  damaged.set("tokenizer.chat_template.tool_use", u32Value(1));
  EXPECT_THAT(import(damaged), AllOf(HasSubstr("tokenizer.chat_template.tool_use"),
                                     HasSubstr("--chat-template=none leaves it out")));
  damaged.set("tokenizer.chat_template.tool_use", textValue("\n{{ x | nope }}"));
  EXPECT_THAT(import(damaged), HasSubstr("tiny.gguf:2: error: chat template 'tool_use': "));
}

} // namespace
} // namespace osscc
