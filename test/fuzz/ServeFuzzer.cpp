// An input is a request to the server: the first byte says in which form of the API, the rest is
// its body.
#include "runtime/serve/Generation.h"
#include "runtime/template/ReadJson.h"
#include "test/compiler/import/template/CompileTemplate.h"
#include "test/fuzz/Readers.h"
#include "test/runtime/serve/TinyServed.h"

using namespace osscc;
using namespace osscc::rt;
using namespace osscc::rt::serve;

namespace {

constexpr const char *kTemplate =
    "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{{ m.role }}{{ m.content "
    "}}"
    "{% for c in m.tool_calls or [] %}{% set f = c.function %}\n<tool_call>\n{\"name\": \""
    "{{ f.name }}\", \"arguments\": {{ f.arguments | tojson }}}\n</tool_call>{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}a{% if enable_thinking is defined and not "
    "enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}";

bundle::BundleT compiledIndex() {
  std::string error, bytes = compileChat(kTemplate, "", error);
  bundle::BundleT index;
  bundle::GetBundle(bytes.data())->UnPackTo(&index);
  return index;
}

Served &served() {
  static serve::test::TinyServed tiny(compiledIndex());
  (*tiny).vocabulary = 256;
  (*tiny).context = 4096;
  return *tiny;
}

Generation read(char form, std::string_view body) {
  constexpr unsigned kDepth = 64;
  Result<Value> value = readJson(body, /*isTemplate=*/false, kDepth);
  if (!value)
    throw ApiError{.message = value.error().message, .param = "", .code = ""};
  Fields request(*value, "");
  return form == 'c'   ? readChat(request, served())
         : form == 'r' ? readResponses(request, served())
                       : readCompletion(request, served());
}

} // namespace

void fuzz::readServe(std::string_view bytes) {
  if (bytes.empty())
    return;
  try {
    Generation request = read(bytes.front(), bytes.substr(1));
    require(!request.prompts.empty(), "an accepted request has a prompt");
    for (const auto &job : request.jobs(nullptr, 0, 0)) {
      require(!job->prompt.empty() && int64_t(job->prompt.size()) <= served().context,
              "a prompt is within the context");
      for (int32_t id : job->prompt)
        require(id >= 0 && id < served().vocabulary, "a prompt is of the vocabulary");
      require(checkSampler(job->sampler).has_value(), "settings are in bounds");
    }
  } catch (const ApiError &error) {
    require(error.status >= 400 && error.status < 600, "an error has a status");
    require(!error.message.empty(), "an error has a message");
    require(!boost::json::object(toJson(error)).empty(), "an error has a body");
  }
}
