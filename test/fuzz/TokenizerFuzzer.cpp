#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/HuggingFace.h"
#include "compiler/import/tokenizer/Tables.h"
#include "test/fuzz/Accept.h"
#include "test/fuzz/Encode.h"

using namespace osscc;

void fuzz::readTokenizer(std::string_view bytes) {
  auto value = parseJson("tokenizer.json", toRef(bytes));
  if (!accepted(value) || !value->getAsObject())
    return;
  auto spec = readTokenizerJson("tokenizer.json", *value->getAsObject());
  if (!accepted(spec))
    return;
  auto tables = layTokenizer(*spec, 1 << 20);
  if (accepted(tables))
    encodeWith(**tables, bytes);
}
