// The prompt of each mode of reasoning, for a template of each kind: chosen by a request, and
// compiled in.
#include "runtime/chat/Reasoning.h"
#include "runtime/template/ReadJson.h"
#include "test/compiler/import/template/CompileTemplate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Start = AnswerFormat::Start;

/// A model that is a template alone.
class Chat {
public:
  explicit Chat(const std::string &source, const std::string &mode = {}) {
    std::string error;
    bytes = compileChat(source, mode, error);
    EXPECT_EQ(error, "");
  }

  const bundle::Bundle &index() const {
    return *flatbuffers::GetRoot<bundle::Bundle>(bytes.data());
  }

  Result<Rendered> render(const Reasoning &reasoning, const std::string &request) const {
    auto applied = reasoning.applyTo(*readJson(request, /*isTemplate=*/false));
    if (!applied)
      return std::unexpected(applied.error());
    ChatFormat format;
    format.templates = {index().templates()->Get(0)};
    auto rendered = renderRequest(format, *applied, 0);
    if (rendered)
      reasoning.prefill(*rendered);
    return rendered;
  }

  /// The prompt of "hi".
  std::string prompt(const std::string &mode) const {
    Reasoning reasoning(index());
    if (!mode.empty())
      EXPECT_TRUE(reasoning.choose(mode)) << mode;
    auto rendered = render(reasoning, kHi);
    return rendered ? rendered->text : rendered.error().message;
  }

  std::vector<std::string> strings() const {
    std::vector<std::string> all;
    for (const auto *each : *index().templates()->Get(0)->strings())
      all.push_back(each->str());
    return all;
  }

  static constexpr const char *kHi =
      R"({"messages":[{"role":"user","content":"hi"}],"add_generation_prompt":true})";

private:
  std::string bytes;
};

/// Holds the prompts of all modes, by the switch and compiled in, to the expected ones.
void expectPrompts(const std::string &source, const std::string &usual, const std::string &off,
                   const std::string &on, std::string low = {}, std::string medium = {},
                   std::string high = {}) {
  Chat chat(source);
  EXPECT_EQ(chat.prompt(""), usual) << "usual";
  const std::pair<const char *, const std::string &> rows[] = {
      {"off", off},
      {"on", on},
      {"low", low.empty() ? on : low},
      {"medium", medium.empty() ? on : medium},
      {"high", high.empty() ? on : high}};
  for (const auto &[mode, prompt] : rows) {
    EXPECT_EQ(chat.prompt(mode), prompt) << mode;
    Chat fixed(source, mode);
    EXPECT_EQ(fixed.prompt(""), prompt) << "compiled for " << mode;
    EXPECT_EQ(fixed.prompt(mode), prompt) << "compiled for " << mode;
  }
}

/// As DeepSeek R1: the prompt opens the thoughts, and nothing in the template turns them off.
constexpr const char *kOpened =
    "{% for m in messages %}{% if m.role == 'user' %}<|User|>{{ m.content }}{% else %}<|Assistant|>"
    "{{ m.content.split('</think>')[-1] }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|Assistant|><think>\\n' }}{% endif %}";

TEST(ReasoningPrompts, ThoughtsThatThePromptOpensAreClosedBehindIt) {
  expectPrompts(kOpened, "<|User|>hi<|Assistant|><think>\n",
                "<|User|>hi<|Assistant|><think>\n\n</think>\n\n",
                "<|User|>hi<|Assistant|><think>\n");
}

TEST(ReasoningPrompts, ThoughtsThatTheModelOpensAreOpenedAndClosedBehindThePrompt) {
  std::string source = "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
                       "{{ m.content.split('</think>')[-1] }}{% else %}{{ m.content }}{% endif %}"
                       "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}";
  expectPrompts(source, "<|user|>hi<|assistant|>", "<|user|>hi<|assistant|><think>\n\n</think>\n\n",
                "<|user|>hi<|assistant|>");
}

/// As Qwen 3: a variable that is off only where it says so.
constexpr const char *kHybrid =
    "{% for m in messages %}<|im_start|>{{ m.role + '\\n' }}{% if m.role == 'assistant' and "
    "m.reasoning_content and loop.last %}{{ '<think>\\n' + m.reasoning_content + "
    "'\\n</think>\\n\\n' }}"
    "{% endif %}{{ m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\\n' }}{% if enable_thinking is defined and enable_thinking is false "
    "%}"
    "{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}";
