// Source of names and meanings: the reference's GenerationConfig.
#include "compiler/import/GenerationConfig.h"

#include "compiler/import/json/TokenIds.h"
#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

namespace {

/// A way of choosing tokens that is not implemented, the value that turns it off, and what it needs
/// to do anything.
enum class Needs { Nothing, Sampling, Beams };
struct Unsupported {
  StringLiteral name;
  double off;
  Needs needs = Needs::Nothing;
};
constexpr Unsupported kUnsupported[] = {{"num_beams", 1},
                                        {"num_beam_groups", 1, Needs::Beams},
                                        {"diversity_penalty", 0, Needs::Beams},
                                        {"typical_p", 1, Needs::Sampling},
                                        {"epsilon_cutoff", 0, Needs::Sampling},
                                        {"eta_cutoff", 0, Needs::Sampling},
                                        {"top_h", 0, Needs::Sampling},
                                        {"penalty_alpha", 0},
                                        {"no_repeat_ngram_size", 0},
                                        {"encoder_repetition_penalty", 1},
                                        {"guidance_scale", 1},
                                        {"bad_words_ids", 0},
                                        {"suppress_tokens", 0},
                                        {"begin_suppress_tokens", 0},
                                        {"sequence_bias", 0},
                                        {"forced_bos_token_id", -1},
                                        {"forced_eos_token_id", -1},
                                        {"min_length", 0},
                                        {"min_new_tokens", 0},
                                        {"stop_strings", 0},
                                        {"watermarking_config", 0},
                                        {"dola_layers", 0}};

void checkUnsupported(JsonFields &fields, bool samples) {
  const json::Value *beams = fields.fields().get("num_beams");
  bool hasBeams = beams && beams->getAsNumber().value_or(1) != 1;
  for (const Unsupported &field : kUnsupported) {
    if (!fields.has(field.name))
      continue;
    const json::Value &value = *fields.fields().get(field.name);
    const json::Array *list = value.getAsArray();
    bool off = (list && list->empty()) || value.getAsNumber() == field.off ||
               value.getAsBoolean() == false;
    if (off)
      continue;
    if (field.needs == Needs::Sampling && !samples)
      fields.note(field.name, describe(value) +
                                  " is not used: nothing is sampled, for do_sample is "
                                  "false");
    else if (field.needs == Needs::Beams && !hasBeams)
      fields.note(field.name, describe(value) + " is not used: there are no beams");
    else
      fields.fail(field.name, describe(value) + " would change the answers and is not supported",
                  "remove the field; sampling can be set when the executable runs");
  }
}

/// A number that sampling reads. Where nothing is sampled, one out of range stops nobody.
double samplingNumber(JsonFields &fields, bool samples, StringRef key, double smallest,
                      double largest, double fallback) {
  JsonFields trial(fields.file(), fields.fields());
  trial.number(key, smallest, largest, fallback);
  if (samples || !trial.failed())
    return fields.number(key, smallest, largest, fallback);
  fields.note(key, describe(*fields.fields().get(key)) +
                       " is not used: nothing is sampled, for do_sample is false");
  return fallback;
}

/// The ids of this file, or those of config.json if it has none; then the tokenizer's, which
/// fine-tunes change alone.
std::vector<int32_t> readEnds(JsonFields &fields, const ModelSpec &spec,
                              std::optional<int64_t> end) {
  SmallVector<int64_t> ids = fields.has("eos_token_id")
                                 ? readTokenIds(fields, "eos_token_id", spec.vocabulary)
                                 : spec.endTokens;
  if (end && !is_contained(ids, *end))
    ids.push_back(*end);
  return {ids.begin(), ids.end()};
}

} // namespace

Expected<std::unique_ptr<bundle::GenerationT>> readGenerationConfig(const ModelFiles &files,
                                                                    const ModelSpec &spec,
                                                                    std::optional<int64_t> end,
                                                                    Notes *notes) {
  json::Object none;
  JsonFields absent("generation_config.json", none);
  if (!files.hasWords("generation_config.json"))
    return readGenerationConfig(absent, spec, end);
  std::string path = files.wordsPath("generation_config.json");
  Expected<json::Value> value = readJsonFile(path, kLargestConfig, notes);
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  if (!object)
    return inputError(path, "expected an object, found " + describe(*value));
  JsonFields fields(path, *object);
  fields.collect(notes);
  return readGenerationConfig(fields, spec, end);
}

Expected<std::unique_ptr<bundle::GenerationT>>
readGenerationConfig(JsonFields &fields, const ModelSpec &spec, std::optional<int64_t> end) {
  auto generation = std::make_unique<bundle::GenerationT>();
  generation->eos = readEnds(fields, spec, end);
  generation->bos = static_cast<int32_t>(spec.beginToken.value_or(-1));
  bool samples = fields.boolean("do_sample", false);
  auto number = [&](StringRef key, double smallest, double largest, double fallback) {
    return static_cast<float>(samplingNumber(fields, samples, key, smallest, largest, fallback));
  };
  generation->do_sample = samples;
  generation->temperature = number("temperature", 0, 1000, 1);
  generation->top_k = static_cast<int32_t>(fields.integer("top_k", 0, INT32_MAX, 0));
  generation->top_p = number("top_p", 1e-6, 1, 1);
  generation->min_p = number("min_p", 0, 1, 0);
  generation->repetition_penalty =
      static_cast<float>(fields.number("repetition_penalty", 0.01, 100, 1));
  if (auto begin = readTokenIds(fields, "bos_token_id", spec.vocabulary); !begin.empty())
    generation->bos = static_cast<int32_t>(begin.front());
  skipTokenId(fields, "pad_token_id");
  checkUnsupported(fields, samples);
  if (Error error = fields.takeError())
    return error;
  return generation;
}

} // namespace osscc
