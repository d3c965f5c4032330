// The way of Import.cpp through a .gguf file, but each part is read whatever the others say.
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/gguf/Parts.h"
#include "compiler/import/checkpoint/gguf/Tensors.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/template/Find.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "dialects/pack/gguf/Types.h"
#include "test/fuzz/Accept.h"
#include "test/fuzz/Encode.h"

using namespace osscc;
using namespace osscc::fuzz;

namespace {

void readModel(const GgufFile &file) {
  auto architecture = findGgufArchitecture(file);
  if (!accepted(architecture))
    return;
  auto checkpoint = readGgufTensors(file, **architecture);
  bool hasTensors = accepted(checkpoint);
  auto config = readGgufConfig(file, **architecture);
  if (!accepted(config))
    return;
  JsonFields fields(file.path(), config->fields);
  fields.spell(config->keys);
  auto spec = readModelSpec(fields);
  if (!accepted(spec))
    return;
  auto divisors = readGgufRopeDivisors(file, spec->layers.front().attention.headSize);
  accepted(divisors);
  if (hasTensors)
    llvm::consumeError(checkWeights(*spec, *checkpoint));
  auto generation = readGgufGeneration(file);
  if (!accepted(generation))
    return;
  JsonFields sampling(file.path(), generation->fields);
  auto defaults = readGenerationConfig(sampling, *spec, std::nullopt);
  accepted(defaults);
}

/// The file of an input: its parts stand one behind the other.
llvm::Expected<GgufFile> parse(llvm::StringRef input) {
  llvm::SmallVector<llvm::StringRef> pieces;
  input.split(pieces, "\n--part--\n", /*MaxSplit=*/8);
  std::vector<GgufFile> parts;
  for (llvm::StringRef piece : pieces) {
    std::string path = "fuzz-" + std::to_string(parts.size() + 1) + ".gguf";
    auto part = GgufFile::parse(path, llvm::MemoryBuffer::getMemBufferCopy(piece));
    if (!part)
      return part.takeError();
    for (const GgufTensor &tensor : part->tensors())
      require(tensor.offset + tensor.bytes <= part->size(), "a tensor lies inside its file");
    parts.push_back(std::move(*part));
  }
  return joinGgufParts(std::move(parts));
}

/// Decodes what is in the first part.
void decode(const GgufFile &file) {
  for (const GgufTensor &tensor : file.tensors()) {
    const pack::gguf::Type *type = pack::gguf::findType(tensor.type);
    if (!type->decode || tensor.part != 0)
      continue;
    auto bytes = file.readBytes(tensor);
    require(accepted(bytes) && bytes->size() == tensor.bytes, "a tensor can be read");
    std::vector<float> values(bytes->size() / type->bytes * type->elements);
    pack::gguf::decodeBlocks(*type, {bytes->data(), bytes->size()}, values);
    auto index = pack::gguf::firstNotFinite(values);
    require(!index || *index < values.size(), "a value that is not finite has a place");
  }
}

} // namespace

void fuzz::readGguf(std::string_view bytes) {
  auto file = parse(toRef(bytes));
  if (!accepted(file))
    return;
  decode(*file);
  readModel(*file);
  auto licence = readGgufLicence(*file);
  accepted(licence);
  auto ends = readGgufEndTokens(*file);
  accepted(ends);
  auto tokenizer = importGgufTokenizer(*file, 1 << 20);
  if (accepted(tokenizer))
    encodeWith(*tokenizer->tables, "Hello world, 12\n\n\tcafe\xcc\x81!");
  auto templates = importGgufTemplates(*file);
  accepted(templates);
}
