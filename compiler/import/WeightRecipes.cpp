#include "compiler/import/WeightRecipes.h"

#include "compiler/import/checkpoint/Forms.h"
#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/gguf/Types.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace osscc {

Type WeightRecipes::elementOf(const Tensor &tensor) {
  if (tensor.dtype == "F16")
    return builder.getF16Type();
  return tensor.dtype == "BF16" ? Type(builder.getBF16Type()) : Type(builder.getF32Type());
}

const Tensor &WeightRecipes::tensorOf(const WeightSpec &weight) {
  return *checkpoint.find(formOf(weight, checkpoint).tensors.front());
}

/// Whether the tensor's blocks have no format: what they decode to is stored instead.
bool WeightRecipes::isDecoded(const Tensor &tensor) {
  const pack::gguf::Type *type = pack::gguf::findType(StringRef(tensor.dtype));
  return type && type->elements > 1 && !pack::findFormat(builder.getContext(), tensor.dtype);
}

/// What rows of a tensor's type are in `shape`: !pack.source, or !pack.block for block formats.
Type WeightRecipes::storedType(ArrayRef<int64_t> shape, const Tensor &tensor) {
  MLIRContext *context = builder.getContext();
  if (pack::FormatAttr format = pack::findFormat(context, tensor.dtype))
    return pack::BlockType::get(context, shape, format, pack::Layout::Rows);
  return pack::SourceType::get(context, shape, elementOf(tensor));
}

/// Bytes of a file of the checkpoint, which hold the tensor of the name.
pack::SliceOp WeightRecipes::slice(Type type, uint32_t file, uint64_t offset, StringAttr tensor) {
  StringRef path = llvm::sys::path::filename(checkpoint.paths()[file]);
  return pack::SliceOp::create(builder, loc, type, path, static_cast<int64_t>(offset), tensor);
}

/// Whether the weight's rows follow each other in the tensor: others need not be read.
static bool isPartOfRows(const StoredForm &form) {
  return form.allRows != 0 && form.someRows == 0 && form.headParts.empty() && !form.transposed;
}

/// The tensor as the checkpoint has it, or the rows of it that are the weight.
Value WeightRecipes::load(const Tensor &tensor, const StoredForm &form, const WeightSpec &weight,
                          StringAttr name) {
  bool isPart = isPartOfRows(form);
  SmallVector<int64_t, 3> shape = isPart ? weight.shape : shapeOfTensors(weight, form);
  Type type = storedType(shape, tensor);
  if (!tensor.scales) {
    uint64_t skipped = isPart ? tensor.bytes / form.allRows * form.firstRow : 0;
    pack::SliceOp whole = slice(type, tensor.file, tensor.offset + skipped, name);
    if (isDecoded(tensor))
      pack::gguf::setBlocks(whole, *pack::gguf::findType(StringRef(tensor.dtype)));
    return whole;
  }
  if (int64_t size = tensor.scaleBlock) {
    MLIRContext *context = builder.getContext();
    SmallVector<int64_t, 3> blocks = blocksOf(shape, size);
    Type codeType = pack::SourceType::get(context, shape, Float8E4M3FNType::get(context));
    Value codes = slice(codeType, tensor.file, tensor.offset, name);
    bool isF32 = tensor.scales->dtype == "F32";
    Type scale = isF32 ? Type(builder.getF32Type()) : builder.getBF16Type();
    Value scales = slice(pack::SourceType::get(context, blocks, scale), tensor.scales->file,
                         tensor.scales->offset, StringAttr());
    return pack::RescaleOp::create(builder, loc, type, codes, scales, size);
  }
  auto bytes = [&](int64_t channelsOfOne) {
    SmallVector<int64_t, 3> extents = shape;
    extents.back() /= channelsOfOne;
    return pack::SourceType::get(builder.getContext(), extents, builder.getI8Type());
  };
  Value codes = slice(bytes(2), tensor.file, tensor.offset, name);
  Value scales = slice(bytes(32), tensor.scales->file, tensor.scales->offset, StringAttr());
  return pack::ZipOp::create(builder, loc, type, codes, scales);
}

