// Templates with some of their variables known: the text is that of the variables given, and what
// is never reached is gone.
#include "compiler/import/template/Specialize.h"

#include "compiler/import/template/Probe.h"
#include "compiler/import/template/Template.h"
#include "gmock/gmock.h"

namespace osscc {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

bundle::BundleT compiled(llvm::StringRef text) {
  bundle::BundleT assets;
  assets.templates.push_back(llvm::cantFail(parseTemplate("chat.jinja", text)));
  return assets;
}

bundle::BundleT specialized(llvm::StringRef text, llvm::StringRef constants) {
  bundle::BundleT assets = compiled(text);
  specializeTemplate(*assets.templates[0], readConstants(constants));
  return assets;
}

/// Strings of a template that is compiled for some constants.
std::vector<std::string> stringsOf(llvm::StringRef text, llvm::StringRef constants) {
  return specialized(text, constants).templates[0]->strings;
}

std::string render(const bundle::BundleT &assets, llvm::StringRef variables) {
  std::string request =
      R"({"messages":[{"role":"user","content":"hi"}],"add_generation_prompt":true)";
  request += variables.empty() ? "}" : ("," + variables.drop_front()).str();
  return TemplateProbe(assets).render(request).value_or("refused");
}

/// Holds a template that is compiled for some constants to one that is given them, whatever is
/// given to the compiled one.
void expectEqual(llvm::StringRef text, llvm::StringRef constants) {
  std::string expected = render(compiled(text), constants);
  bundle::BundleT assets = specialized(text, constants);
  EXPECT_EQ(render(assets, ""), expected) << text.str();
  EXPECT_EQ(render(assets, R"({"t":"other","n":7})"), expected) << text.str();
  const bundle::TemplateT &program = *assets.templates[0];
  EXPECT_EQ(program.source, "");
  for (size_t i = 0; i < program.nodes.size(); ++i)
    for (uint32_t c = 0; c < program.nodes[i].count(); ++c)
      if (uint32_t child = program.children[program.nodes[i].first() + c]; child != ~0u)
        EXPECT_LT(child, i) << "children come before parents";
}

TEST(SpecializeTemplate, RendersAsWithTheVariablesGiven) {
  for (const char *text :
       {"{{ t }}",
        "{% if t %}a{% else %}b{% endif %}",
        "{% if not t %}a{% elif n == 1 %}b{% endif %}c",
        "{% if t is defined and t is false %}a{% endif %}b",
        "{{ 'a' if t else 'b' }}{{ 'c' if n == 2 }}",
        "{{ t | default('x') }}{{ t | default('x', true) }}",
        "{{ n | default(5) }}",
        "{% if n in [1, 2, 3] %}in{% endif %}{% if n not in (4, 5) %}out{% endif %}",
        "{% if t in ['low', 'high'] %}level{% endif %}",
        "{% if messages and t %}a{% endif %}",
        "{% if t or messages %}a{% endif %}",
        "{{ t and messages[0].content }}{{ t or messages[0].role }}",
        "{% for m in messages if t %}{{ m.role }}{% else %}none{% endfor %}",
        "{% set t = not t %}{{ t }}",
        "{% if t is not defined %}{% set t = 'own' %}{% endif %}{{ t }}",
        "{% macro f(t) %}{{ t }}{% endmacro %}{{ f('inner') }}{{ t }}",
        "{% for t in [1, 2] %}{{ t }}{% endfor %}{{ t }}",
        "{% with t = 3 %}{{ t }}{% endwith %}{{ t }}",
        "{% set ns = namespace(t=t) %}{% set ns.t = 4 %}{{ ns.t }}{{ t }}",
        "{% set l = [] %}{% if l.append(1) and t %}a{% endif %}{{ l | length }}",
        "{% if t is none %}none{% elif t is string %}text{% elif t is boolean %}flag{% endif %}",
        "{% if 'o' in t | string %}o{% endif %}{{ 'a' ~ 'b' ~ t }}{{ n + 1 }}",
        "{% set x %}{% if t %}a{% endif %}{% endset %}[{{ x }}]",
        "{% if t %}{% endif %}"})
    for (const char *constants :
         {R"({"t":true,"n":1})", R"({"t":false,"n":2})", R"({"t":"low","n":4})",
          R"({"t":"","n":0})", R"({"t":null,"n":3})"})
      expectEqual(text, constants);
}

TEST(SpecializeTemplate, DropsWhatIsNeverReachedWithItsStrings) {
  constexpr const char *kText =
      "{% if t %}yes{% elif messages %}maybe{% else %}no{% endif %}"
      "{{ 'then' if t else 'otherwise' }}{% if messages and not t %}late{% endif %}";
  std::vector<std::string> yes = stringsOf(kText, R"({"t":true})"),
                           no = stringsOf(kText, R"({"t":false})");
  EXPECT_THAT(yes, IsSupersetOf({"yes", "then"}));
  for (const char *gone : {"maybe", "no", "otherwise", "late", "t"})
    EXPECT_THAT(yes, Not(Contains(gone)));
  EXPECT_THAT(no, IsSupersetOf({"maybe", "no", "otherwise", "late"}));
  for (const char *gone : {"yes", "then", "t"})
    EXPECT_THAT(no, Not(Contains(gone)));
}

TEST(SpecializeTemplate, FoldsADefaultThatIsNeverTaken) {
  constexpr const char *kText =
      "{% if effort is not defined %}{% set effort = 'medium' %}{% endif %}"
      "{{ 'Reasoning: ' + effort }}";
  EXPECT_THAT(stringsOf(kText, R"({"effort":"high"})"), testing::ElementsAre("Reasoning: high"));
}

TEST(SpecializeTemplate, AVariableThatIsStillAssignedBeginsWithItsValue) {
  constexpr const char *kText = "{% for m in messages %}{% if m.role == 'user' %}{% set t = true "
                                "%}{% endif %}{{ t }}{% endfor %}{{ t }}";
  EXPECT_EQ(render(specialized(kText, R"({"t":false})"), R"({"t":7})"), "TrueFalse");
  expectEqual(kText, R"({"t":false})");
}

TEST(SpecializeTemplate, AConditionWithAnEffectStays) {
  EXPECT_THAT(
      stringsOf("{% set l = [] %}{% if l.append('kept') and t %}gone{% endif %}", R"({"t":false})"),
      Contains("kept"));
}

TEST(SpecializeTemplate, ReadsConstantsOfPlainKinds) {
  TemplateConstants constants = readConstants(R"({"a":true,"b":3,"c":"x","d":null})");
  EXPECT_EQ(constants["a"], TemplateConstant(true));
  EXPECT_EQ(constants["b"], TemplateConstant(int64_t(3)));
  EXPECT_EQ(constants["c"], TemplateConstant(std::string("x")));
  EXPECT_EQ(constants["d"], TemplateConstant());
  EXPECT_TRUE(readConstants("").empty());
  EXPECT_TRUE(readConstants("[1]").empty());
}

} // namespace
} // namespace osscc
