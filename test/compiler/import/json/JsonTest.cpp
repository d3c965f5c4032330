// The JSON reader against hostile and unusual texts.
#include "compiler/import/json/Json.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

/// The error of a text, "" if there is none.
std::string errorOf(const std::string &text) {
  auto value = parseJson("x.json", text);
  return value ? "" : llvm::toString(value.takeError());
}

TEST(Json, ReadsUnusualButValidText) {
  auto value = parseJson(
      "x.json", "\r\n\t { \"b\\u0061\" :\n[1 , -2.5e-3,true,false,null, \"\\ud83d\\ude00é\"] } \n");
  ASSERT_TRUE(bool(value)) << llvm::toString(value.takeError());
  const llvm::json::Array *array = value->getAsObject()->getArray("ba");
  ASSERT_TRUE(array);
  EXPECT_EQ(array->size(), 6u);
  EXPECT_EQ((*array)[5].getAsString(), "😀é");
  EXPECT_EQ(errorOf("[]"), "");
  EXPECT_EQ(errorOf("{}"), "");
  EXPECT_EQ(errorOf("0"), "");
  EXPECT_EQ(errorOf("-0.0E+5"), "");
}

TEST(Json, JoinsEscapedSurrogatesOfEveryPlane) {
  auto value = parseJson("x.json", R"(["\ud840\udc00", "\uDBFF\uDFFD\n", "\\ud840z", "a\u00e9"])");
  ASSERT_TRUE(bool(value)) << llvm::toString(value.takeError());
  const llvm::json::Array &array = *value->getAsArray();
  EXPECT_EQ(array[0].getAsString(), "\xf0\xa0\x80\x80");
  EXPECT_EQ(array[1].getAsString(), "\xf4\x8f\xbf\xbd\n");
  EXPECT_EQ(array[2].getAsString(), "\\ud840z");
  EXPECT_EQ(array[3].getAsString(), "a\xc3\xa9");
}

TEST(Json, NamesLineAndColumn) {
  EXPECT_THAT(errorOf("{\n  \"a\": 1,\n  \"b\": nul\n}"),
              StartsWith("x.json:3:8: error: expected a value"));
  EXPECT_THAT(errorOf("{\"a\": 1,\n \"a\": 2}"),
              StartsWith("x.json:2:2: error: the key \"a\" is given twice"));
}

TEST(Json, RefusesAKeyTwiceHoweverItIsEscaped) {
  EXPECT_THAT(errorOf(R"({"ab": 1, "\u0061b": 2})"), HasSubstr("is given twice"));
  EXPECT_THAT(errorOf(R"({"x": {"/": 1, "\/": 2}})"), HasSubstr("is given twice"));
  EXPECT_EQ(errorOf(R"([{"a": 1}, {"a": 2}, {"A": {"a": 3}}])"), "");
}

