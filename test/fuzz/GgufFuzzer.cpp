// The way of Import.cpp through a .gguf file, but each part is read whatever the others say.
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/gguf/Tensors.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/template/Template.h"
#include "compiler/import/tokenizer/GgufTokenizer.h"
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
  auto divisors = readGgufRopeDivisors(file, spec->headSize);
  accepted(divisors);
  if (hasTensors)
    llvm::consumeError(checkWeights(*spec, *checkpoint));
  auto generation = readGgufGeneration(file);
  if (!accepted(generation))
    return;
  JsonFields sampling(file.path(), generation->fields);
  auto defaults = readGenerationConfig(sampling, *spec);
  accepted(defaults);
}

} // namespace

void fuzz::readGguf(std::string_view bytes) {
  auto file = GgufFile::parse("fuzz.gguf", llvm::MemoryBuffer::getMemBufferCopy(toRef(bytes)));
  if (!accepted(file))
    return;
  for (const GgufTensor &tensor : file->tensors())
    require(file->bytesOf(tensor).size() == tensor.bytes, "a tensor lies inside its file");
  readModel(*file);
  auto licence = readGgufLicence(*file);
  accepted(licence);
  auto ends = readGgufEndTokens(*file);
  accepted(ends);
  auto tokenizer = importGgufTokenizer(*file, 1 << 20);
  if (accepted(tokenizer))
    encodeWith(**tokenizer, "Hello world, 12\n\n\tcafe\xcc\x81!");
  auto text = file->string("tokenizer.chat_template");
  if (!accepted(text) || text->empty())
    return;
  auto program = parseTemplate(file->path(), *text);
  accepted(program);
}
