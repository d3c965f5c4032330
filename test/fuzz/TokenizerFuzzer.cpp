#include "compiler/import/json/Json.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "test/fuzz/Accept.h"
#include "test/fuzz/Encode.h"

using namespace osscc;

void fuzz::readTokenizer(std::string_view bytes) {
  auto value = parseJson("tokenizer.json", toRef(bytes));
  if (!accepted(value) || !value->getAsObject())
    return;
  auto tables = importTokenizer("tokenizer.json", *value->getAsObject(), 1 << 20);
  if (accepted(tables))
    encodeWith(**tables, bytes);
}
