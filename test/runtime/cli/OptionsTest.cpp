#include "runtime/cli/Options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Options parse(std::vector<std::string> arguments) {
  auto parsed = parseOptions("assistant", std::move(arguments));
  if (!parsed)
    ADD_FAILURE() << parsed.error().message;
  return parsed ? parsed->options : Options();
}

TEST(Options, APromptComesInThreeWays) {
  EXPECT_EQ(parse({"Why?"}).prompt, "Why?");
  EXPECT_EQ(parse({"-p", "Why?"}).prompt, "Why?");
  EXPECT_EQ(parse({"-f", "q.txt"}).promptFile, "q.txt");
  EXPECT_EQ(parse({}).prompt, std::nullopt);
  EXPECT_EQ(parse({"[1, 2]"}).prompt, "[1, 2]");
}

TEST(Options, TwoDashesMakeAPromptOfASubcommandsName) {
  Options o = parse({"--", "bench"});
  EXPECT_EQ(o.command, Command::kAnswer);
  EXPECT_EQ(o.prompt, "bench");
  EXPECT_EQ(parse({"-n", "3", "--", "--help"}).prompt, "--help");
}

TEST(Options, AValueIsAllThatFollowsTheSign) {
  EXPECT_EQ(parse({"--system=", "hi"}).system, "");
  EXPECT_EQ(parse({"--system=", "hi"}).prompt, "hi");
  EXPECT_EQ(parse({"--system", "", "hi"}).system, "");
  for (const char *value : {" a ", "--help", "-5", "a=b", "two\nlines\n", "\"quoted\"", "[x,y]",
                            "--", "bench", "=", "{}", "'"}) {
    EXPECT_EQ(parse({std::string("--system=") + value, "hi"}).system, value);
    EXPECT_EQ(parse({"--system", value, "hi"}).system, value);
    EXPECT_EQ(parse({std::string("--prompt=") + value}).prompt, value);
    EXPECT_EQ(parse({"-p", value}).prompt, value);
    EXPECT_EQ(parse({"--", value}).prompt, value);
    EXPECT_THAT(parse({std::string("--stop=") + value, "--stop=END"}).stops,
                ElementsAre(value, "END"));
  }
  EXPECT_EQ(parse({"-p--x=y"}).prompt, "--x=y");
  EXPECT_EQ(parse({"-n=5", "hi"}).maxTokens, 5);
  EXPECT_EQ(parse({"-n5", "hi"}).maxTokens, 5);
  EXPECT_EQ(parse({"score", "--logits=--x", "a"}).logitsFile, "--x");
  EXPECT_EQ(parse({"tokenize", "--", "--x"}).input, "--x");
}

TEST(Options, DashesThatBeginNoNameAreText) {
  for (const char *prompt : {"- milk\n- eggs", "-- so be it", "---", "-5 + 3", "--\n"})
    EXPECT_EQ(parse({prompt}).prompt, prompt);
}

TEST(Options, AFileMayStandBeforeTheQuestion) {
  Options o = parse({"-f", "-", "What went wrong?"});
  EXPECT_EQ(o.promptFile, "-");
  EXPECT_EQ(o.prompt, "What went wrong?");
}

TEST(Options, AnsweringTakesAllOptionsOfTheContract) {
  Options o = parse({"hi",
                     "--max-tokens",
                     "5",
                     "--temperature=0.5",
                     "--top-k",
                     "40",
                     "--top-p=0.9",
                     "--min-p",
                     "0.1",
                     "--repeat-penalty",
                     "1.1",
                     "--seed",
                     "18446744073709551615",
                     "--system",
                     "Be brief.",
                     "--raw",
                     "-t",
                     "3",
                     "-c",
                     "100",
                     "--stop",
                     "END",
                     "--stop=[x,y]",
                     "--reasoning=on",
                     "--reasoning-budget=16",
                     "--hide-reasoning"});
  EXPECT_EQ(o.maxTokens, 5);
  EXPECT_EQ(o.temperature, 0.5);
  EXPECT_EQ(o.topK, 40);
  EXPECT_EQ(o.topP, 0.9);
  EXPECT_EQ(o.minP, 0.1);
  EXPECT_EQ(o.repetitionPenalty, 1.1);
  EXPECT_EQ(o.seed, UINT64_MAX);
  EXPECT_EQ(o.system, "Be brief.");
  EXPECT_TRUE(o.raw);
  EXPECT_EQ(o.threads, 3);
  EXPECT_EQ(o.context, 100);
  EXPECT_EQ(o.reasoning, "on");
  EXPECT_EQ(o.reasoningBudget, 16);
  EXPECT_TRUE(o.hideReasoning);
  EXPECT_THAT(o.stops, ElementsAre("END", "[x,y]"));
  EXPECT_FALSE(parse({"hi"}).temperature);
}