/// What was [in, out] as rows of the weight, all of them or some.
Value WeightRecipes::transpose(Value value, const WeightSpec &weight, const StoredForm &form) {
  const Tensor &first = tensorOf(weight);
  bool isPart = form.allRows != 0 && form.someRows == 0;
  SmallVector<int64_t, 3> shape = weight.shape;
  if (isPart)
    shape[0] = form.allRows;
  value = pack::TransposeOp::create(builder, loc, storedType(shape, first), value);
  if (!isPart)
    return value;
  return pack::SelectOp::create(builder, loc, storedType(weight.shape, first), value, form.firstRow,
                                form.allRows);
}

/// The parts of every head of a matrix, one behind the other.
Value WeightRecipes::joinHeadParts(Value whole, const WeightSpec &weight, const StoredForm &form) {
  const Tensor &tensor = tensorOf(weight);
  int64_t heads = headsOf(weight, form);
  SmallVector<Value> parts;
  for (const StoredForm::HeadPart &part : form.headParts) {
    Type type = storedType({heads * part.rows, weight.shape.back()}, tensor);
    parts.push_back(pack::SelectOp::create(builder, loc, type, whole, part.first, form.allRows));
  }
  if (parts.size() == 1)
    return parts.front();
  return pack::ConcatOp::create(builder, loc, storedType(weight.shape, tensor), parts,
                                rowsDimension(weight));
}

/// The rows of a tensor, and so many times its first one.
Value WeightRecipes::appendCopies(Value rows, const WeightSpec &weight, const StoredForm &form) {
  const Tensor &tensor = tensorOf(weight);
  WeightSpec first = weight;
  first.shape[0] = 1;
  StoredForm part{form.tensors};
  part.allRows = weight.shape[0] - form.copies;
  SmallVector<Value> parts = {rows};
  for (int64_t copy = 0; copy < form.copies; ++copy)
    parts.push_back(load(tensor, part, first, builder.getStringAttr(form.tensors.front())));
  return pack::ConcatOp::create(builder, loc, storedType(weight.shape, tensor), parts, 0);
}

void WeightRecipes::declare(const WeightSpec &weight) {
  StoredForm form = formOf(weight, checkpoint);
  const Tensor &first = *checkpoint.find(form.tensors.front());
  Type type = storedType(weight.shape, first);
  auto op = pack::WeightOp::create(builder, loc, weight.name, type);
  if (weight.role != WeightRole::ByShape)
    op.setRole(weight.role == WeightRole::Router ? pack::Role::Router : pack::Role::Vectors);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&op.getRecipe());
  SmallVector<Value> parts;
  for (const std::string &name : form.tensors)
    parts.push_back(load(*checkpoint.find(name), form, weight,
                         name == weight.name ? StringAttr() : builder.getStringAttr(name)));
  int64_t along = rowsDimension(weight);
  Value value = parts.front();
  if (!form.headParts.empty())
    value = joinHeadParts(value, weight, form);
  if (form.someRows != 0)
    value = pack::SelectOp::create(builder, loc, storedType(shapeOfRows(weight, form), first),
                                   value, form.firstRow, form.allRows);
  if (form.transposed)
    value = transpose(value, weight, form);
  if (form.copies != 0)
    value = appendCopies(value, weight, form);
  if (form.stacked)
    value = pack::StackOp::create(builder, loc, type, parts);
  else if (parts.size() > 1)
    value = pack::ConcatOp::create(builder, loc, type, parts, along);
  if (form.interleaved)
    value = pack::PermuteOp::create(builder, loc, type, value, weight.shape[along], along,
                                    /*turned=*/0, /*halves=*/false);
  bool paired = first.paired || weight.paired;
  if (paired || weight.turnedRows != 0)
    value = pack::PermuteOp::create(builder, loc, type, value, weight.headRows, along,
                                    weight.turnedRows, /*halves=*/!paired);
  pack::YieldOp::create(builder, loc, value);
}

Value WeightRecipes::get(const WeightSpec &weight) {
  Type type = storedType(weight.shape, tensorOf(weight));
  if (isa<pack::SourceType>(type))
    type = RankedTensorType::get(weight.shape, elementOf(tensorOf(weight)));
  return pack::GetOp::create(builder, loc, type, weight.name);
}

} // namespace osscc
