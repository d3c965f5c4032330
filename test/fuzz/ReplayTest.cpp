// Every file of the corpus and every input that once was a finding, read in the ordinary build.
#include "test/fuzz/Readers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace osscc::fuzz;

namespace {

struct Reader {
  const char *name; ///< And the folder in test/fuzz/corpus.
  void (*read)(std::string_view bytes);
};

const Reader kReaders[] = {{"safetensors", readSafetensors},
                           {"gguf", readGguf},
                           {"json", readJson},
                           {"tokenizer", readTokenizer},
                           {"template", readTemplate},
                           {"request", readRequest},
                           {"serve", readServe},
                           {"answer", readAnswer},
                           {"bundle", readBundle},
                           {"schema", readSchema}};

struct Replay : testing::TestWithParam<Reader> {};

TEST_P(Replay, ReadsItsCorpus) {
  std::vector<std::filesystem::path> files;
  for (const auto &entry :
       std::filesystem::directory_iterator(OSSCC_FUZZ_CORPUS + std::string("/") + GetParam().name))
    files.push_back(entry.path());
  std::ranges::sort(files);
  EXPECT_GE(files.size(), 3u);
  for (const auto &file : files) {
    SCOPED_TRACE(file.filename().string());
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    EXPECT_TRUE(in);
    GetParam().read(bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(kReaders),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
