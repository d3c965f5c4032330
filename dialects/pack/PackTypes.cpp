// Registration, types and attributes of the pack dialect.
#include "dialects/pack/BlockFormats.h"
#include "dialects/pack/Formats.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include "dialects/pack/PackTypes.cpp.inc"
#include "dialects/pack/PackTypesEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/pack/PackTypesAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/pack/PackTypesTypes.cpp.inc"

using namespace mlir;

namespace osscc::pack {

void PackDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/pack/PackTypesTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/pack/PackTypesAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/pack/PackOps.cpp.inc"
      >();
}

LogicalResult FormatAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Type code,
                                 int64_t group, Type scale, Type minimum, int64_t super,
                                 Table table) {
  if (code.isF32() || code.isF16() || code.isBF16()) {
    if (group != 0 || scale || minimum || super != 0 || table != Table::None)
      return emitError() << "a float format has neither group, scale nor minimum";
    return success();
  }
  auto isThis = [&](const BlockFormat &row) {
    return row.hasParts(code, group, scale, minimum, super, table);
  };
  if (llvm::none_of(blockFormats(), isThis))
    return emitError() << "no format has codes of " << code << " in groups of " << group
                       << " with such scales: dialects/pack/BlockFormats.cpp lists those of blocks";
  return success();
}

/// `<ui4, group = 32, scale = f16>`: the code, then what there is of the rest, in any order.
Attribute FormatAttr::parse(AsmParser &parser, Type) {
  Type code, scale, minimum;
  int64_t group = 0, super = 0;
  Table table = Table::None;
  auto parseTable = [&]() -> ParseResult {
    FailureOr<Table> word = FieldParser<Table>::parse(parser);
    table = word.value_or(Table::None);
    return success(succeeded(word));
  };
  if (parser.parseLess() || parser.parseType(code))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc place = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    ParseResult parsed = llvm::StringSwitch<llvm::function_ref<ParseResult()>>(key)
                             .Case("group", [&] { return parser.parseInteger(group); })
                             .Case("scale", [&] { return parser.parseType(scale); })
                             .Case("minimum", [&] { return parser.parseType(minimum); })
                             .Case("super", [&] { return parser.parseInteger(super); })
                             .Case("table", parseTable)
                             .Default([&]() -> ParseResult {
                               return parser.emitError(place) << "a format has no '" << key << "'";
                             })();
    if (parsed)
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<FormatAttr>(parser.getContext(), code, group, scale, minimum, super,
                                       table);
}

void FormatAttr::print(AsmPrinter &printer) const {
  printer << "<" << getCode();
  if (isBlock())
    printer << ", group = " << getGroup() << ", scale = " << getScale();
  if (getMinimum())
    printer << ", minimum = " << getMinimum();
  if (getSuper() != 0)
    printer << ", super = " << getSuper();
  if (getTable() != Table::None)
    printer << ", table = " << stringifyTable(getTable());
  printer << ">";
}

/// `<960x576xbf16>`: at least one dimension, each positive.
Type SourceType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(parser.getNameLoc()); }, parser.getContext(),
                    shape, element);
}

void SourceType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  printer << "x" << getElement() << ">";
}

static LogicalResult verifyShape(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape) {
  if (shape.empty() || shape.size() > 3)
    return emitError() << "a weight has one to three dimensions, found " << shape.size();
  for (int64_t extent : shape)
    if (extent <= 0)
      return emitError() << "a weight's dimensions are positive, found " << extent;
  return success();
}

LogicalResult SourceType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type element) {
  if (!element.isF32() && !element.isF16() && !element.isBF16() && !element.isSignlessInteger(8) &&
      !isa<Float8E4M3FNType>(element))
    return emitError() << "a source is f32, f16, bf16, f8E4M3FN or i8, found " << element;
  return verifyShape(emitError, shape);
}

/// `<960x576, #pack.format<bf16>, tiles>`.
Type BlockType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  FormatAttr format;
  StringRef word;
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false, /*withTrailingX=*/false) ||
      parser.parseComma() || parser.parseAttribute(format) || parser.parseComma() ||
      parser.parseKeyword(&word) || parser.parseGreater())
    return {};
  std::optional<Layout> layout = symbolizeLayout(word);
  if (!layout) {
    parser.emitError(parser.getNameLoc()) << "unknown layout '" << word << "'";
    return {};
  }
  return getChecked([&] { return parser.emitError(parser.getNameLoc()); }, parser.getContext(),
                    shape, format, *layout);
}

void BlockType::print(AsmPrinter &printer) const {
  printer << "<";
  printer.printDimensionList(getShape());
  printer << ", " << getFormat() << ", " << stringifyLayout(getLayout()) << ">";
}

LogicalResult BlockType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<int64_t> shape, FormatAttr format, Layout layout) {
  if (layout == Layout::Tiles && shape.size() < 2)
    return emitError() << "only matrices lie in tiles";
  if (layout == Layout::Table && shape.size() != 2)
    return emitError() << "only a matrix is a table";
  return verifyShape(emitError, shape);
}

MemRefType BlockType::storageType() const {
  Type code = getFormat().getCode();
  if (getLayout() != Layout::Tiles && !getFormat().isBlock())
    return MemRefType::get(getShape(), code);
  Type byte = IntegerType::get(getContext(), 8);
  ArrayRef<int64_t> above = getShape().drop_back();
  int64_t channels = getShape().back(), rows = above.empty() ? 1 : above.back();
  int64_t matrices = above.size() == 2 ? above.front() : 1;
  if (getLayout() == Layout::Rows)
    return MemRefType::get({matrices * rows, rowBytes(getFormat(), channels)}, byte);
  if (getLayout() == Layout::Table)
    return MemRefType::get({rows, tableRowBytes(getFormat(), channels)}, byte);
  int64_t tiles = matrices * static_cast<int64_t>(llvm::divideCeil(rows, kTileRows));
  if (getFormat().isBlock())
    return MemRefType::get({tiles, tileBytes(getFormat(), channels)}, byte);
  if (code.isBF16()) // pairs of channels, for the dot of two bf16
    return MemRefType::get(
        {tiles, static_cast<int64_t>(llvm::divideCeil(channels, 2)), kTileRows, 2}, code);
  return MemRefType::get({tiles, channels, kTileRows}, code);
}

int64_t BlockType::storedBytes() const {
  MemRefType storage = storageType();
  return storage.getNumElements() * (storage.getElementTypeBitWidth() / 8);
}

} // namespace osscc::pack
