// Each keyword: which texts a schema takes.
#include "test/runtime/schema/Texts.h"

namespace osscc::rt {
namespace {

using test::refusal;
using test::taken;
using test::takes;

TEST(Schema, TakesAnyValue) {
  for (const char *text :
       {"null", "true", "false", "0", "-1.5e3", "\"\"", "[]", "{}", " [1, {\"a\" : [ ] }]",
        "{\n  \"a\": [\n    1,\n    2\n  ]\n}", "\"\\u00e9\xC3\xA9\""})
    EXPECT_EQ(taken("true", text), "whole") << text;
  for (const char *text :
       {"nul", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "\"\n\"", "[1 2]", "'a'", "1 "})
    EXPECT_NE(taken("{}", text), "whole") << text;
  EXPECT_EQ(taken("{}", "[   1]"), "[ ");                   // blanks have an end
  EXPECT_EQ(taken("{}", "{\"a\":1,\"a\""), "{\"a\":1,\"a"); // no key twice
}

TEST(Schema, HoldsTypes) {
  EXPECT_TRUE(takes(R"({"type":"integer"})", "12"));
  EXPECT_EQ(taken(R"({"type":"integer"})", "1.5"), "1");
  EXPECT_EQ(taken(R"({"type":["string","null"]})", "nul"), "begun");
  EXPECT_EQ(taken(R"({"type":["string","null"]})", "1"), "");
}

TEST(Schema, HoldsEnumsAndConstants) {
  const char *kEnum = R"({"enum":["red","green",1,null,{"a":[1,"x"]}]})";
  for (const char *text : {"\"red\"", "1", "null", "{\"a\":[1,\"x\"]}", "{ \"a\" : [ 1, \"x\" ] }"})
    EXPECT_TRUE(takes(kEnum, text)) << text;
  EXPECT_EQ(taken(kEnum, "\"re\""), "\"re");
  EXPECT_EQ(taken(kEnum, "12"), "1");
  EXPECT_EQ(taken(kEnum, "{\"a\":[1,\"x\",2"), "{\"a\":[1,\"x\"");
  EXPECT_TRUE(takes(R"({"const":"a/\"b"})", R"("a\/\"b")"));
}

TEST(Schema, HoldsObjectsInTheirOrder) {
  const char *kObject =
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},
    "c":{"type":"boolean"}},"required":["b"],"additionalProperties":false})";
  EXPECT_TRUE(takes(kObject, R"({"a":1,"b":"x","c":true})"));
  EXPECT_TRUE(takes(kObject, R"({"b":"x"})"));
  EXPECT_EQ(taken(kObject, R"({"c)"), R"({")");
  EXPECT_EQ(taken(kObject, R"({"a":1})"), R"({"a":1)");
  EXPECT_EQ(taken(kObject, R"({"b":"x","a)"), R"({"b":"x",")");
  EXPECT_EQ(taken(kObject, R"({"b":"x","d)"), R"({"b":"x",")");
  EXPECT_EQ(taken(kObject, R"({"b":"x","c":true,)"), R"({"b":"x","c":true)");
}

TEST(Schema, HoldsOtherMembers) {
  const char *kOpen =
      R"({"properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"string"}})";
  EXPECT_TRUE(takes(kOpen, R"({"a":1,"b":"x","ab":"y"})"));
  EXPECT_EQ(taken(kOpen, R"({"b":1)"), R"({"b":)");
  EXPECT_EQ(taken(kOpen, R"({"b":"x","a")"), R"({"b":"x","a)"); // the declared one stands first
  EXPECT_EQ(taken(kOpen, R"({"b":"x","b")"), R"({"b":"x","b)");
  const char *kPatterns =
      R"({"type":"object","patternProperties":{"^x":{"type":"integer"},"y$":{"minimum":5}},
    "additionalProperties":false})";
  EXPECT_TRUE(takes(kPatterns, R"({"x":1,"xy":7,"zy":"t"})"));
  EXPECT_EQ(taken(kPatterns, R"({"xy":4})"), R"({"xy":4)"); // 40 would do
  EXPECT_EQ(taken(kPatterns, R"({"q")"), R"({"q)");
}

TEST(Schema, CountsMembers) {
  EXPECT_EQ(taken(R"({"type":"object","minProperties":2})", R"({"a":1})"), R"({"a":1)");
  EXPECT_TRUE(takes(R"({"type":"object","minProperties":2})", R"({"a":1,"b":1})"));
  EXPECT_EQ(taken(R"({"type":"object","maxProperties":1})", R"({"a":1,)"), R"({"a":1)");
  const char *kFew =
      R"({"properties":{"a":{},"b":{},"c":{}},"additionalProperties":false,"minProperties":2})";
  EXPECT_EQ(taken(kFew, R"({"c")"), R"({")"); // then one would lack
  const char *kNames = R"({"propertyNames":{"pattern":"^[ab]$"},"minProperties":2})";
  EXPECT_TRUE(takes(kNames, R"({"a":1,"b":1})"));
  EXPECT_EQ(taken(kNames, R"({"a":1,"b":1,)"), R"({"a":1,"b":1)");
}

