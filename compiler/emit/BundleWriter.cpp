// Writes the file from front to back, but for what is only known at the end: the payload's sums and
// size go into the header and the image's program header last.
//
//   | image | PayloadHeader, zeros | weights | zeros | index |
//     ▲ patched  ▲ written last                    ▲ FlatBuffers
#include "compiler/emit/BundleWriter.h"

#include "compiler/emit/ElfImage.h"
#include "compiler/emit/OutputFile.h"
#include "compiler/emit/WeightWriter.h"
#include "dialects/pack/BlockFormats.h"
#include "runtime/bundle/Payload.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

namespace osscc {
namespace {

/// A format's name in the index: "bf16", "Q4_K".
std::string nameOf(pack::FormatAttr format) {
  if (format.isBlock())
    return pack::rowOf(format).name.str();
  std::string name;
  llvm::raw_string_ostream(name) << format.getCode();
  return name;
}

/// The i-th weight's row of the index.
std::unique_ptr<bundle::WeightT> describe(const pack::Placement &place) {
  pack::WeightOp weight = place.weight;
  auto block = mlir::cast<pack::BlockType>(weight.getType());
  auto row = std::make_unique<bundle::WeightT>();
  row->name = weight.getSymName().str();
  row->shape.assign(block.getShape().begin(), block.getShape().end());
  row->format = nameOf(block.getFormat());
  row->offset = place.offset;
  row->bytes = place.bytes;
  row->parameters = 1;
  for (int64_t extent : block.getShape())
    row->parameters *= extent;
  weight.getRecipe().walk([&](pack::SliceOp slice) {
    if (slice.getTensor())
      row->sources.push_back(slice.getTensor()->str());
  });
  if (row->sources.empty())
    for (llvm::StringRef source :
         llvm::split(weight.getSymName(), '+')) // as pack-fold-recipes joins them
      row->sources.push_back(source.str());
  return row;
}

/// Appends to a part of the payload and sums what goes by.
class PartWriter {
public:
  PartWriter(OutputFile &file) : file(file), start(file.size()) {}

  llvm::Error append(llvm::ArrayRef<char> bytes) {
    sum.update(bytes.data(), bytes.size());
    return file.append(bytes);
  }
  /// Appends zeros up to byte `offset` of the part.
  llvm::Error padTo(uint64_t offset) {
    assert(offset >= bytes() && "parts are written forwards");
    return append(std::vector<char>(offset - bytes(), 0));
  }
  uint64_t bytes() const { return file.size() - start; }
  uint64_t value() const { return sum.value(); }

private:
  OutputFile &file;
  uint64_t start;
  bundle::Checksum sum;
};

llvm::Error writeWeights(llvm::ArrayRef<pack::Placement> places, SourceFiles &sources,
                         PartWriter &part, const WriteOptions &options) {
  uint64_t total = places.empty() ? 0 : places.back().offset + places.back().bytes;
  for (auto [number, place] : llvm::enumerate(places)) {
    if (llvm::Error error = part.padTo(place.offset))
      return error;
    auto sink = [&](llvm::ArrayRef<char> bytes) {
      llvm::Error failed = part.append(bytes);
      if (!failed && options.progress)
        options.progress({number, places.size(), part.bytes(), total});
      return failed;
    };
    if (llvm::Error error = writeWeight(place.weight, sources, *options.threads, sink))
      return error;
    assert(part.bytes() == uint64_t(place.offset + place.bytes) && "a recipe and its type differ");
  }
  return llvm::Error::success();
}

llvm::Error padToPage(OutputFile &file) {
  return file.append(std::vector<char>(
      llvm::offsetToAlignment(file.size(), llvm::Align(bundle::kPayloadAlign)), 0));
}

llvm::Error writeIndex(bundle::BundleT &index, PartWriter &part) {
  flatbuffers::FlatBufferBuilder builder;
  bundle::FinishBundleBuffer(builder, bundle::Bundle::Pack(builder, &index));
  return part.append(
      {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()});
}

/// The image with its segment patched, and the payload's header behind it.
llvm::Error writeHead(OutputFile &file, const llvm::MemoryBuffer &image,
                      bundle::PayloadHeader header) {
  llvm::Expected<ElfImage> placed = placePayload(image, header.payload_bytes);
  if (!placed)
    return placed.takeError();
  if (llvm::Error error = file.overwrite(0, placed->head))
    return error;
  header.header_sum = bundle::headerSum(header);
  return file.overwrite(placed->payloadOffset(),
                        {reinterpret_cast<const char *>(&header), sizeof header});
}

} // namespace

llvm::Expected<Written> writeExecutable(const llvm::MemoryBuffer &image, bundle::BundleT &index,
                                        mlir::ModuleOp module, const WriteOptions &options) {
  llvm::SmallVector<pack::Placement> places = pack::placeWeights(module);
  uint64_t weightBytes = places.empty() ? 0 : places.back().offset + places.back().bytes;
  uint64_t payloadOffset = llvm::alignTo(image.getBufferSize(), bundle::kPayloadAlign);
  uint64_t weightsOffset = payloadOffset + bundle::kPayloadAlign;

  auto file = OutputFile::create(options.output, weightsOffset + weightBytes);
  if (!file)
    return file.takeError();
  if (llvm::Error error = file->append(std::vector<char>(weightsOffset, 0)))
    return error;
  SourceFiles sources(options.sourceFolder);
  PartWriter weights(*file);
  if (llvm::Error error = writeWeights(places, sources, weights, options))
    return error;
  bundle::PayloadHeader header = {};
  std::memcpy(header.magic, bundle::kPayloadMagic, sizeof header.magic);
  header.version = bundle::kPayloadVersion;
  header.header_bytes = sizeof header;
  header.weights_offset = bundle::kPayloadAlign;
  header.weights_bytes = weights.bytes();
  header.weights_sum = weights.value();

  auto origins = options.provenance->take();
  if (!origins)
    return origins.takeError();
  index.version = bundle::kPayloadVersion;
  index.sources = std::move(*origins);
  index.weights.clear();
  for (const pack::Placement &place : places)
    index.weights.push_back(describe(place));
  if (llvm::Error error = padToPage(*file))
    return error;
  header.index_offset = file->size() - payloadOffset;
  PartWriter part(*file);
  if (llvm::Error error = writeIndex(index, part))
    return error;
  header.index_bytes = part.bytes();
  header.index_sum = part.value();
  header.payload_bytes = file->size() - payloadOffset;

  if (llvm::Error error = writeHead(*file, image, header))
    return error;
  Written written = {file->size(), header.weights_bytes, header.index_bytes, sources.losses()};
  if (options.progress)
    options.progress({places.size(), places.size(), weightBytes, weightBytes});
  if (llvm::Error error = file->commit(options.check))
    return error;
  return written;
}

} // namespace osscc
