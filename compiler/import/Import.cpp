// Either format -> ModelSpec; weights' headers checked against it; graph, tokenizer and templates.
// Bytes stay on disk.
#include "compiler/import/Import.h"

#include "compiler/import/Context.h"
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/GraphBuilder.h"
#include "compiler/import/Licence.h"
#include "compiler/import/checkpoint/CheckWeights.h"
#include "compiler/import/checkpoint/Safetensors.h"
#include "compiler/import/checkpoint/gguf/Tensors.h"
#include "compiler/import/families/Families.h"
#include "compiler/import/template/ChatFormat.h"
#include "compiler/import/template/Find.h"
#include "compiler/import/tokenizer/Tokenizer.h"
#include "support/Error.h"

using namespace llvm;

namespace osscc {

namespace {

/// What a format's readers give.
struct Parts {
  ModelSpec spec;
  Checkpoint checkpoint;
  std::unique_ptr<bundle::GenerationT> generation;
  ImportedTokenizer tokenizer;
  ChatTemplates templates;
  Licence licence;
  Notes notes;
};

/// The checkpoint's own templates, or what --chat-template puts in their place.
Error takeTemplates(const ImportOptions &options, function_ref<Expected<ChatTemplates>()> importOwn,
                    Parts &out) {
  if (options.chatTemplate == "none")
    return Error::success();
  auto templates = options.chatTemplate ? readTemplate(*options.chatTemplate) : importOwn();
  return std::move(templates).moveInto(out.templates);
}

Error readHuggingFace(const ModelFiles &files, const ImportOptions &options, Parts &out) {
  Notes *notes = &out.notes;
  if (Error error = readModelSpec(files.path("config.json"), notes).moveInto(out.spec))
    return error;
  if (Error error = limitContext(out.spec, options.context, notes))
    return error;
  auto checkpoint =
      files.sharded ? readSafetensorsIndex(files.weights, notes) : readSafetensors(files.weights);
  if (Error error = std::move(checkpoint).moveInto(out.checkpoint))
    return error;
  if (Error error = matchNames(out.spec, out.checkpoint, notes))
    return error;
  if (out.spec.mxfp4Pairs)
    if (Error error = out.checkpoint.zipMxfp4())
      return error;
  if (out.spec.fp8Block != 0)
    if (Error error = out.checkpoint.joinScales(out.spec.fp8Block))
      return error;
  if (Error error = checkWeights(out.spec, out.checkpoint, notes))
    return error;
  FolderJson folder(files.words, notes);
  auto tokenizer = importTokenizer(folder, out.spec.vocabulary);
  if (Error error = std::move(tokenizer).moveInto(out.tokenizer))
    return error;
  auto generation = readGenerationConfig(files, out.spec, out.tokenizer.end, notes);
  if (Error error = std::move(generation).moveInto(out.generation))
    return error;
  out.licence = readLicence(files, notes);
  return takeTemplates(options, [&] { return importTemplates(folder); }, out);
}

/// Takes the frequencies of every layer that has rope from the tensor that scales them, where there
/// is one.
Error readRopeDivisors(const GgufFile &file, ModelSpec &spec) {
  for (LayerSpec &layer : spec.layers) {
    if (!layer.attention.rope)
      continue;
    RopeSpec &rope = *layer.attention.rope;
    auto divisors = readGgufRopeDivisors(file, rope.dims);
    if (!divisors)
      return divisors.takeError();
    if (divisors->empty())
      return Error::success();
    if (rope.scaling)
      return inputError(file.path() + ": tensor \"rope_freqs.weight\"",
                        "scales positions, and so does the metadata",
                        "the file looks damaged; fetch it again");
    rope.scaling = {.kind = "divisors", .divisors = std::move(*divisors)};
  }
  return Error::success();
}

/// The model that the metadata describes.
Expected<ModelSpec> readSpec(const GgufFile &file, const GgufArchitecture &architecture,
                             Notes *notes) {
  Expected<GgufFields> config = readGgufConfig(file, architecture);
  if (!config)
    return config.takeError();
  JsonFields fields(file.path(), config->fields);
  fields.spell(config->keys);
  fields.collect(notes);
  Expected<ModelSpec> spec = readModelSpec(fields);
  if (!spec)
    return spec.takeError();
  if (!architecture.completesHeads) // which takes them for what else they say
    if (Error error = readRopeDivisors(file, *spec))
      return error;
  spec->roundsEmbeddingScale = false; // the reference reader has f32, whatever a table's type
  return spec;
}

Error readGguf(const ModelFiles &files, const ImportOptions &options, Parts &out) {
  Notes *notes = &out.notes;
  Expected<GgufFile> file = GgufFile::read(files.weights);
  if (!file)
    return file.takeError();
  auto architecture = findGgufArchitecture(*file);
  if (!architecture)
    return architecture.takeError();
  if (Error error = readSpec(*file, **architecture, notes).moveInto(out.spec))
    return error;
  if (Error error = limitContext(out.spec, options.context, notes))
    return error;
  if (Error error = readGgufTensors(*file, **architecture, notes).moveInto(out.checkpoint))
    return error;
  if (Error error = checkWeights(out.spec, out.checkpoint, notes))
    return error;
  auto generation = readGgufGeneration(*file);
  if (!generation)
    return generation.takeError();
  JsonFields fields(file->path(), generation->fields);
  fields.spell(generation->keys);
  fields.collect(notes);
  auto tokenizer = importGgufTokenizer(*file, out.spec.vocabulary, notes);
  if (Error error = std::move(tokenizer).moveInto(out.tokenizer))
    return error;
  // The ends that the metadata names are in the spec, with their tokens' texts.
  if (Error error = readGenerationConfig(fields, out.spec, std::nullopt).moveInto(out.generation))
    return error;
  if (Error error = readGgufLicence(*file).moveInto(out.licence.name))
    return error;
  out.licence.kind = classifyLicence(out.licence.name);
  return takeTemplates(options, [&] { return importGgufTemplates(*file); }, out);
}

/// The tokens that templates know by name.
std::vector<std::unique_ptr<bundle::NamedTokenT>> describeTokens(const SpecialNames &names) {
  std::vector<std::unique_ptr<bundle::NamedTokenT>> tokens;
  names.forEach([&](StringRef name, StringRef text) {
    auto token = std::make_unique<bundle::NamedTokenT>();
    token->name = name.str();
    token->text = text.str();
    tokens.push_back(std::move(token));
  });
  return tokens;
}

std::unique_ptr<bundle::ModelT> describeModel(const ModelFiles &files, const Parts &parts) {
  const ModelSpec &spec = parts.spec;
  auto model = std::make_unique<bundle::ModelT>();
  model->name = files.name;
  model->family = spec.family;
  spec.forEachWeight([&](const WeightSpec &weight) {
    uint64_t elements = 1;
    for (int64_t extent : weight.shape)
      elements *= extent; // within 63 bits: the families bound every extent
    model->parameters += elements;
  });
  for (const LayerSpec &layer : spec.layers)
    if (const auto *experts = std::get_if<ExpertsSpec>(&layer.feedForward))
      model->experts_chosen = static_cast<uint32_t>(experts->chosen);
  model->layers = static_cast<uint32_t>(spec.layers.size());
  model->hidden = static_cast<uint32_t>(spec.hidden);
  model->vocabulary = static_cast<uint32_t>(spec.vocabulary);
  model->context = static_cast<uint64_t>(spec.positions);
  model->licence = parts.licence.name;
  model->licence_class = parts.licence.kind;
  return model;
}

} // namespace

Expected<ImportedModel> importModel(mlir::MLIRContext &context, StringRef model,
                                    const ImportOptions &options) {
  Expected<ModelFiles> files = locateModel(model);
  if (!files)
    return files.takeError();
  Parts parts;
  if (Error error =
          files->gguf ? readGguf(*files, options, parts) : readHuggingFace(*files, options, parts))
    return error;
  auto sources = describeSources(*files, parts.checkpoint.paths());
  if (!sources)
    return sources.takeError();

  ImportedModel imported;
  imported.folder = files->folder;
  imported.notes = std::move(parts.notes);
  imported.assets.model = describeModel(*files, parts);
  imported.assets.generation = std::move(parts.generation);
  imported.assets.tokenizer = std::move(parts.tokenizer.tables);
  imported.assets.templates = std::move(parts.templates);
  imported.assets.special_tokens = describeTokens(parts.tokenizer.names);
  imported.assets.chat_format = deriveChatFormat(imported.assets);
  imported.assets.tool_calls = deriveToolCalls(imported.assets);
  if (options.reasoning)
    if (Error error = fixReasoning(imported.assets, *options.reasoning))
      return error;
  imported.assets.licences = std::move(parts.licence.texts);
  imported.assets.sources = std::move(*sources);
  imported.module = buildGraph(context, parts.spec, parts.checkpoint);
  return imported;
}

} // namespace osscc