const std::string kHybridHi = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n";

TEST(ReasoningPrompts, AVariableTurnsThemOff) {
  expectPrompts(kHybrid, kHybridHi, kHybridHi + "<think>\n\n</think>\n\n", kHybridHi);
}

TEST(ReasoningPrompts, AVariableThatIsOffByItself) { // as DeepSeek V3.1
  std::string source =
      "{% if not thinking is defined %}{% set thinking = false %}{% endif %}"
      "{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1] }}"
      "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% if thinking %}"
      "<think>{% else %}</think>{% endif %}{% endif %}";
  expectPrompts(source, "<|user|>hi<|assistant|></think>", "<|user|>hi<|assistant|></think>",
                "<|user|>hi<|assistant|><think>");
}

TEST(ReasoningPrompts, WordsOfTheQuestionTurnThemOff) { // as Nemotron Nano 2
  std::string source =
      "{% set ns = namespace(thinks=true) %}{% for m in messages %}{% if '/think' in m.content %}"
      "{% set ns.thinks = true %}{% elif '/no_think' in m.content %}{% set ns.thinks = false %}"
      "{% endif %}<|{{ m.role }}|>{{ m.content | replace(' /no_think', '') | replace(' /think', "
      "'') }}"
      "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% if ns.thinks %}{{ '<think>\\n' }}"
      "{% else %}<think></think>{% endif %}{% endif %}";
  expectPrompts(source, "<|user|>hi<|assistant|><think>\n",
                "<|user|>hi<|assistant|><think></think>", "<|user|>hi<|assistant|><think>\n");
}

TEST(ReasoningPrompts, ASystemLineAndWordsInIt) { // as SmolLM3
  std::string source =
      "{% if enable_thinking is not defined %}{% set enable_thinking = true %}{% endif %}"
      "{% set mode = '/think' if enable_thinking else '/no_think' %}<|system|>Reasoning: {{ mode }}"
      "{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1] }}{% endfor %}"
      "{% if add_generation_prompt %}<|assistant|>{% if mode == '/no_think' %}"
      "{{ '<think>\\n\\n</think>\\n' }}{% endif %}{% endif %}";
  std::string on = "<|system|>Reasoning: /think<|user|>hi<|assistant|>";
  expectPrompts(source, on,
                "<|system|>Reasoning: /no_think<|user|>hi<|assistant|><think>\n\n</think>\n", on);
}

TEST(ReasoningPrompts, OtherTags) { // as Reka Flash 3
  std::string source =
      "{% for m in messages %}{% if m.role == 'user' %}human: {{ m.content }} <sep>"
      "{% else %}assistant: {{ m.content.split('</reasoning>')[-1] }} <sep>{% endif %}"
      "{% endfor %}{% if add_generation_prompt %} assistant:{% endif %}";
  expectPrompts(source, "human: hi <sep> assistant:",
                "human: hi <sep> assistant:<reasoning>\n\n</reasoning>\n\n",
                "human: hi <sep> assistant:");
}

TEST(ReasoningPrompts, AChannelOfThoughts) { // as Gemma 4
  std::string source =
      "{% if enable_thinking %}<|turn>system\n<|think|>\n<turn|>\n{% endif %}"
      "{% for m in messages %}<|turn>{{ m.role }}\n{{ m.content.split('<channel|>')[-1] }}<turn|>\n"
      "{% endfor %}{% if add_generation_prompt %}{{ '<|turn>model\n' }}{% if not enable_thinking %}"
      "{{ '<|channel>thought\n<channel|>' }}{% endif %}{% endif %}";
  std::string on = "<|turn>system\n<|think|>\n<turn|>\n<|turn>user\nhi<turn|>\n<|turn>model\n";
  std::string off = "<|turn>user\nhi<turn|>\n<|turn>model\n<|channel>thought\n<channel|>";
  expectPrompts(source, off, off, on);
  Chat chat(source);
  Reasoning reasoning(chat.index());
  EXPECT_EQ(reasoning.close(), "\n<channel|>");
  EXPECT_EQ(reasoning.formatBehind(off).start, Start::kAnswer);
  EXPECT_EQ(reasoning.formatBehind(on).start, Start::kBeginning);
}

