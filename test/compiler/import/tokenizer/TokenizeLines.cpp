// tokenize-lines MODEL [--special]: encodes with the tokenizer of a checkpoint (a folder or a .gguf
// file), imported and run without a model. `MODEL.gguf --json` instead prints the tokenizer.json
// that the file stands for. stdin: a JSON string a line. stdout: a JSON array of ids a line. For
// tools/oracle/tokenizer.py.
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <iostream>

static llvm::Expected<std::unique_ptr<osscc::bundle::TokenizerT>>
importFrom(llvm::StringRef model) {
  constexpr uint64_t kRows = uint64_t(1) << 24;
  if (!model.ends_with(".gguf"))
    return osscc::importTokenizer(model, kRows);
  llvm::Expected<osscc::GgufFile> file = osscc::GgufFile::read(model);
  if (!file)
    return file.takeError();
  return osscc::importGgufTokenizer(*file, kRows);
}

/// Prints the object of tokenizer.json. \returns the exit status.
static int printJson(llvm::StringRef model) {
  llvm::Expected<osscc::GgufFile> file = osscc::GgufFile::read(model);
  auto value = file ? osscc::readGgufTokenizer(*file) : file.takeError();
  if (!value) {
    llvm::errs() << llvm::toString(value.takeError()) << '\n';
    return 1;
  }
  llvm::outs() << llvm::json::Value(std::move(*value)) << '\n';
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    llvm::errs() << "usage: tokenize-lines MODEL [--special|--json]\n";
    return 2;
  }
  if (argc == 3 && !std::strcmp(argv[2], "--json"))
    return printJson(argv[1]);
  auto tables = importFrom(argv[1]);
  if (!tables) {
    llvm::errs() << llvm::toString(tables.takeError()) << '\n';
    return 1;
  }
  osscc::test::LaidTokenizer tokenizer(**tables);
  bool special = argc == 3 && !std::strcmp(argv[2], "--special");
  for (std::string line; std::getline(std::cin, line);) {
    auto value = llvm::json::parse(line);
    std::optional<llvm::StringRef> text = value ? value->getAsString() : std::nullopt;
    if (!text) {
      llvm::errs() << "expected a JSON string a line\n";
      return 1;
    }
    std::string out = "[";
    for (int32_t id : tokenizer.encode(*text, special))
      out += (out.size() > 1 ? "," : "") + std::to_string(id);
    llvm::outs() << out << "]\n";
  }
  return 0;
}
