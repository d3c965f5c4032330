// Registration and verifiers of the abi dialect.
#include "dialects/abi/AbiDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "runtime/abi/Abi.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include "dialects/abi/AbiDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/abi/AbiDialectAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/abi/AbiOps.cpp.inc"

using namespace mlir;

namespace osscc::abi {

void AbiDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/abi/AbiDialectAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/abi/AbiOps.cpp.inc"
      >();
}

int64_t ringPages(int64_t window, int64_t maxRows, int64_t rowsPerPage) {
  return osscc_ring_pages(window, maxRows, rowsPerPage);
}

SmallVector<int64_t> ModelAttr::handedOn() const {
  SmallVector<int64_t> channels = {getHidden()};
  if (getCarried())
    llvm::append_range(channels, getCarried().asArrayRef());
  return channels;
}

int64_t ModelAttr::placeOf(size_t index) const {
  int64_t place = 0;
  SmallVector<int64_t> values = handedOn();
  for (int64_t channels : ArrayRef(values).take_front(index))
    place += llvm::alignTo(getMaxRows() * channels * 4, kLineBytes);
  return place;
}

LogicalResult CacheGroupAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                     StringAttr kind, int64_t rowsPerPage, int64_t bytesPerPage,
                                     int64_t layers, int64_t window) {
  bool isWindow = kind.getValue() == "window", isState = kind.getValue() == "state";
  if (!isWindow && !isState && kind.getValue() != "full")
    return emitError() << "a cache group is full, a window or a state, found " << kind;
  if (isWindow ? window < 1 : window != 0)
    return emitError() << "a window has positions, and a full group no window, found " << window;
  if (isState && rowsPerPage != 1)
    return emitError() << "a state has one page, of 1 row, found " << rowsPerPage;
  if (rowsPerPage < 1 || bytesPerPage < 1)
    return emitError() << "a page has positions and bytes, found " << rowsPerPage << " and "
                       << bytesPerPage;
  return success();
}

int64_t CacheGroupAttr::pages(int64_t positions, int64_t maxRows) const {
  if (getKind().getValue() == "state")
    return std::min<int64_t>(positions, 1);
  auto all = static_cast<int64_t>(llvm::divideCeil(positions, getRowsPerPage()));
  return getWindow() == 0 ? all : std::min(all, ringPages(getWindow(), maxRows, getRowsPerPage()));
}

namespace {

/// Rows that the call decides, channels that the model does: [?, C].
LogicalResult verifyRows(Operation *op, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type || type.getRank() != 2 || !type.isDynamicDim(0) || type.isDynamicDim(1)) // C1
    return op->emitOpError() << "expected a memref of dynamic rows and static channels, found "
                             << value.getType();
  return success();
}

LogicalResult verifyStatic(Operation *op, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type || !type.hasStaticShape()) // C1
    return op->emitOpError() << "expected a memref of static shape, found " << value.getType();
  return success();
}

} // namespace

LogicalResult WeightOp::verify() {
  return verifyStatic(*this, getValue());
}

LogicalResult PageOp::verify() {
  return verifyStatic(*this, getValue());
}

LogicalResult OutputOp::verify() {
  return verifyRows(*this, getValue());
}

LogicalResult EmbeddingsOp::verify() {
  return verifyRows(*this, getValue());
}

LogicalResult ArenaOp::verify() {
  auto type = dyn_cast<MemRefType>(getValue().getType());
  int64_t dynamic = type ? type.getNumDynamicDims() : -1;
  if (dynamic != static_cast<int64_t>(getSizes().size())) // C1
    return emitOpError() << "has " << getSizes().size() << " sizes for " << getValue().getType();
  auto offset = static_cast<int64_t>(getOffset());
  if (offset < 0 || offset % kLineBytes != 0) // C2
    return emitOpError() << "offset " << offset << " is not a whole number of " << kLineBytes
                         << "-byte lines";
  return success();
}

} // namespace osscc::abi
