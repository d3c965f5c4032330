// tokenize-lines MODEL [--special|--decode]: encodes with the tokenizer of a checkpoint (a folder,
// a tokenizer.json or a .gguf file), imported and run without a model; special tokens are text, or
// match. stdin: a JSON string a line. stdout: a JSON array of ids a line; with --decode the other
// way round, special tokens left out. For tools/oracle.
#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "compiler/import/tokenizer/HuggingFace.h"
#include "compiler/import/tokenizer/Tables.h"
#include "test/compiler/import/tokenizer/EncodeWith.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <iostream>

static llvm::Expected<osscc::TokenizerSpec> readFrom(llvm::StringRef model, osscc::Notes &notes) {
  if (model.ends_with(".gguf")) {
    llvm::Expected<osscc::GgufFile> file = osscc::GgufFile::read(model);
    if (!file)
      return file.takeError();
    return osscc::readGgufTokenizer(*file, &notes);
  }
  std::string path = model.ends_with(".json") ? model.str() : model.str() + "/tokenizer.json";
  llvm::Expected<llvm::json::Value> value = osscc::readJsonFile(path);
  if (!value)
    return value.takeError();
  return osscc::readTokenizerJson(path, *value->getAsObject());
}

/// The ids of a JSON string, or the text of a JSON array of ids; nothing for another line.
static std::optional<std::string> convert(const osscc::test::LaidTokenizer &tokenizer,
                                          const llvm::json::Value &value, llvm::StringRef mode) {
  if (mode == "--decode" && value.getAsArray()) {
    std::vector<int32_t> ids;
    for (const llvm::json::Value &id : *value.getAsArray())
      ids.push_back(int32_t(id.getAsInteger().value_or(-1)));
    std::string out;
    llvm::raw_string_ostream(out) << llvm::json::Value(tokenizer.decode(ids, false));
    return out;
  }
  std::optional<llvm::StringRef> text = value.getAsString();
  if (mode == "--decode" || !text)
    return std::nullopt;
  std::string out = "[";
  for (int32_t id : tokenizer.encode(*text, mode == "--special"))
    out += (out.size() > 1 ? "," : "") + std::to_string(id);
  return out + "]";
}

int main(int argc, char **argv) {
  llvm::StringRef mode = argc == 3 ? argv[2] : "";
  if (argc < 2 || argc > 3 || (argc == 3 && mode != "--special" && mode != "--decode")) {
    llvm::errs() << "usage: tokenize-lines MODEL [--special|--decode]\n";
    return 2;
  }
  osscc::Notes notes;
  llvm::Expected<osscc::TokenizerSpec> spec = readFrom(argv[1], notes);
  auto tables = spec ? osscc::layTokenizer(*spec, uint64_t(1) << 24, &notes) : spec.takeError();
  if (!tables) {
    llvm::errs() << llvm::toString(tables.takeError()) << '\n';
    return 1;
  }
  for (const osscc::Note &note : notes.all())
    llvm::errs() << note.where << ": " << note.message << '\n';
  osscc::test::LaidTokenizer tokenizer(**tables);
  for (std::string line; std::getline(std::cin, line);) {
    auto value = llvm::json::parse(line);
    auto out = value ? convert(tokenizer, *value, mode) : std::nullopt;
    if (!out) {
      llvm::errs() << "expected a JSON string a line, or with --decode an array\n";
      return 1;
    }
    llvm::outs() << *out << '\n';
  }
  return 0;
}
