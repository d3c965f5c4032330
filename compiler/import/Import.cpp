// config.json -> ModelSpec; weights' headers checked against it; graph, tokenizer and template.
// Bytes stay on disk.
#include "compiler/import/Import.h"

#include "compiler/Error.h"
#include "compiler/import/CheckWeights.h"
#include "compiler/import/GenerationConfig.h"
#include "compiler/import/GraphBuilder.h"
#include "compiler/import/TemplateImport.h"
#include "compiler/import/TokenizerImport.h"
#include "compiler/import/families/Families.h"

using namespace llvm;

namespace osscc {

namespace {

Error limitContext(ModelSpec &spec, std::optional<int64_t> context) {
  if (!context)
    return Error::success();
  if (*context < 1 || *context > spec.positions)
    return inputError("--context=" + Twine(*context),
                      "expected 1 to " + Twine(spec.positions) + ", the model's own",
                      "leave the option out for the longest context", /*exitStatus=*/2);
  spec.positions = *context;
  return Error::success();
}

std::unique_ptr<bundle::ModelT> describeModel(const ModelFiles &files, const ModelSpec &spec) {
  auto model = std::make_unique<bundle::ModelT>();
  model->name = files.name;
  model->family = spec.family;
  spec.forEachWeight([&](const WeightSpec &weight) {
    uint64_t elements = 1;
    for (int64_t extent : weight.shape)
      elements *= extent; // within 63 bits: the families bound every extent
    model->parameters += elements;
  });
  model->layers = static_cast<uint32_t>(spec.layers.size());
  model->hidden = static_cast<uint32_t>(spec.hidden);
  model->vocabulary = static_cast<uint32_t>(spec.vocabulary);
  model->context = static_cast<uint64_t>(spec.positions);
  model->licence = readLicence(files);
  return model;
}

} // namespace

Expected<ImportedModel> importModel(mlir::MLIRContext &context, StringRef model,
                                    const ImportOptions &options) {
  Expected<ModelFiles> files = locateModel(model);
  if (!files)
    return files.takeError();
  Expected<ModelSpec> spec = readModelSpec(files->path("config.json"));
  if (!spec)
    return spec.takeError();
  if (Error error = limitContext(*spec, options.context))
    return error;
  Expected<Checkpoint> checkpoint =
      files->sharded ? Checkpoint::readIndex(files->weights) : Checkpoint::readFile(files->weights);
  if (!checkpoint)
    return checkpoint.takeError();
  if (Error error = checkWeights(*spec, *checkpoint))
    return error;
  auto generation = readGenerationConfig(*files, *spec);
  if (!generation)
    return generation.takeError();
  auto tokenizer = importTokenizer(files->folder, spec->vocabulary);
  if (!tokenizer)
    return tokenizer.takeError();
  auto chatTemplate = importTemplate(files->folder);
  if (!chatTemplate)
    return chatTemplate.takeError();
  auto sources = describeSources(*files, checkpoint->paths());
  if (!sources)
    return sources.takeError();

  ImportedModel imported;
  imported.folder = files->folder;
  imported.assets.model = describeModel(*files, *spec);
  imported.assets.generation = std::move(*generation);
  imported.assets.tokenizer = std::move(*tokenizer);
  imported.assets.template_ = std::move(*chatTemplate);
  imported.assets.sources = std::move(*sources);
  imported.module = buildGraph(context, *spec, *checkpoint);
  return imported;
}

} // namespace osscc