TEST(Json, RefusesManyObjects) {
  auto list = [](unsigned objects) {
    std::string text = "[0";
    for (unsigned i = 0; i < objects; ++i)
      text += ",{\"\":0}";
    return text + "]";
  };
  EXPECT_EQ(errorOf(list(65'536)), "");
  EXPECT_THAT(errorOf(list(65'537)), HasSubstr("more than 65536 objects"));
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_EQ(errorOf(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_THAT(errorOf(std::string(65, '[') + std::string(65, ']')),
              HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(errorOf(std::string(10'000'000, '[')), HasSubstr("nested deeper than 64 levels"));
  std::string objects;
  for (int i = 0; i < 200'000; ++i)
    objects += "{\"a\":";
  EXPECT_THAT(errorOf(objects), HasSubstr("nested deeper than 64 levels"));
}

TEST(Json, RefusesNumbersThatAreNotFinite) {
  for (const char *text : {"NaN", "Infinity", "-Infinity", "[NaN]", "{\"a\": -Infinity}"})
    EXPECT_THAT(errorOf(text), HasSubstr("expected a finite number")) << text;
  EXPECT_THAT(errorOf("1e999"), HasSubstr("too large"));
  EXPECT_THAT(errorOf("-1e309"), HasSubstr("too large"));
  EXPECT_THAT(errorOf(std::string(10'000'000, '9')), HasSubstr("a number of 10000000 characters"));
  EXPECT_EQ(errorOf("1e-999"), "");
}

/// The notes of a text, each on a line; an error in place of them.
std::string notesOf(const std::string &text) {
  Notes notes;
  auto value = parseJson("x.json", text, &notes);
  if (!value)
    return llvm::toString(value.takeError());
  std::string out;
  for (const Note &note : notes.all())
    out += note.where + ": " + note.message + "\n";
  return out;
}

TEST(Json, NotesSlipsWhoseMeaningIsClear) {
  EXPECT_EQ(notesOf("[1, 2.5, -3]"), "");
  EXPECT_EQ(notesOf("{\"a\": 1,\n}"), "x.json:1:8: a comma before '}', which is skipped\n");
  EXPECT_EQ(notesOf("[1, [2 ,], ]"), "x.json:1:8: a comma before ']', which is skipped\n"
                                     "x.json:1:10: a comma before ']', which is skipped\n");
  EXPECT_EQ(notesOf("[NaN]"), "x.json:1:2: NaN is not JSON\n");
  EXPECT_EQ(notesOf("{\"a\": -Infinity}"), "x.json:1:7: -Infinity is not JSON\n");
  EXPECT_EQ(notesOf("1e999"), "x.json:1:1: the number \"1e999\" is too large\n");
  EXPECT_EQ(notesOf("\xEF\xBB\xBF{}"), "x.json: begins with a byte order mark, which is skipped\n");
  for (const char *text :
       {"[,]", "{,}", "[1,,]", "[1,,2]", "{\"a\":1,,}", "[1,", "[NaNs]", "nan", "Inf", "-Inf",
        "Infinityx", "{NaN: 1}", "[1}", "\xEF\xBB", "\xEF\xBB\xBF\xEF\xBB\xBF{}", "// x\n1"})
    EXPECT_THAT(notesOf(text), HasSubstr("error: ")) << text;
}

TEST(Json, CountsNotesWithoutEnd) {
  Notes notes;
  std::string text = "[0";
  for (int i = 0; i < 1'000'000; ++i)
    text += ",[0,]\n";
  llvm::cantFail(parseJson("x.json", text + "]", &notes));
  EXPECT_EQ(notes.all().size(), Notes::kMost);
  EXPECT_EQ(notes.more(), 1'000'000 - Notes::kMost);
}

TEST(JsonFields, RefusesNumbersThatAreNotFiniteWhereTheyAreRead) {
  Notes notes;
  auto value = llvm::cantFail(parseJson(
      "x", R"({"n": NaN, "i": Infinity, "m": -Infinity, "e": 1e999, "l": [NaN]})", &notes));
  auto errorFrom = [&](auto read) {
    JsonFields fields("config.json", *value.getAsObject());
    read(fields);
    return llvm::toString(fields.takeError());
  };
  EXPECT_THAT(
      errorFrom([](JsonFields &f) { f.number("n", -1e308, 1e308); }),
      StartsWith("config.json: n: error: expected a number from -1e+308 to 1e+308, found NaN"));
  for (const char *key : {"n", "i", "m", "e"}) {
    EXPECT_THAT(errorFrom([&](JsonFields &f) { f.number(key, -1e308, 1e308); }),
                HasSubstr("expected a number"));
    EXPECT_THAT(errorFrom([&](JsonFields &f) { f.integer(key, INT64_MIN, INT64_MAX); }),
                HasSubstr("expected an integer"));
    EXPECT_THAT(errorFrom([&](JsonFields &f) { f.string(key); }), HasSubstr("expected a string"));
  }
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.integers("l", 0, 9); }), HasSubstr("found NaN"));
}

TEST(Json, RefusesMalformedText) {
  for (const char *text : {"",
                           " ",
                           "{",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{'a':1}",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "-",
                           "1e",
                           "1e+",
                           "0x10",
                           "1 2",
                           "[1] x",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\t\"",
                           "truex",
                           "nullnull",
                           "[1 2]",
                           "{\"a\" 1}",
                           "// x\n1",
                           "\xEF\xBB\xBF{}"})
    EXPECT_THAT(errorOf(text), StartsWith("x.json:")) << text;
}

TEST(Json, RefusesInvalidUtf8) {
  for (const char *text : {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\"", "\"\x80\""})
    EXPECT_THAT(errorOf(text), HasSubstr("not valid UTF-8")) << text;
}

TEST(Json, RefusesEveryTruncation) {
  const std::string text = R"({"a": [1, 2.5, {"b": "c\u00e9"}], "d": true})";
  ASSERT_EQ(errorOf(text), "");
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_THAT(errorOf(text.substr(0, size)), StartsWith("x.json:1:")) << size;
}

TEST(Json, NamesAFileThatIsNotThere) {
  EXPECT_THAT(llvm::toString(readJsonFile("/nowhere/config.json").takeError()),
              StartsWith("/nowhere/config.json: error: "));
  EXPECT_THAT(llvm::toString(readJsonFile("/").takeError()), HasSubstr("not a regular file"));
}

TEST(JsonFields, ChecksTypeAndRange) {
  auto value = llvm::cantFail(
      parseJson("x", R"({"n": 5, "s": "abc", "f": 0.5, "b": true, "z": null, "h": 2.5,
      "big": 1e300, "two63": 9223372036854775808, "list": [1, 2], "bad": [1, "x"]})"));
  auto errorFrom = [&](auto read) {
    JsonFields fields("config.json", *value.getAsObject(), "rope.");
    read(fields);
    llvm::Error error = fields.takeError();
    return error ? llvm::toString(std::move(error)) : std::string();
  };
  EXPECT_EQ(errorFrom([](JsonFields &f) { EXPECT_EQ(f.integer("n", 1, 9), 5); }), "");
  EXPECT_EQ(errorFrom([](JsonFields &f) { EXPECT_EQ(f.integer("z", 1, 9, 7), 7); }), "");
  EXPECT_EQ(errorFrom([](JsonFields &f) { EXPECT_EQ(f.integers("list", 0, 9).size(), 2u); }), "");
  EXPECT_EQ(errorFrom([](JsonFields &f) { f.integer("s", 1, 9); }),
            "config.json: rope.s: error: expected an integer from 1 to 9, found \"abc\"\n"
            "help: correct the field, or fetch the file again");
  EXPECT_EQ(
      errorFrom([](JsonFields &f) { f.integer("none", 1, 9); }),
      "config.json: rope.none: error: expected an integer from 1 to 9, but the field is missing\n"
      "help: correct the field, or fetch the file again");
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.integer("z", 1, 9); }), HasSubstr("found null"));
  for (const char *key : {"h", "big", "two63", "b", "list"})
    EXPECT_THAT(errorFrom([&](JsonFields &f) { f.integer(key, 1, 9); }), HasSubstr("found")) << key;
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.number("s", 0, 1); }),
              HasSubstr("expected a number from 0 to 1"));
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.boolean("n"); }),
              HasSubstr("expected true or false, found 5"));
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.string("f"); }),
              HasSubstr("expected a string, found 0.5"));
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.integers("bad", 0, 9); }), HasSubstr("found \"x\""));
  EXPECT_THAT(errorFrom([](JsonFields &f) { f.string("f"), f.boolean("n"); }), HasSubstr("rope.f"));
}

} // namespace
