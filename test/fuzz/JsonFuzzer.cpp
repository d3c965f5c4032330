#include "compiler/import/GenerationConfig.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/json/Json.h"
#include "test/fuzz/Accept.h"
#include "llvm/Support/raw_ostream.h"

using namespace osscc;

void fuzz::readJson(std::string_view bytes) {
  Notes notes;
  auto slips = parseJson("fuzz.json", toRef(bytes), &notes);
  bool readable = accepted(slips);
  auto value = parseJson("fuzz.json", toRef(bytes));
  if (!accepted(value)) {
    if (readable)
      require(!notes.all().empty(), "a slip that is taken is noted");
    return;
  }
  require(readable && notes.all().empty() && *slips == *value, "what is JSON has no slip");
  std::string text;
  llvm::raw_string_ostream(text) << *value;
  auto again = parseJson("again.json", text);
  require(accepted(again) && *again == *value, "a value that was printed reads back as itself");
  require(!describe(*value).empty(), "a value has a description");

  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return;
  JsonFields config("config.json", *object);
  config.collect(&notes);
  auto spec = readModelSpec(config);
  if (!accepted(spec))
    return;
  JsonFields fields("generation_config.json", *object);
  auto generation = readGenerationConfig(fields, *spec, std::nullopt);
  accepted(generation);
}
