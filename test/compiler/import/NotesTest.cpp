// Slips that change no number: each is noted, and stops nothing; where it would change a number, it
// is still an error.
#include "compiler/import/Context.h"
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/Import.h"
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/Safetensors.h"
#include "compiler/import/families/Families.h"
#include "test/compiler/import/TinyCheckpoint.h"
#include "test/compiler/import/checkpoint/gguf/TinyGguf.h"

#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace osscc;
using testing::HasSubstr;

namespace {

/// Notes, each "where: message" on a line, without the folder's name.
std::string textOf(const Notes &notes, llvm::StringRef folder) {
  std::string out;
  for (const Note &note : notes.all())
    out += (llvm::StringRef(note.where).drop_front(folder.size() + 1) + ": " + note.message + "\n")
               .str();
  return out;
}

using Fields = std::vector<std::pair<const char *, const char *>>;

/// The notes of a folder's config and weights, or the error.
std::string notesOf(const TinyCheckpoint &tiny, std::optional<int64_t> context = std::nullopt) {
  tiny.write();
  Notes notes;
  auto spec = readModelSpec(tiny.path("config.json"), &notes);
  if (!spec)
    return llvm::toString(spec.takeError());
  if (llvm::Error error = limitContext(*spec, context, &notes))
    return llvm::toString(std::move(error));
  std::string index = tiny.path("model.safetensors.index.json");
  auto checkpoint = llvm::sys::fs::exists(index) ? readSafetensorsIndex(index, &notes)
                                                 : readSafetensors(tiny.path("model.safetensors"));
  if (!checkpoint)
    return llvm::toString(checkpoint.takeError());
  if (llvm::Error error = matchNames(*spec, *checkpoint, &notes))
    return llvm::toString(std::move(error));
  if (llvm::Error error = checkWeights(*spec, *checkpoint, &notes))
    return llvm::toString(std::move(error));
  return textOf(notes, tiny.folder);
}

std::string notesWith(const Fields &fields, std::optional<int64_t> context = std::nullopt) {
  TinyCheckpoint tiny;
  for (auto &[key, value] : fields)
    tiny.set(key, value);
  return notesOf(tiny, context);
}

/// The notes of a .gguf file, or the error.
std::string notesOf(const TinyGguf &tiny, std::optional<int64_t> context = std::nullopt) {
  mlir::MLIRContext mlir(mlir::MLIRContext::Threading::DISABLED);
  auto model = importModel(mlir, tiny.write(), {context, {}, {}});
  return model ? textOf(model->notes, tiny.folder) : llvm::toString(model.takeError());
}

TEST(Notes, LeftOverFields) {
  EXPECT_EQ(notesWith({}), "");
  EXPECT_EQ(notesWith({{"pretraining_tp", "1"}, {"sliding_window", "null"}, {"auto_map", "{}"}}),
            "");
  EXPECT_EQ(notesWith({{"pretraining_tp", "2"}}),
            "config.json: pretraining_tp: 2 is how the training was split; products are not split "
            "here\n");
  EXPECT_EQ(
      notesWith({{"auto_map", R"({"AutoModel": "code.Model"})"}}),
      "config.json: auto_map: an object names code of the checkpoint's own, which is not run: "
      "the model is compiled as its model_type says\n");
  EXPECT_THAT(notesWith({{"rope_scaling", R"({"type": "dynamic", "factor": 2.0})"}}),
              HasSubstr("rope_scaling.type: \"dynamic\" scales nothing up to max_position"));
  EXPECT_THAT(
      notesWith({{"rope_scaling",
                  R"({"type": "linear", "factor": 2, "original_max_position_embeddings": 4})"}}),
      HasSubstr("rope_scaling.original_max_position_embeddings: 4 is left over"));
  EXPECT_THAT(notesWith({{"model_type", "\"mistral\""},
                         {"architectures", "null"},
                         {"sliding_window", "null"},
                         {"attention_bias", "true"}}),
              HasSubstr("attention_bias: true is left over: the tensors say"));
  EXPECT_THAT(notesWith({{"quantization_config",
                          R"({"load_in_4bit": false, "load_in_8bit": false, "x": 1})"}}),
              HasSubstr("quantization_config: says that nothing is quantized"));
  EXPECT_THAT(notesWith({{"quantization_config", R"({"load_in_4bit": true})"}}),
              HasSubstr("error: an object: weights that are quantized so cannot be compiled\nhelp: "
                        "take the checkpoint that they were made from"));
}

TEST(Notes, HarmlessFieldsOfFineTunes) {
  EXPECT_EQ(notesWith({{"_name_or_path", "\"some/model\""},
                       {"dtype", "\"bfloat16\""},
                       {"torch_dtype", "\"bfloat16\""},
                       {"unsloth_fixed", "true"},
                       {"unsloth_version", "\"2025.1\""},
                       {"_attn_implementation_autoset", "true"},
                       {"_flash_attn_2_enabled", "true"},
                       {"use_flash_attention", "true"},
                       {"neftune_noise_alpha", "5"},
                       {"attention_dropout", "0.1"},
                       {"classifier_dropout", "0.1"},
                       {"id2label", R"({"0": "LABEL_0"})"},
                       {"problem_type", "\"regression\""},
                       {"quantization_config", "null"},
                       {"rope_scaling", "null"},
                       {"bias", "\"none\""},
                       {"position_embedding_type", "\"absolute\""},
                       {"rotary_pct", "1.0"},
                       {"max_sequence_length", "2048"}}),
            "");
}

TEST(Notes, WindowsThatAreNeverReached) {
  Fields mistral = {{"model_type", "\"mistral\""}, {"architectures", "null"}};
  auto withWindow = [&](const char *window, std::optional<int64_t> context) {
    Fields fields = mistral;
    fields.emplace_back("sliding_window", window);
    return notesWith(fields, context);
  };
  EXPECT_EQ(withWindow("16", 16), "config.json: sliding_window: a context of 16 never leaves the "
                                  "window of 16 positions\n");
  EXPECT_THAT(withWindow("16", 8), HasSubstr("a context of 8 never leaves the window of 16"));
  EXPECT_EQ(withWindow("32", std::nullopt), "");
  EXPECT_EQ(withWindow("16", 17), "");
  EXPECT_EQ(withWindow("16", std::nullopt), "");
  // What other families left over.
  EXPECT_EQ(notesWith({{"sliding_window", "16"}}),
            "config.json: sliding_window: 16 is left over: models of this family have no window\n");
  EXPECT_THAT(notesWith({{"use_sliding_window", "true"}, {"max_window_layers", "21"}}),
              HasSubstr("max_window_layers: 21 is left over"));
}

TEST(Notes, WindowsOfQwen2) {
  auto qwen = [&](const Fields &fields, std::optional<int64_t> context = std::nullopt) {
    TinyCheckpoint tiny;
    tiny.set("model_type", "\"qwen2\"").set("architectures", R"(["Qwen2ForCausalLM"])");
    for (auto &[key, value] : fields)
      tiny.set(key, value);
    for (const char *layer : {"model.layers.0.", "model.layers.1."})
      for (auto [name, rows] : {std::pair("q_proj", 8), {"k_proj", 4}, {"v_proj", 4}})
        tiny.tensors[std::string(layer) + "self_attn." + name + ".bias"] = {"BF16", {rows}, ""};
    return notesOf(tiny, context);
  };
  EXPECT_EQ(qwen({{"use_sliding_window", "false"}, {"sliding_window", "16"}}), "");
  EXPECT_EQ(qwen({{"use_sliding_window", "true"}, {"sliding_window", "16"}}), "")
      << "max_window_layers is 28, and there are 2";
  Fields windowed = {
      {"use_sliding_window", "true"}, {"sliding_window", "16"}, {"max_window_layers", "1"}};
  EXPECT_EQ(qwen(windowed), "");
  EXPECT_THAT(qwen(windowed, 16), HasSubstr("never leaves the window of 16 positions"));
  windowed.emplace_back("layer_types", R"(["full_attention", "full_attention"])");
  EXPECT_EQ(qwen(windowed), "");
  windowed.back().second = R"(["full_attention", "sliding_attention"])";
  EXPECT_THAT(qwen(windowed, 16), HasSubstr("never leaves the window of 16 positions"));
  windowed.back().second = R"(["sliding_attention", "chunked_attention"])";
  EXPECT_THAT(qwen(windowed), HasSubstr("layer_types: error: \"chunked_attention\""));
}

TEST(Notes, SlipsOfJson) {
  TinyCheckpoint tiny;
  tiny.write();
  std::string config;
  llvm::raw_string_ostream(config) << llvm::json::Value(llvm::json::Object(tiny.config));
  auto specNotes = [&](llvm::StringRef more) {
    tiny.write("config.json", llvm::StringRef(config).drop_back().str() + more.str());
    Notes notes;
    auto spec = readModelSpec(tiny.path("config.json"), &notes);
    return spec ? textOf(notes, tiny.folder) : llvm::toString(spec.takeError());
  };
  EXPECT_THAT(specNotes(",}"), HasSubstr("a comma before '}', which is skipped"));
  EXPECT_THAT(specNotes(", \"max_loss\": NaN}"), HasSubstr("NaN is not JSON"));
  EXPECT_THAT(specNotes(", \"x\": [-Infinity,]}"), HasSubstr("a comma before ']'"));
  EXPECT_THAT(specNotes(", \"attention_bias\": NaN}"),
              HasSubstr("config.json: attention_bias: error: expected true or false, found NaN"));
  EXPECT_THAT(specNotes(", \"embedding_multiplier\": Infinity}"),
              HasSubstr("embedding_multiplier: error: Infinity would change"));
  auto spec = llvm::cantFail(readModelSpec((tiny.write(), tiny.path("config.json"))));
  tiny.write("tokenizer.json", "{}");
  auto files = llvm::cantFail(locateModel(tiny.folder));
  auto generationNotes = [&](llvm::StringRef text) {
    tiny.write("generation_config.json", text);
    Notes notes;
    auto generation = readGenerationConfig(files, spec, std::nullopt, &notes);
    return generation ? textOf(notes, tiny.folder) : llvm::toString(generation.takeError());
  };
  EXPECT_THAT(generationNotes(R"({"eos_token_id": [2, 3,], "top_k": 5,})"),
              HasSubstr("generation_config.json:1:37: a comma before '}'"));
  EXPECT_THAT(generationNotes(R"({"max_time": Infinity})"), HasSubstr("Infinity is not JSON"));
  EXPECT_THAT(generationNotes(R"({"top_p": NaN, "do_sample": true})"),
              HasSubstr("top_p: error: expected a number from 1e-06 to 1, found NaN"));
  EXPECT_THAT(generationNotes(R"({"top_p": 0, "temperature": -1, "do_sample": false})"),
              HasSubstr("top_p: 0 is not used: nothing is sampled"));
  EXPECT_THAT(generationNotes(R"({"typical_p": 0.9, "eta_cutoff": 0.1})"),
              HasSubstr("typical_p: 0.9 is not used: nothing is sampled"));
  EXPECT_THAT(generationNotes(R"({"num_beams": 1, "num_beam_groups": 2})"),
              HasSubstr("num_beam_groups: 2 is not used: there are no beams"));
  EXPECT_THAT(generationNotes(R"({"typical_p": 0.9, "do_sample": true})"),
              HasSubstr("typical_p: error: 0.9 would change the answers"));
}

TEST(Notes, CheckpointsOfOtherClasses) {
  TinyCheckpoint bare;
  std::map<std::string, TinyCheckpoint::Entry> tensors;
  for (const auto &[name, entry] : bare.tensors)
    tensors[llvm::StringRef(name).drop_front(6).str()] = entry;
  bare.tensors = tensors;
  bare.set("architectures", R"(["LlamaModel"])");
  EXPECT_EQ(notesOf(bare),
            "config.json: architectures: LlamaModel is compiled as LlamaForCausalLM\n"
            "model.safetensors: calls its layers \"layers\" where \"model.layers\" "
            "is usual\n");
  bare.tensors.erase("layers.1.mlp.up_proj.weight");
  EXPECT_THAT(notesOf(bare),
              HasSubstr("tensor \"layers.1.mlp.up_proj.weight\": error: is missing"));
  bare.set("tie_word_embeddings", "false");
  bare.tensors = tensors;
  EXPECT_THAT(notesOf(bare), HasSubstr("\"lm_head.weight\": error: is missing, expected shape [12, "
                                       "8]\nhelp: the weights were saved without the head"));
  bare.tensors["lm_head.weight"] = {"BF16", {12, 8}, ""};
  EXPECT_THAT(notesOf(bare), testing::Not(HasSubstr("error")));
  bare.tensors["model.norm.weight"] = {"BF16", {8}, ""};
  EXPECT_THAT(notesOf(bare), HasSubstr("is there twice, with and without \"model.\""));

  TinyCheckpoint wrapped;
  tensors.clear();
  for (const auto &[name, entry] : wrapped.tensors)
    tensors["_orig_mod." + name] = entry;
  wrapped.tensors = tensors;
  EXPECT_THAT(notesOf(wrapped), HasSubstr("calls its layers \"_orig_mod.model.layers\""));

  TinyCheckpoint asked;
  tensors.clear();
  for (const auto &[name, entry] : asked.tensors)
    tensors["transformer." + llvm::StringRef(name).drop_front(6).str()] = entry;
  tensors["qa_outputs.weight"] = {"F32", {2, 8}, ""};
  asked.tensors = tensors;
  asked.set("architectures", R"(["LlamaForQuestionAnswering"])");
  EXPECT_THAT(notesOf(asked), HasSubstr("calls its layers \"transformer.layers\""));
  asked.set("architectures", R"(["MistralForCausalLM"])");
  EXPECT_THAT(notesOf(asked), HasSubstr("architectures: error: "));
  // The spelling of the first converters, and none.
  EXPECT_EQ(notesWith({{"architectures", R"(["LLaMAForCausalLM"])"}}), "");
  EXPECT_EQ(notesWith({{"architectures", "[]"}}), "");
}

TEST(Notes, HeadsThatNoAnswerGoesThrough) {
  TinyCheckpoint tiny;
  tiny.tensors["score.weight"] = {"F32", {2, 8}, ""};
  EXPECT_EQ(notesOf(tiny), "model.safetensors: tensor \"score.weight\": left out: a head that the "
                           "model's answers do not go through\n");
  tiny.tensors["v_head.summary.weight"] = {"I8", {1, 8}, ""};
  tiny.tensors["v_head.summary.bias"] = {"F32", {1}, ""};
  EXPECT_THAT(notesOf(tiny), HasSubstr("tensor \"score.weight\" and 2 more: left out"));
  tiny.set("architectures", R"(["LlamaForSequenceClassification"])");
  EXPECT_THAT(notesOf(tiny), HasSubstr("LlamaForSequenceClassification is compiled as"));
  tiny.tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = {"F32", {2}, ""};
  tiny.tensors["model.rotary_emb.inv_freq"] = {"F32", {2}, ""};
  EXPECT_THAT(notesOf(tiny), testing::Not(HasSubstr("error")));
  tiny.tensors["model.layers.0.self_attn.q_proj.lora_A.weight"] = {"F32", {2, 8}, ""};
  EXPECT_THAT(notesOf(tiny), HasSubstr("lora_A.weight\": error: is not part of the model"));
}

TEST(Notes, AnIndexThatIsWrongOfWhatNobodyNeeds) {
  TinyCheckpoint tiny;
  auto withMap = [&](const std::vector<std::string> &left,
                     const std::map<std::string, std::string> &more) {
    std::string text;
    for (const auto &[name, entry] : tiny.tensors)
      if (!llvm::is_contained(left, name) && !more.count(name))
        text += "\"" + name + "\": \"model.safetensors\",\n";
    for (const auto &[name, file] : more)
      text += "\"" + name + "\": \"" + file + "\",\n";
    tiny.write("model.safetensors.index.json",
               "{\"weight_map\": {" + text.substr(0, text.size() - 2) + "}}");
    return notesOf(tiny);
  };
  EXPECT_EQ(withMap({}, {}), "");
  EXPECT_EQ(withMap({}, {{"lm_head.weight", "model.safetensors"}}),
            "model.safetensors.index.json: weight_map.\"lm_head.weight\": is not in "
            "\"model.safetensors\", and the model does not need it\n");
  EXPECT_THAT(withMap({}, {{"lm_head.weight", "model-00002-of-00002.safetensors"}}),
              HasSubstr("is not in \"model-00002-of-00002.safetensors\", and the model does not"));
  std::string norm = "model.norm.weight";
  EXPECT_THAT(
      withMap({}, {{norm, "model-00002-of-00002.safetensors"}}),
      HasSubstr("\"model.norm.weight\": error: is not in \"model-00002-of-00002.safetensors"));
  EXPECT_THAT(withMap({norm}, {}),
              HasSubstr("tensor \"model.norm.weight\": error: is not in the weight_map of"));
  tiny.tensors["score.weight"] = {"F32", {2, 8}, ""};
  EXPECT_THAT(withMap({"score.weight"}, {}),
              HasSubstr("\"score.weight\": is not in the weight_map of the index, and the model"));
}

TEST(Notes, OfGgufFiles) {
  TinyGguf plain;
  EXPECT_EQ(notesOf(plain), "");
  TinyGguf judge;
  judge.tensor("cls.output.weight").extents = {32, 2};
  EXPECT_THAT(notesOf(judge), HasSubstr("tensor \"cls.output.weight\": left out"));
  TinyGguf old;
  old.tensor("blk.0.attn_rot_embd").extents = {8};
  EXPECT_EQ(notesOf(old), "");
  TinyGguf split;
  split.set("llama.pretraining_tp", u32Value(2));
  EXPECT_THAT(notesOf(split), HasSubstr("llama.pretraining_tp: 2 is how the training was split"));
  TinyGguf windowed;
  windowed.set("llama.attention.sliding_window", u32Value(16));
  EXPECT_EQ(notesOf(windowed), "");
  EXPECT_THAT(notesOf(windowed, 16),
              HasSubstr("llama.attention.sliding_window: a context of 16 never leaves"));
  TinyGguf odd;
  odd.set("llama.note", f32Value(std::numeric_limits<float>::quiet_NaN()));
  odd.set("general.note", f32Value(std::numeric_limits<float>::infinity()));
  EXPECT_EQ(notesOf(odd), "");
  odd.set("llama.rope.freq_base", f32Value(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_THAT(notesOf(odd), HasSubstr("llama.rope.freq_base: error: expected a number"));
  TinyGguf scaled;
  scaled.set("llama.attention.scale", f32Value(0.25f));
  EXPECT_EQ(notesOf(scaled), "");
  scaled.set("llama.attention.scale", f32Value(0.5f));
  EXPECT_THAT(notesOf(scaled), HasSubstr("llama.attention.scale: error: 0.5 is not supported"));
}

} // namespace
