// The readers of hostile data, each as a function of one input's bytes. Two programs call them:
// libFuzzer's targets (FuzzerEntry.cpp) with inputs that it invents, and ReplayTest.cpp with those
// of test/fuzz/corpus. A reader may refuse any input; it must not crash, hang or take much memory,
// and where it accepts one, what require() states holds.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace osscc::fuzz {

/// A .safetensors file, and an index of shards. SafetensorsFuzzer.cpp
void readSafetensors(std::string_view bytes);
/// A .gguf file or its parts, with config, tensors, blocks, tokenizer and template. GgufFuzzer.cpp
void readGguf(std::string_view bytes);
/// config.json and generation_config.json. JsonFuzzer.cpp
void readJson(std::string_view bytes);
/// tokenizer.json, then the runtime's tokenizer over its tables. TokenizerFuzzer.cpp
void readTokenizer(std::string_view bytes);
/// A chat template, then its rendering. TemplateFuzzer.cpp
void readTemplate(std::string_view bytes);
/// A chat request, then its rendering. RequestFuzzer.cpp
void readRequest(std::string_view bytes);
/// A request of the server for text, in each form of the API. ServeFuzzer.cpp
void readServe(std::string_view bytes);
/// The tokens of an answer, in any format. AnswerFuzzer.cpp
void readAnswer(std::string_view bytes);
/// A JSON Schema, then a text that it constrains. SchemaFuzzer.cpp
void readSchema(std::string_view bytes);
/// What the runtime reads of its own executable. BundleFuzzer.cpp
void readBundle(std::string_view bytes);

/// Ends the process where a reader breaks its word; libFuzzer and GoogleTest both report that.
inline void require(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "the reader broke its word: %s\n", what);
  std::abort();
}

} // namespace osscc::fuzz