TEST(Schema, HoldsArrays) {
  const char *kTuple =
      R"({"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"items":{"type":"null"},
    "minItems":1,"maxItems":3})";
  EXPECT_TRUE(takes(kTuple, R"([1,"a",null])"));
  EXPECT_EQ(taken(kTuple, "[]"), "[");
  EXPECT_EQ(taken(kTuple, R"([1,"a",null,)"), R"([1,"a",null)");
  EXPECT_EQ(taken(kTuple, "[1,2"), "[1,");
  EXPECT_EQ(taken(R"({"prefixItems":[true,false],"minItems":1})", "[1,"), "[1");
}

TEST(Schema, CountsWhatAnArrayContains) {
  const char *kContains =
      R"({"type":"array","contains":{"type":"integer"},"minContains":2,"maxContains":2})";
  EXPECT_TRUE(takes(kContains, R"([1,"a",2])"));
  EXPECT_EQ(taken(kContains, R"([1,"a"])"), R"([1,"a")");
  EXPECT_EQ(taken(kContains, "[1,2,3]"), "[1,2,3"); // 3.5 would do
}

TEST(Schema, SeesWhichItemsWereEvaluated) {
  const char *kRest =
      R"({"type":"array","prefixItems":[{"type":"integer"}],"contains":{"type":"string"},
    "unevaluatedItems":{"type":"null"}})";
  EXPECT_TRUE(takes(kRest, R"([1,"a",null,"b"])"));
  EXPECT_EQ(taken(kRest, R"([1,"a",true)"), R"([1,"a",)");
  EXPECT_EQ(taken(kRest, "[1,null]"), "[1,null"); // a text must come
}

TEST(Schema, HoldsLengthsAndPatterns) {
  const char *kShort = R"({"type":"string","minLength":2,"maxLength":3})";
  EXPECT_EQ(taken(kShort, "\"a\""), "\"a");
  EXPECT_TRUE(takes(kShort, "\"\xF0\x9F\x98\x80\xC3\xA9\""));
  EXPECT_TRUE(takes(kShort, "\"\\ud83d\\ude00x\"")); // a pair is one character
  EXPECT_EQ(taken(kShort, "\"abcd"), "\"abc");
  EXPECT_EQ(taken(R"({"type":"string","pattern":"^\u00e9+$"})", "\"\xC3\xA8"), "\"\xC3");
  EXPECT_EQ(taken(R"({"type":"string","pattern":"^a+$","maxLength":2})", "\"aaa"), "\"aa");
  EXPECT_TRUE(takes(R"({"format":"date"})", "\"2024-02-29\""));
  EXPECT_EQ(taken(R"({"format":"date"})", "\"2023-02-29"), "\"2023-02-2");
}

TEST(Schema, HoldsBounds) {
  EXPECT_EQ(taken(R"({"type":"integer","minimum":10,"maximum":25})", "26"), "2");
  EXPECT_EQ(taken(R"({"type":"integer","minimum":10,"maximum":25})", "9"), "");
  EXPECT_TRUE(takes(R"({"type":"integer","minimum":-5,"exclusiveMaximum":0})", "-5"));
  EXPECT_EQ(taken(R"({"type":"integer","exclusiveMaximum":0})", "0"), "");
  EXPECT_EQ(taken(R"({"type":"number","maximum":1.5})", "1.6"), "1.");
  EXPECT_TRUE(takes(R"({"type":"number","multipleOf":0.01})", "1.25"));
}

