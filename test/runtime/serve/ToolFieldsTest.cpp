// The tools of a request, and what tool_choice makes of them.
#include "runtime/serve/ToolFields.h"

#include "runtime/template/ReadJson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osscc::rt::serve {
namespace {

Tools tools(const std::string &fields) {
  return readTools(Fields(*readJson("{" + fields + "}", false), ""));
}

std::string wrongIn(const std::string &fields) {
  try {
    tools(fields);
  } catch (const ApiError &error) {
    return error.param;
  }
  return "nothing";
}

std::vector<std::string> names(const Tools &tools) {
  std::vector<std::string> all;
  for (const CallableTool &tool : tools.callable)
    all.push_back(tool.name);
  return all;
}

std::string tool(const std::string &name, const std::string &more = {}) {
  return R"({"type": "function", "function": {"name": ")" + name + "\"" + more + "}}";
}

const std::string kTwo = "\"tools\": [" + tool("f") + "," + tool("g") + "]";

TEST(Tools, TheirNamesMayBeCalled) {
  EXPECT_THAT(names(tools(kTwo)), testing::ElementsAre("f", "g"));
  EXPECT_FALSE(isNone(tools(kTwo).list));
  EXPECT_FALSE(tools(kTwo).areHeld());
  EXPECT_TRUE(tools("\"parallel_tool_calls\": false, " + kTwo).callsOnce);
  EXPECT_TRUE(isNone(tools("\"tool_choice\": \"none\", " + kTwo).list));
}

TEST(Tools, MayBeRequiredOrPrescribed) {
  Tools all = tools("\"tool_choice\": \"required\", " + kTwo);
  EXPECT_TRUE(all.mustCall && all.areHeld() && !all.callsOnce);
  for (const char *choice : {R"({"type": "function", "function": {"name": "g"}})",
                             R"({"type": "function", "name": "g"})"}) {
    Tools one = tools("\"tool_choice\": " + std::string(choice) + ", " + kTwo);
    EXPECT_TRUE(one.mustCall && one.callsOnce);
    EXPECT_THAT(names(one), testing::ElementsAre("g"));
    EXPECT_EQ(asList(one.list)->items.size(), 2U) << "the model is told of all";
  }
  Tools some = tools(R"("tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto",
      "tools": [{"type": "function", "function": {"name": "f"}}]}}, )" +
                     kTwo);
  EXPECT_TRUE(!some.mustCall && some.areHeld());
  EXPECT_THAT(names(some), testing::ElementsAre("f"));
}

TEST(Tools, MayBeStrict) {
  EXPECT_TRUE(tools("\"tools\": [" + tool("f", ", \"strict\": true") + "]").areHeld());
  Tools free = tools("\"tools\": [" + tool("f", ", \"strict\": false") + "]");
  EXPECT_TRUE(!free.areHeld() && free.callable[0].isFree);
}

TEST(Tools, WhatIsWrongIsNamed) {
  EXPECT_EQ(wrongIn("\"tool_choice\": \"required\""), "tool_choice");
  EXPECT_EQ(wrongIn("\"tool_choice\": \"must\", " + kTwo), "tool_choice");
  EXPECT_EQ(wrongIn("\"tool_choice\": {\"type\": \"function\"}, " + kTwo), "tool_choice.name");
  EXPECT_EQ(wrongIn("\"tool_choice\": {\"type\": \"custom\"}, " + kTwo), "tool_choice.type");
  EXPECT_EQ(wrongIn("\"tool_choice\": {\"type\": \"function\", \"name\": \"h\"}, " + kTwo),
            "tool_choice");
  EXPECT_EQ(wrongIn("\"functions\": []"), "functions");
  EXPECT_EQ(wrongIn("\"tools\": [" + tool("f") + "," + tool("f") + "]"), "tools[1].function.name");
  EXPECT_EQ(wrongIn("\"tools\": [" + tool("f", ", \"strict\": 1") + "]"),
            "tools[0].function.strict");
  EXPECT_EQ(wrongIn("\"tools\": [" + tool("a b") + "]"), "tools[0].function.name");
}

} // namespace
} // namespace osscc::rt::serve
