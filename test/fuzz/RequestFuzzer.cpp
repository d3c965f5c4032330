#include "runtime/template/ReadJson.h"
#include "runtime/template/Request.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include "test/fuzz/Readers.h"

using namespace osscc;

namespace {

constexpr const char *kPrintsAll = "{{ messages | tojson }}{{ tools | tojson }}{{ documents }}"
                                   "{{ add_generation_prompt }}{{ bos_token }}{{ custom }}";
constexpr const char *kPrintsContent =
    "{% for m in messages %}{{ m.role }}{% if m.content is string %}{{ m.content | trim }}"
    "{% else %}{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}{% endfor %}";

std::string compiled(const std::string &name, const char *source) {
  std::string error;
  return compileNamedTemplate(name, source, error);
}

/// What was read is written, and read again.
void checkText(const rt::Value &value) {
  std::string_view culprit;
  std::optional<std::string> text = rt::toJson(value, {}, culprit);
  fuzz::require(text.has_value(), "a value of JSON has a text");
  if (text->contains("Infinity"))
    return;
  rt::Result<rt::Value> again = rt::readJson(*text, false);
  fuzz::require(again && rt::toJson(*again, {}, culprit) == *text, "the text reads as the value");
}

} // namespace

void fuzz::readRequest(std::string_view bytes) {
  static const std::string all = compiled("tool_use", kPrintsAll),
                           content = compiled("default", kPrintsContent);
  rt::Result<rt::Value> request = rt::readJson(bytes, false);
  if (!request) {
    require(!request.error().message.empty(), "an error has a message");
    return;
  }
  checkText(*request);
  rt::ChatFormat format;
  for (const std::string *program : {&content, &all})
    format.templates.push_back(flatbuffers::GetRoot<bundle::Template>(program->data()));
  format.specialTokens = {{"bos_token", "<s>"}};
  rt::Result<rt::Rendered> rendered = rt::renderRequest(format, *request, 1700000000);
  if (!rendered)
    return;
  size_t done = 0;
  for (const rt::TokenSpan &span : rendered->spans) {
    require(span.begin == done && span.end > span.begin, "spans are adjacent");
    done = span.end;
  }
  require(done == rendered->text.size(), "spans cover the text");
}
