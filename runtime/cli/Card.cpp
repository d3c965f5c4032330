// The model card: what the executable is, what it needs, what is not known of it, and how to make
// it again. All of it is read from the executable itself.
#include "runtime/base/File.h"
#include "runtime/cli/Commands.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace osscc::rt::cli {
namespace {

namespace json = boost::json;

std::string_view text(const flatbuffers::String *s) {
  return s ? s->string_view() : std::string_view();
}

/// "1.24 GiB".
std::string size(double bytes) {
  constexpr const char *kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit)
    bytes /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

/// "134 million", "1.2 billion".
std::string count(uint64_t number) {
  if (number >= 1'000'000'000)
    return fmt::format("{:.1f} billion", double(number) / 1e9);
  if (number >= 1'000'000)
    return fmt::format("{} million", (number + 500'000) / 1'000'000);
  return fmt::format("{}", number);
}

/// Bytes of the caches of so many positions. Source: osscc_ring_pages.
int64_t cacheBytes(const OssccModel &model, int64_t positions) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < model.cache_group_count; ++i) {
    const OssccCacheGroup &group = model.cache_groups[i];
    int64_t pages = (positions + group.rows_per_page - 1) / group.rows_per_page;
    if (group.kind == OSSCC_CACHE_WINDOW)
      pages = std::min(pages, osscc_ring_pages(group.window, model.max_rows, group.rows_per_page));
    bytes += pages * group.bytes_per_page;
  }
  return bytes;
}

struct Stored {
  uint64_t bytes = 0, parameters = 0, tensors = 0;
};

/// Weights by their storage.
std::map<std::string, Stored> storage(const bundle::Bundle &index) {
  std::map<std::string, Stored> all;
  for (const bundle::Weight *weight : *index.weights()) {
    Stored &stored = all[std::string(text(weight->format()))];
    stored.bytes += weight->bytes();
    stored.parameters += weight->parameters();
    ++stored.tensors;
  }
  return all;
}

json::array storageJson(const bundle::Bundle &index) {
  json::array all;
  for (const auto &[format, stored] : storage(index))
    all.push_back(json::object{{"format", format},
                               {"tensors", stored.tensors},
                               {"parameters", stored.parameters},
                               {"bytes", stored.bytes}});
  return all;
}

/// What one of the compiled models wants of a machine.
std::string needs(const OssccModel &tier) {
  if (deviceOf(tier).empty())
    return fmt::format("{}, with {}", tier.target, tier.features);
  return fmt::format("{}, an NVIDIA card with its driver", tier.target);
}

json::object memoryJson(const Assistant &assistant) {
  const OssccModel &model = *assistant.module.models[0];
  uint64_t weights = 0;
  for (const bundle::Weight *weight : *assistant.bundle.index().weights())
    weights += weight->bytes();
  return {
      {"weights_bytes", weights},
      {"cache_bytes_of_1024_positions", cacheBytes(model, std::min<int64_t>(1024, model.context))},
      {"cache_bytes_of_full_context", cacheBytes(model, model.context)},
      {"scratch_bytes", model.arena_bytes}};
}

/// Null for a model whose answers are plain text.
json::value reasoningJson(const bundle::ChatFormat *format) {
  if (!format)
    return nullptr;
  json::array modes;
  for (size_t i = 0; format->modes() && i < format->modes()->size(); ++i)
    modes.emplace_back(text(format->modes()->Get(i)->name()));
  return json::object{{"modes", modes},
                      {"usual", text(format->usual())},
                      {"fixed_at_compile_time", format->fixed()}};
}

json::array strings(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>> *list) {
  json::array all;
  for (size_t i = 0; list && i < list->size(); ++i)
    all.emplace_back(text(list->Get(i)));
  return all;
}

json::array sourcesJson(const bundle::Bundle &index) {
  json::array all;
  for (const bundle::Source *source : *index.sources())
    all.push_back(json::object{{"file", text(source->file())},
                               {"bytes", source->bytes()},
                               {"sha256", text(source->sha256())}});
  return all;
}

json::object cardJson(const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  const bundle::Model &model = *index.model();
  json::array tiers, licences;
  for (int64_t i = 0; i < assistant.module.model_count; ++i) {
    const OssccModel &tier = *assistant.module.models[i];
    tiers.push_back(json::object{{"target", tier.target}, {"features", tier.features}});
    if (!deviceOf(tier).empty())
      tiers.back().as_object()["device"] = deviceOf(tier);
  }
  for (size_t i = 0; index.licences() && i < index.licences()->size(); ++i)
    licences.emplace_back(text(index.licences()->Get(i)->file()));
  return {{"name", text(model.name())},
          {"family", text(model.family())},
          {"parameters", model.parameters()},
          {"layers", model.layers()},
          {"hidden", model.hidden()},
          {"vocabulary", model.vocabulary()},
          {"experts_chosen", model.experts_chosen()},
          {"licence", text(model.licence())},
          {"licence_class", nameOf(model.licence_class())},
          {"licence_texts", licences},
          {"storage", storageJson(index)},
          {"targets", tiers},
          {"context", model.context()},
          {"memory", memoryJson(assistant)},
          {"reasoning", reasoningJson(index.chat_format())},
          {"has_chat_template", index.templates() && index.templates()->size() > 0},
          {"has_system_message", index.system() != nullptr},
          {"quality", nullptr},
          {"osscc_version", text(index.osscc_version())},
          {"flags", strings(index.flags())},
          {"sources", sourcesJson(index)}};
}

class Markdown {
public:
  void line(std::string_view words = {}) { out.append(words).append("\n"); }
  void title(std::string_view words) { line(fmt::format("\n## {}\n", words)); }
  void row(std::string_view key, std::string_view value) {
    line(fmt::format("| {} | {} |", key, escaped(value)));
  }
  void head() {
    line("| | |");
    line("|---|---|");
  }
  /// A text that a table or a list can hold, whatever is in it.
  static std::string escaped(std::string_view words) {
    std::string safe;
    for (char c : words) {
      if (std::string_view("|<>\\`").contains(c))
        safe += '\\';
      safe += c == '\n' || c == '\r' ? ' ' : c;
    }
    return safe;
  }
  std::string out;
};

void writeModel(Markdown &card, const Assistant &assistant) {
  const bundle::Bundle &index = assistant.bundle.index();
  const bundle::Model &model = *index.model();
  card.line(fmt::format("# {}\n", Markdown::escaped(text(model.name()))));
  card.line(fmt::format("A language model in one executable, made by osscc {}. This card is what "
                        "the executable says of itself.\n",
                        text(index.osscc_version())));
  card.head();
  card.row("family", text(model.family()));
  card.row("size", fmt::format("{} parameters, {} layers, hidden size {}, vocabulary {}",
                               count(model.parameters()), model.layers(), model.hidden(),
                               model.vocabulary()));
  if (model.experts_chosen() > 0)
    card.row("experts",
             fmt::format("{} of each layer's are chosen for a token", model.experts_chosen()));
  card.row("licence of the weights",
           fmt::format("{} ({}); the command licenses prints its text", text(model.licence()),
                       nameOf(model.licence_class())));
  for (int64_t i = 0; i < assistant.module.model_count; ++i)
    card.row(i == 0 ? "runs on" : "and on", needs(*assistant.module.models[i]));
}

void writeStorage(Markdown &card, const bundle::Bundle &index) {
  card.title("How the weights are stored");
  card.line("| storage | tensors | weights | bytes | bytes a weight |");
  card.line("|---|---:|---:|---:|---:|");
  for (const auto &[format, stored] : storage(index))
    card.line(fmt::format("| {} | {} | {} | {} | {:.3f} |", Markdown::escaped(format),
                          stored.tensors, count(stored.parameters), size(double(stored.bytes)),
                          double(stored.bytes) / double(std::max<uint64_t>(stored.parameters, 1))));
}

void writeMemory(Markdown &card, const Assistant &assistant) {
  const OssccModel &model = *assistant.module.models[0];
  json::object memory = memoryJson(assistant);
  auto bytes = [&](const char *key) { return size(memory.at(key).to_number<double>()); };
  card.title("Context and memory");
  card.head();
  card.row("longest context", fmt::format("{} tokens", model.context));
  card.row("weights", bytes("weights_bytes") + ", read from the file as they are needed");
  card.row(fmt::format("cache of {} tokens", std::min<int64_t>(1024, model.context)),
           bytes("cache_bytes_of_1024_positions"));
  card.row("cache of the longest context", bytes("cache_bytes_of_full_context"));
  card.row("scratch", bytes("scratch_bytes"));
}

void writeUse(Markdown &card, const bundle::Bundle &index) {
  const bundle::Generation &generation = *index.generation();
  const bundle::ChatFormat *format = index.chat_format();
  card.title("Use");
  card.head();
  bool chats = index.templates() && index.templates()->size() > 0;
  card.row("chat",
           chats ? "by the template of the model's makers" : "no template: it continues texts");
  card.row("default system message", index.system() ? "one is baked in" : "none");
  std::vector<std::string_view> modes;
  for (size_t i = 0; format && format->modes() && i < format->modes()->size(); ++i)
    modes.push_back(text(format->modes()->Get(i)->name()));
  card.row("reasoning", modes.empty() ? "none"
                        : format->fixed()
                            ? fmt::format("{}, fixed at compile time", modes.front())
                            : fmt::format("{}; usual: {}", fmt::join(modes, ", "),
                                          text(format->usual()).empty() ? "the template's own"
                                                                        : text(format->usual())));
  card.row("sampling", !generation.do_sample()
                           ? std::string("the most likely token")
                           : fmt::format("temperature {}, top-k {}, top-p {}, min-p {}",
                                         generation.temperature(), generation.top_k(),
                                         generation.top_p(), generation.min_p()));
}

void writeLimits(Markdown &card) {
  card.title("Quality and limits");
  card.line("- No quality was measured when this executable was made. What the model's makers "
            "measured holds for their weights, and for these as far as the storage above loses "
            "nothing.");
  card.line("- It takes and gives text alone.");
  card.line("- It may state what is false, and repeat what is wrong in the text that it learned "
            "from. What matters is to be checked.");
  card.line("- Beyond the longest context nothing is seen. A chat then hides its oldest turns, and "
            "says so.");
  card.line("- It makes no network call of its own. `verify` checks its weights against damage.");
}

void writeSources(Markdown &card, const bundle::Bundle &index) {
  card.title("How to make it again");
  std::string flags;
  for (size_t i = 0; index.flags() && i < index.flags()->size(); ++i)
    flags += " " + std::string(text(index.flags()->Get(i)));
  card.line(fmt::format("osscc {} gives the same bytes from the same files:\n",
                        text(index.osscc_version())));
  card.line(fmt::format("    osscc {}{} -o assistant\n", text(index.model()->name()), flags));
  card.line("| file | bytes | sha256 |");
  card.line("|---|---:|---|");
  for (const bundle::Source *source : *index.sources())
    card.line(fmt::format("| {} | {} | `{}` |", Markdown::escaped(text(source->file())),
                          source->bytes(), text(source->sha256())));
}

} // namespace

Status runCard(const Assistant &assistant) {
  if (assistant.options.json)
    return writeOutput(json::serialize(cardJson(assistant)) + "\n");
  const bundle::Bundle &index = assistant.bundle.index();
  Markdown card;
  writeModel(card, assistant);
  writeStorage(card, index);
  writeMemory(card, assistant);
  writeUse(card, index);
  writeLimits(card);
  writeSources(card, index);
  return writeOutput(card.out);
}

} // namespace osscc::rt::cli