TEST(ReasoningPrompts, ABudgetOfTheTemplate) { // as Seed-OSS
  std::string source =
      "{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</seed:think>')[-1] }}"
      "{% if m.reasoning_content %}<seed:think>{{ m.reasoning_content }}</seed:think>{% endif %}"
      "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% if thinking_budget == 0 %}"
      "<seed:think></seed:think>{% endif %}{% endif %}";
  // The tags stand behind the answer here, so they are of no known order: the answer is plain.
  Chat behind(source);
  EXPECT_FALSE(Reasoning(behind.index()).exists());
  source = "{% for m in messages %}<|{{ m.role }}|>{% if m.reasoning_content %}<seed:think>"
           "{{ m.reasoning_content }}</seed:think>{% endif %}{{ m.content }}{% endfor %}"
           "{% if add_generation_prompt %}<|assistant|>{% if thinking_budget == 0 %}"
           "<seed:think></seed:think>{% endif %}{% endif %}";
  expectPrompts(source, "<|user|>hi<|assistant|>",
                "<|user|>hi<|assistant|><seed:think></seed:think>", "<|user|>hi<|assistant|>");
}

TEST(ReasoningPrompts, Levels) { // as Hunyuan's Hy3
  std::string source =
      "{% if not effort_of_reasoning is defined %}{% set effort_of_reasoning = 'none' %}{% endif %}"
      "{% if effort_of_reasoning not in ['none', 'low', 'high'] %}{{ raise_exception('no such "
      "effort') }}"
      "{% endif %}<|system|>{{ effort_of_reasoning }}{% for m in messages %}<|{{ m.role }}|>"
      "{{ m.content.split('</think>')[-1] }}{% endfor %}{% if add_generation_prompt %}<|assistant|>"
      "{% if effort_of_reasoning == 'none' %}<think></think>{% else %}<think>{% endif %}{% endif "
      "%}";
  std::string none = "<|system|>none<|user|>hi<|assistant|><think></think>";
  std::string low = "<|system|>low<|user|>hi<|assistant|><think>";
  std::string high = "<|system|>high<|user|>hi<|assistant|><think>";
  expectPrompts(source, none, none, high, low, high, high);
}

/// As gpt-oss.
constexpr const char *kHarmony =
    "{% if reasoning_effort is not defined %}{% set reasoning_effort = 'medium' %}{% endif %}"
    "{{ '<|start|>system<|message|>Reasoning: ' + reasoning_effort + '<|end|>' }}"
    "{% for m in messages %}{% if m.role == 'assistant' %}{% if m.thinking and loop.last %}"
    "<|start|>assistant<|channel|>analysis<|message|>{{ m.thinking }}<|end|>{% endif %}"
    "<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>{% else %}"
    "<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}";

TEST(ReasoningPrompts, Harmony) {
  auto prompt = [](const std::string &level) {
    return "<|start|>system<|message|>Reasoning: " + level +
           "<|end|><|start|>user<|message|>hi<|end|><|start|>assistant";
  };
  expectPrompts(kHarmony, prompt("medium"), prompt("low") + "<|channel|>final<|message|>",
                prompt("medium"), prompt("low"), prompt("medium"), prompt("high"));
}

TEST(ReasoningPrompts, WhatFollowsAPromptIsReadAsItOpensIt) {
  Chat chat(kOpened);
  Reasoning reasoning(chat.index());
  EXPECT_EQ(reasoning.formatBehind("...<think>\n").start, Start::kReasoning);
  EXPECT_EQ(reasoning.formatBehind("...<think>\n\n</think>\n\n").start, Start::kAnswer);
  EXPECT_EQ(reasoning.formatBehind("...").start, Start::kBeginning);
  EXPECT_EQ(reasoning.close(), "\n</think>\n\n");
  Chat harmony(kHarmony);
  Reasoning channels(harmony.index());
  EXPECT_EQ(channels.formatBehind("<|start|>assistant").start, Start::kBeginning);
  EXPECT_EQ(channels.formatBehind("<|start|>assistant<|channel|>final<|message|>").start,
            Start::kAnswer);
  EXPECT_EQ(channels.close(), "<|end|><|start|>assistant<|channel|>final<|message|>");
  const auto &ends = *harmony.index().chat_format()->turn_ends();
  EXPECT_THAT(std::vector<int32_t>(ends.begin(), ends.end()), testing::ElementsAre(5, 6));
}

