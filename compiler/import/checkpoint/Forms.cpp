#include "compiler/import/checkpoint/Forms.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

StoredForm formOf(const WeightSpec &weight, const Checkpoint &checkpoint) {
  if (weight.forms.empty())
    return {{weight.name}};
  auto found = find_if(weight.forms, [&](const StoredForm &form) {
    return any_of(form.tensors, [&](StringRef name) { return checkpoint.find(name); });
  });
  return found == weight.forms.end() ? weight.forms.front() : *found;
}

int64_t rowsDimension(const WeightSpec &weight) {
  auto rank = static_cast<int64_t>(weight.shape.size());
  bool isVector = rank == 1 || weight.role == WeightRole::Vectors;
  return isVector ? rank - 1 : rank - 2;
}

SmallVector<int64_t, 3> shapeOfRows(const WeightSpec &weight, const StoredForm &form) {
  SmallVector<int64_t, 3> shape = weight.shape;
  if (form.transposed)
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

int64_t headsOf(const WeightSpec &weight, const StoredForm &form) {
  int64_t rows = 0;
  for (const StoredForm::HeadPart &part : form.headParts)
    rows += part.rows;
  return weight.shape.front() / rows;
}

SmallVector<int64_t, 3> shapeOfTensors(const WeightSpec &weight, const StoredForm &form) {
  if (form.someRows != 0) {
    SmallVector<int64_t, 3> rows = shapeOfRows(weight, form);
    int64_t heads = rows.size() == 3 ? rows[0] : rows[0] / form.someRows;
    return {heads * form.allRows, rows.back()};
  }
  if (!form.headParts.empty())
    return {headsOf(weight, form) * form.allRows, weight.shape.back()};
  SmallVector<int64_t, 3> shape = weight.shape;
  auto tensors = static_cast<int64_t>(form.tensors.size());
  if (form.stacked) { // of which each member has its share
    tensors /= shape.front();
    shape.erase(shape.begin());
    if (shape.size() == 1) // a vector
      return shape;
  }
  int64_t &rows = shape[shape.size() - weight.shape.size() + rowsDimension(weight)];
  rows = form.allRows != 0 ? form.allRows : rows / tensors - form.copies;
  if (form.transposed)
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}

} // namespace osscc