TEST(Options, SubcommandsTakeTheirOwn) {
  Options o = parse(
      {"score", "--ids", "text.json", "--top", "3", "--logits=l.npy", "--chunk", "8", "-t", "2"});
  EXPECT_EQ(o.command, Command::kScore);
  EXPECT_TRUE(o.ids);
  EXPECT_EQ(o.input, "text.json");
  EXPECT_EQ(o.top, 3);
  EXPECT_EQ(o.logitsFile, "l.npy");
  EXPECT_EQ(o.chunk, 8);
  EXPECT_EQ(o.threads, 2);
  EXPECT_EQ(parse({"score", "-"}).input, "-");

  o = parse({"bench", "-p", "64", "-n", "8", "-r", "3", "-t", "1", "--json"});
  EXPECT_EQ(o.command, Command::kBench);
  EXPECT_EQ(o.benchPrompt, 64);
  EXPECT_EQ(o.benchTokens, 8);
  EXPECT_EQ(o.repetitions, 3);
  EXPECT_TRUE(o.json);

  o = parse({"tokenize", "--lines", "--special"});
  EXPECT_EQ(o.command, Command::kTokenize);
  EXPECT_TRUE(o.lines && o.special);
  EXPECT_EQ(o.input, "-");
  EXPECT_EQ(parse({"tokenize", "a b"}).input, "a b");
  EXPECT_EQ(parse({"detokenize", "[1,2]"}).input, "[1,2]");
  EXPECT_EQ(parse({"render", "-", "--ids"}).command, Command::kRender);
  EXPECT_EQ(parse({"render", "--reasoning=off"}).reasoning, "off");
  EXPECT_EQ(parse({"inspect", "--json"}).command, Command::kInspect);
  EXPECT_EQ(parse({"licenses"}).command, Command::kLicenses);
  EXPECT_EQ(parse({"verify"}).command, Command::kVerify);
}

TEST(Options, WhatIsWrongIsNamedAndIsAUsageError) {
  auto expectUsage = [](std::vector<std::string> arguments, const char *part) {
    auto parsed = parseOptions("assistant", arguments);
    ASSERT_FALSE(parsed) << part;
    EXPECT_EQ(exitCode(parsed.error().code), 2);
    EXPECT_THAT(parsed.error().message, HasSubstr(part));
    EXPECT_THAT(parsed.error().message, testing::Not(HasSubstr("\n")));
  };
  expectUsage({"two", "words"}, "words");
  expectUsage({"--nonsense"}, "--nonsense");
  expectUsage({"hi", "-t", "0"}, "--threads");
  expectUsage({"hi", "-n", "many"}, "--max-tokens");
  expectUsage({"hi", "--reasoning=much"}, "--reasoning");
  expectUsage({"hi", "--reasoning-budget=-1"}, "--reasoning-budget");
  expectUsage({"hi", "-p", "hi"}, "prompt");
  expectUsage({"hi", "bench"}, "prompt and a subcommand");
  expectUsage({"score", "--chunk", "-1"}, "--chunk");
  expectUsage({"verify", "now"}, "now");
  expectUsage({"hi", "--seed", "-1"},
              "--seed: expected a whole number from 0 to 18446744073709551615");
  expectUsage({"hi", "--seed=0x10"}, "--seed");
  expectUsage({"hi", "--seed=18446744073709551616"}, "--seed");
  expectUsage({"hi", "-n", "1e3"}, "--max-tokens");
  expectUsage({"hi", "-t", "010x"}, "--threads");
  expectUsage({"hi", "--temperature=nan"}, "--temperature: expected a number, found 'nan'");
  expectUsage({"hi", "--top-k=-1"}, "--top-k");
  expectUsage({"hi", "--stop", ""}, "--stop: expected a text, found nothing");
  expectUsage({"hi", "--stop="}, "--stop");
  expectUsage({"-f", ""}, "--file: expected a file");
  expectUsage({"hi", "--date="}, "--date");
  expectUsage({"hi", "-n"}, "--max-tokens");
  expectUsage({"hi", "--systen=x"}, "--systen: no such option; --system is near");
  expectUsage({"score", "--tpo", "3"}, "--tpo: no such option; --top is near");
  expectUsage({"--why\nnot"}, "--why: no such option");
  expectUsage({"hi", "-x"}, "-x: no such option");
  expectUsage({"score", "--temperature=1"}, "--temperature: no such option");
}

TEST(Options, DevicesAreTheCpuOrACard) {
  using Kind = DeviceChoice::Kind;
  EXPECT_EQ(parse({}).device.kind, Kind::kBest);
  EXPECT_EQ(parse({"--device=cpu"}).device.kind, Kind::kCpu);
  EXPECT_EQ(parse({"bench", "--device=cuda"}).device.kind, Kind::kCuda);
  EXPECT_EQ(parse({"--device", "cuda:3"}).device.number, 3);
  for (const char *wrong : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999"})
    EXPECT_EQ(exitCode(parseOptions("assistant", {std::string("--device=") + wrong}).error().code),
              2)
        << wrong;
}

TEST(Options, HelpAndVersionAreTexts) {
  EXPECT_THAT(parseOptions("assistant", {"--help"})->help, HasSubstr("tokenize"));
  EXPECT_THAT(parseOptions("assistant", {"score", "--help"})->help, HasSubstr("--logits"));
  EXPECT_THAT(parseOptions("assistant", {"--version"})->help, HasSubstr("osscc"));
}

} // namespace
} // namespace osscc::rt::cli