TEST(ReasoningPrompts, TheTemplateDropsEarlierThoughts) {
  Chat chat(kHybrid);
  Reasoning reasoning(chat.index());
  auto rendered = chat.render(
      reasoning, R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a",)"
                 R"("reasoning_content":"hm"},{"role":"user","content":"r"}],)"
                 R"("add_generation_prompt":true})");
  ASSERT_TRUE(rendered);
  EXPECT_THAT(rendered->text, Not(HasSubstr("hm")));
}

TEST(ReasoningPrompts, WhatStandsBehindThePromptIsTheTemplates) {
  Chat chat(kOpened);
  Reasoning reasoning(chat.index());
  ASSERT_TRUE(reasoning.choose("off"));
  auto rendered = chat.render(reasoning, Chat::kHi);
  ASSERT_TRUE(rendered);
  EXPECT_TRUE(rendered->spans.back().isTemplate);
  EXPECT_EQ(rendered->spans.back().end, rendered->text.size());
}

TEST(ReasoningPrompts, AModelWithoutThemHasNothingToSwitch) {
  Chat chat("{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}");
  Reasoning reasoning(chat.index());
  EXPECT_FALSE(reasoning.exists());
  EXPECT_EQ(reasoning.describe(), "");
  EXPECT_TRUE(reasoning.choose("off"));
  Status status = reasoning.choose("on");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "--reasoning=on: this model has no reasoning mode");
  EXPECT_EQ(chat.prompt(""), "<|user|>hi<|assistant|>");
  std::string error;
  compileChat("{{ messages[0].content }}", "on", error);
  EXPECT_THAT(error, HasSubstr("--reasoning=on: error: this model has no reasoning mode"));
}

TEST(ReasoningPrompts, OneModeForGoodRefusesAnother) {
  Chat chat(kHybrid, "off");
  Reasoning reasoning(chat.index());
  EXPECT_EQ(reasoning.describe(), "reasoning off");
  Status status = reasoning.choose("high");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "--reasoning=high: the model was compiled with --reasoning=off");
  EXPECT_THAT(status.error().help, HasSubstr("osscc tiny --reasoning=runtime"));
  for (const char *more :
       {R"("enable_thinking":true)", R"("chat_template_kwargs":{"enable_thinking":true})"}) {
    auto rendered = chat.render(
        reasoning, std::string(R"({"messages":[{"role":"user","content":"hi"}],)") + more + "}");
    ASSERT_FALSE(rendered);
    EXPECT_THAT(rendered.error().message, HasSubstr("compiled with --reasoning=off"));
  }
  auto same = chat.render(reasoning, R"({"messages":[{"role":"user","content":"hi"}],)"
                                     R"("enable_thinking":false,"add_generation_prompt":true})");
  ASSERT_TRUE(same);
  EXPECT_EQ(same->text, kHybridHi + "<think>\n\n</think>\n\n");
}

TEST(ReasoningPrompts, OneModeForGoodHoldsNoStringOfAnother) {
  const std::string empty = "<think>\n\n</think>\n\n";
  EXPECT_THAT(Chat(kHybrid).strings(), Contains(empty));
  EXPECT_THAT(Chat(kHybrid, "off").strings(), Contains(empty));
  EXPECT_THAT(Chat(kHybrid, "on").strings(), Not(Contains(empty)));
  EXPECT_THAT(Chat(kHybrid, "on").strings(), Not(Contains("enable_thinking")));
  Chat fixed(kHybrid, "on");
  EXPECT_EQ(fixed.index().templates()->Get(0)->source(), nullptr);
  EXPECT_THAT(Chat(kHarmony, "high").strings(), Not(Contains("medium")));
}

TEST(ReasoningPrompts, ARequestsOwnVariableCountsWhereNoModeIsChosen) {
  Chat chat(kHybrid);
  auto rendered = chat.render(Reasoning(chat.index()),
                              R"({"messages":[{"role":"user","content":"hi"}],)"
                              R"("enable_thinking":false,"add_generation_prompt":true})");
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->text, kHybridHi + "<think>\n\n</think>\n\n");
}

} // namespace
} // namespace osscc::rt::cli
