// The page's files as they are embedded. What the page does, test/e2e/web-page.py asks a browser.
#include "runtime/web/Web.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace osscc::rt {
namespace {

const std::vector<std::string> kNames = {"chat.css",  "chat.js",    "client.js",   "icon.svg",
                                         "icons.svg", "index.html", "markdown.js", "store.js"};

TEST(Web, HasItsSourcesBytes) {
  for (const std::string &name : kNames) {
    const WebFile *file = webFile("/" + name);
    ASSERT_TRUE(file) << name;
    std::ifstream in(OSSCC_WEB "/" + name, std::ios::binary);
    EXPECT_EQ(file->bytes, std::string(std::istreambuf_iterator<char>(in), {})) << name;
    EXPECT_FALSE(file->type.empty()) << name;
  }
}

TEST(Web, EveryPathHasAFile) {
  EXPECT_EQ(webPaths().size(), kNames.size() + 1);
  for (std::string_view path : webPaths())
    EXPECT_TRUE(webFile(path)) << path;
}

TEST(Web, TheRootIsThePage) {
  EXPECT_EQ(webFile("/"), webFile("/index.html"));
  EXPECT_EQ(webFile("/")->type, "text/html; charset=utf-8");
  for (const char *path : {"", "/x", "chat.js", "/../chat.js", "/chat.js/", "//chat.js"})
    EXPECT_FALSE(webFile(path)) << path;
}

TEST(Web, MakesNoMarkupOfTextAndAsksNobodyElse) {
  for (const std::string &name : kNames) {
    std::string_view bytes = webFile("/" + name)->bytes;
    for (const char *word :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
          "<script>", " onclick=", " style=\"", "src=\"http", "href=\"http", "@import", "url("})
      EXPECT_FALSE(bytes.contains(word)) << name << ": " << word;
  }
}

TEST(Web, ThePolicyHoldsThePageToItsServer) {
  EXPECT_TRUE(kWebPolicy.starts_with("default-src 'none';"));
  EXPECT_FALSE(kWebPolicy.contains("unsafe"));
  EXPECT_FALSE(kWebPolicy.contains("http"));
}

} // namespace
} // namespace osscc::rt
