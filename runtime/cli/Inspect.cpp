// What is inside the executable: the model, its tensors and layouts, what it was made from.
#include "runtime/base/File.h"
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace osscc::rt::cli {
namespace {

std::string_view text(const flatbuffers::String *s) {
  return s ? std::string_view(s->c_str(), s->size()) : "";
}

boost::json::array
strings(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>> *list) {
  boost::json::array array;
  for (size_t i = 0; list && i < list->size(); ++i)
    array.emplace_back(text(list->Get(i)));
  return array;
}

boost::json::object describeModel(const bundle::Model &m) {
  return {{"name", text(m.name())},
          {"family", text(m.family())},
          {"parameters", m.parameters()},
          {"layers", m.layers()},
          {"hidden", m.hidden()},
          {"vocabulary", m.vocabulary()},
          {"context", m.context()},
          {"licence", text(m.licence())},
          {"licence_class", nameOf(m.licence_class())}};
}

boost::json::object describeGeneration(const bundle::Generation &g) {
  boost::json::array eos;
  for (size_t i = 0; g.eos() && i < g.eos()->size(); ++i)
    eos.emplace_back(g.eos()->Get(i));
  return {{"do_sample", g.do_sample()},
          {"temperature", g.temperature()},
          {"top_k", g.top_k()},
          {"top_p", g.top_p()},
          {"min_p", g.min_p()},
          {"repetition_penalty", g.repetition_penalty()},
          {"eos", eos},
          {"bos", g.bos()}};
}

boost::json::object describeWeight(const bundle::Weight &w) {
  boost::json::array shape;
  for (size_t i = 0; w.shape() && i < w.shape()->size(); ++i)
    shape.emplace_back(w.shape()->Get(i));
  return {{"name", text(w.name())},         {"shape", shape},     {"format", text(w.format())},
          {"offset", w.offset()},           {"bytes", w.bytes()}, {"parameters", w.parameters()},
          {"sources", strings(w.sources())}};
}

boost::json::array describeTemplates(const bundle::Bundle &index) {
  boost::json::array templates;
  for (size_t i = 0; index.templates() && i < index.templates()->size(); ++i) {
    const bundle::Template *each = index.templates()->Get(i);
    templates.push_back(boost::json::object{{"name", text(each->name())},
                                            {"file", text(each->file())},
                                            {"source", text(each->source())},
                                            {"strings", strings(each->strings())}});
  }
  return templates;
}

/// Null for a model whose answers are plain text.
boost::json::value describeChatFormat(const bundle::ChatFormat *format) {
  if (!format)
    return nullptr;
  boost::json::array modes, ends;
  for (size_t i = 0; format->modes() && i < format->modes()->size(); ++i) {
    const bundle::ReasoningMode *mode = format->modes()->Get(i);
    modes.push_back(boost::json::object{{"name", text(mode->name())},
                                        {"variables", text(mode->variables())},
                                        {"word", text(mode->word())},
                                        {"prefill", text(mode->prefill())}});
  }
  for (size_t i = 0; format->turn_ends() && i < format->turn_ends()->size(); ++i)
    ends.emplace_back(format->turn_ends()->Get(i));
  bool isHarmony = format->style() == bundle::AnswerStyle::Harmony;
  return boost::json::object{{"style", isHarmony ? "harmony" : "tags"},
                             {"begin", text(format->begin())},
                             {"end", text(format->end())},
                             {"close", text(format->close())},
                             {"modes", modes},
                             {"usual", text(format->usual())},
                             {"fixed", format->fixed()},
                             {"variables", strings(format->variables())},
                             {"turn_ends", ends}};
}

/// The name of the format in which tools are called; null: not known.
boost::json::value toolCallsOf(const bundle::Bundle &index) {
  if (index.tool_calls())
    return boost::json::value(text(index.tool_calls()->name()));
  const bundle::ChatFormat *format = index.chat_format();
  return format && format->style() == bundle::AnswerStyle::Harmony ? boost::json::value("harmony")
                                                                   : nullptr;
}

boost::json::object describeSpecialTokens(const bundle::Bundle &index) {
  boost::json::object tokens;
  for (size_t i = 0; index.special_tokens() && i < index.special_tokens()->size(); ++i)
    tokens[text(index.special_tokens()->Get(i)->name())] =
        text(index.special_tokens()->Get(i)->text());
  return tokens;
}

std::string_view kindOf(const OssccImage &image) {
  return image.kind == OSSCC_IMAGE_PTX ? "ptx" : "cubin";
}

/// One compiled model; of a device's also its images and kernels.
boost::json::object describeTier(const OssccModel &model) {
  boost::json::object tier{{"target", model.target}, {"features", model.features}};
  if (deviceOf(model).empty())
    return tier;
  boost::json::array images, kernels;
  for (int64_t i = 0; i < model.image_count; ++i)
    images.push_back(boost::json::object{{"target", model.images[i].target},
                                         {"kind", kindOf(model.images[i])},
                                         {"bytes", model.images[i].bytes}});
  for (int64_t k = 0; k < model.kernel_count; ++k)
    kernels.push_back(boost::json::object{{"name", model.kernels[k].name},
                                          {"shared_bytes", model.kernels[k].shared_bytes}});
  tier["device"] = deviceOf(model);
  tier["images"] = images;
  tier["kernels"] = kernels;
  return tier;
}

boost::json::object describe(const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  boost::json::array weights, sources, models;
  for (const bundle::Weight *w : *index.weights())
    weights.push_back(describeWeight(*w));
  for (const bundle::Source *s : *index.sources())
    sources.push_back(boost::json::object{
        {"file", text(s->file())}, {"bytes", s->bytes()}, {"sha256", text(s->sha256())}});
  for (int64_t i = 0; i < assistant.module.model_count; ++i)
    models.push_back(describeTier(*assistant.module.models[i]));
  boost::json::object object{{"model", describeModel(*index.model())},
                             {"target", text(index.target())},
                             {"tiers", models},
                             {"osscc_version", text(index.osscc_version())},
                             {"flags", strings(index.flags())},
                             {"generation", describeGeneration(*index.generation())},
                             {"system", nullptr},
                             {"templates", describeTemplates(index)},
                             {"special_tokens", describeSpecialTokens(index)},
                             {"chat_format", describeChatFormat(index.chat_format())},
                             {"tool_calls", toolCallsOf(index)},
                             {"weights", weights},
                             {"sources", sources}};
  if (index.system())
    object["system"] = text(index.system());
  return object;
}

std::string table(const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  const bundle::Model &m = *index.model();
  std::string out;
  auto line = [&](std::string_view key, std::string_view value) {
    fmt::format_to(std::back_inserter(out), "{:<12}{}\n", key, value);
  };
  line("model",
       fmt::format("{} ({}), {} parameters, {} layers, hidden {}, vocabulary {}, context {}",
                   text(m.name()), text(m.family()), m.parameters(), m.layers(), m.hidden(),
                   m.vocabulary(), m.context()));
  line("licence", fmt::format("{} ({})", text(m.licence()), nameOf(m.licence_class())));
  for (int64_t i = 0; i < assistant.module.model_count; ++i) {
    const OssccModel &tier = *assistant.module.models[i];
    bool isForDevice = !deviceOf(tier).empty();
    line("target",
         fmt::format("{} ({})", tier.target,
                     isForDevice ? fmt::format("{}, {} kernels", deviceOf(tier), tier.kernel_count)
                                 : tier.features));
    for (int64_t j = 0; isForDevice && j < tier.image_count; ++j)
      line("image", fmt::format("{} {} {} bytes", kindOf(tier.images[j]), tier.images[j].target,
                                tier.images[j].bytes));
  }
  line("osscc", text(index.osscc_version()));
  for (size_t i = 0; index.flags() && i < index.flags()->size(); ++i)
    line("flag", text(index.flags()->Get(i)));
  for (size_t i = 0; index.templates() && i < index.templates()->size(); ++i)
    line("template", fmt::format("{} of {}", text(index.templates()->Get(i)->name()),
                                 text(index.templates()->Get(i)->file())));
  for (size_t i = 0; index.special_tokens() && i < index.special_tokens()->size(); ++i)
    line("token", fmt::format("{} {}", text(index.special_tokens()->Get(i)->name()),
                              boost::json::serialize(boost::json::value(
                                  text(index.special_tokens()->Get(i)->text())))));
  for (const bundle::Source *s : *index.sources())
    line("source",
         fmt::format("{} {} bytes sha256 {}", text(s->file()), s->bytes(), text(s->sha256())));
  for (const bundle::Weight *w : *index.weights()) {
    std::vector<int64_t> shape;
    if (w->shape())
      shape.assign(w->shape()->begin(), w->shape()->end());
    line("weight", fmt::format("{:<32} {:>16} {:<12} {:>12} bytes at {}", text(w->name()),
                               fmt::format("{}", fmt::join(shape, "x")), text(w->format()),
                               w->bytes(), w->offset()));
  }
  return out;
}

} // namespace

Status runInspect(const Assistant &assistant) {
  if (assistant.options.json)
    return writeOutput(boost::json::serialize(describe(assistant)) + "\n");
  return writeOutput(table(assistant));
}

} // namespace osscc::rt::cli