TEST(Schema, CombinesSchemas) {
  const char *kAny =
      R"({"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"integer"}},{"const":"x"}]})";
  for (const char *text : {"1", "[1,2]", "\"x\""})
    EXPECT_TRUE(takes(kAny, text)) << text;
  EXPECT_EQ(taken(kAny, "\"y"), "\"");
  EXPECT_EQ(taken(R"({"allOf":[{"minimum":3},{"maximum":5,"type":"integer"}]})", "6"), "");
  const char *kTagged =
      R"({"oneOf":[{"properties":{"k":{"const":"a"},"v":{"type":"integer"}},"required":["k","v"]},
    {"properties":{"k":{"const":"b"},"v":{"type":"string"}},"required":["k","v"]}],"type":"object"})";
  EXPECT_TRUE(takes(kTagged, R"({"k":"b","v":"x"})"));
  EXPECT_EQ(taken(kTagged, R"({"k":"a","v":")"), R"({"k":"a","v":)");
  const char *kOverlap =
      R"({"oneOf":[{"type":"integer","minimum":2},{"type":"integer","maximum":4}]})";
  EXPECT_TRUE(takes(kOverlap, "5"));
  EXPECT_FALSE(takes(kOverlap, "3"));
  EXPECT_FALSE(takes(R"({"not":{"type":["string","object"]}})", "\"a\""));
  EXPECT_TRUE(
      takes(R"({"if":{"type":"integer"},"then":{"minimum":5},"else":{"type":"null"}})", "7"));
  EXPECT_FALSE(
      takes(R"({"if":{"type":"integer"},"then":{"minimum":5},"else":{"type":"null"}})", "1.5"));
}

TEST(Schema, FollowsReferences) {
  const char *kTree =
      R"({"$defs":{"node":{"type":"object","properties":{"left":{"$ref":"#/$defs/node"},
    "value":{"type":"integer"}},"required":["value"],"additionalProperties":false}},"$ref":"#/$defs/node"})";
  EXPECT_TRUE(takes(kTree, R"({"left":{"left":{"value":1},"value":2},"value":3})"));
  EXPECT_EQ(taken(kTree, R"({"left":{"left":{"value":1},"value":2}})"),
            R"({"left":{"left":{"value":1},"value":2})");
  EXPECT_TRUE(takes(R"({"$ref":"#a","$defs":{"x":{"$anchor":"a","type":"null"}}})", "null"));
  EXPECT_TRUE(takes(
      R"({"$id":"http://a/b","$ref":"c#/$defs/d","$defs":{"c":{"$id":"c","$defs":{"d":{"const":1}}}}})",
      "1"));
}

TEST(Schema, LeavesOutWhatHasNoEnd) {
  // A member whose value would need itself is never begun.
  const char *kLoop =
      R"({"$defs":{"a":{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"]}},
    "type":"object","properties":{"a":{"$ref":"#/$defs/a"},"b":{"type":"null"}},"additionalProperties":false})";
  EXPECT_EQ(taken(kLoop, "{\"a"), "{\"");
  EXPECT_TRUE(takes(kLoop, "{\"b\":null}"));
}

TEST(Schema, SeesWhatWasNotEvaluated) {
  const char *kRest = R"({"allOf":[{"properties":{"a":{"type":"integer"}}}],"properties":{"b":{}},
    "unevaluatedProperties":false,"type":"object"})";
  EXPECT_TRUE(takes(kRest, R"({"b":1,"a":2})"));
  EXPECT_EQ(taken(kRest, R"({"c)"), R"({")");
}

/// A list of what the outermost resource says that it is a list of.
TEST(Schema, DynamicReferencesLeadToTheOutermostAnchor) {
  const std::string kList = R"("list":{"$id":"list","type":"array","items":{"$dynamicRef":"#item"},
      "$defs":{"any":{"$dynamicAnchor":"item"}}})";
  auto of = [&](const std::string &root) { return "{" + root + R"(,"$defs":{)" + kList; };
  std::string strings = of(R"("$id":"http://x/root","$ref":"list")") +
                        R"(,"own":{"$dynamicAnchor":"item","type":"string"}}})";
  EXPECT_TRUE(takes(strings, R"(["a","b"])"));
  EXPECT_EQ(taken(strings, "[1]"), "[");
  EXPECT_TRUE(takes(of(R"("$id":"http://x/root","$ref":"list")") + "}}", "[1,null]"));
  std::string both = R"({"$id":"http://x/root","prefixItems":[{"$ref":"strings"},{"$ref":"list"}],
      "type":"array","minItems":2,"items":false,"$defs":{)" +
                     kList + R"(,"strings":{"$id":"strings","$ref":"list",
      "$defs":{"own":{"$dynamicAnchor":"item","type":"string"}}}}})";
  EXPECT_TRUE(takes(both, R"([["a"],[1]])"));
  EXPECT_EQ(taken(both, "[[1]"), "[[");
}

TEST(Schema, RefusesByPath) {
  EXPECT_EQ(refusal("{"), "schema #: it is no JSON: incomplete JSON");
  EXPECT_EQ(refusal(R"({"properties":{"a/b":{"frobnicate":1}}})"),
            "schema #/properties/a~1b/frobnicate: this keyword is not supported");
  EXPECT_EQ(refusal(R"({"items":{"uniqueItems":true}})"),
            "schema #/items/uniqueItems: this keyword is not supported");
  EXPECT_EQ(refusal(R"({"format":"colour"})"),
            "schema #/format: the format 'colour' is not supported");
  EXPECT_EQ(
      refusal(R"x({"pattern":"(?=a)"})x"),
      "schema #/pattern: the expression '(?=a)' looks ahead or behind, which is not supported");
  EXPECT_EQ(refusal(R"({"$ref":"http://x/y"})"),
            "schema #/$ref: 'http://x/y' is outside this schema, and nothing is fetched");
  EXPECT_EQ(refusal(R"({"$ref":"#"})"),
            "schema #: the schema refers to itself without anything between");
  EXPECT_EQ(refusal(R"({"type":"integer","minimum":5,"maximum":3})"),
            "schema #: no value is valid for this schema");
  EXPECT_EQ(refusal(R"({"minLength":-1})"),
            "schema #/minLength: a count is expected: a whole number from 0");
  EXPECT_EQ(refusal(R"({"type":"colour"})"), "schema #/type: 'colour' is no type");
  EXPECT_EQ(refusal(R"({"items":3})"),
            "schema #/items: a schema is expected: an object, true or false");
}

} // namespace
} // namespace osscc::rt
