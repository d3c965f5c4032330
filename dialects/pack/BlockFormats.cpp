// Names are those of gguf/Types.cpp, which has the sizes.
#include "dialects/pack/BlockFormats.h"

#include "dialects/pack/gguf/Split.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace osscc::pack {

namespace {

using enum Number;
using namespace gguf;

// clang-format off
constexpr BlockFormat kFormats[] = {
    // name     code  group scale minimum super table        parts of a block
    {"Q8_0",    I8,   32,   F16,  None,   0,    Table::None, splitQ8_0},
    {"Q4_0",    I4,   32,   F16,  None,   0,    Table::None, splitQ4_0},
    {"Q4_1",    U4,   32,   F16,  F16,    0,    Table::None, splitQ4_1},
    {"MXFP4",   E2M1, 32,   E8M0, None,   0,    Table::None, splitMxfp4},
    {"Q5_0",    I5,   32,   F16,  None,   0,    Table::None, splitQ5_0},
    {"Q5_1",    U5,   32,   F16,  F16,    0,    Table::None, splitQ5_1},
    {"IQ4_NL",  U4,   32,   F16,  None,   0,    Table::Iq4,  splitIq4Nl},
    {"Q2_K",    U2,   16,   U4,   U4,     256,  Table::None, splitQ2K},
    {"Q3_K",    I3,   16,   I6,   None,   256,  Table::None, splitQ3K},
    {"Q4_K",    U4,   32,   U6,   U6,     256,  Table::None, splitQ4K},
    {"Q5_K",    U5,   32,   U6,   U6,     256,  Table::None, splitQ5K},
    {"Q6_K",    I6,   16,   I8,   None,   256,  Table::None, splitQ6K},
    {"IQ4_XS",  U4,   32,   I6,   None,   256,  Table::Iq4,  splitIq4Xs},
};
// clang-format on

IntegerType integer(MLIRContext *context, unsigned bits, bool isSigned) {
  return IntegerType::get(context, bits, isSigned ? IntegerType::Signless : IntegerType::Unsigned);
}

} // namespace

Type typeOf(MLIRContext *context, Number number) {
  switch (number) {
  case None:
    return {};
  case I3:
    return integer(context, 3, true);
  case I4:
    return integer(context, 4, true);
  case I5:
    return integer(context, 5, true);
  case I6:
    return integer(context, 6, true);
  case I8:
    return integer(context, 8, true);
  case U2:
    return integer(context, 2, false);
  case U4:
    return integer(context, 4, false);
  case U5:
    return integer(context, 5, false);
  case U6:
    return integer(context, 6, false);
  case E2M1:
    return Float4E2M1FNType::get(context);
  case F16:
    return Float16Type::get(context);
  case E8M0:
    return Float8E8M0FNUType::get(context);
  }
  llvm_unreachable("unknown number");
}

bool BlockFormat::hasParts(Type code, int64_t group, Type scale, Type minimum, int64_t super,
                           Table table) const {
  MLIRContext *context = code.getContext();
  return typeOf(context, this->code) == code && this->group == group &&
         typeOf(context, this->scale) == scale && typeOf(context, this->minimum) == minimum &&
         this->super == super && this->table == table;
}

llvm::ArrayRef<BlockFormat> blockFormats() {
  return kFormats;
}

const BlockFormat &rowOf(FormatAttr format) {
  const auto *row = llvm::find_if(kFormats, [&](const BlockFormat &row) {
    return row.hasParts(format.getCode(), format.getGroup(), format.getScale(), format.getMinimum(),
                        format.getSuper(), format.getTable());
  });
  assert(row != std::end(kFormats) && "the verifier admits no other block format");
  return *row;
}

FormatAttr findFormat(MLIRContext *context, llvm::StringRef name) {
  const auto *row =
      llvm::find_if(kFormats, [&](const BlockFormat &row) { return row.name == name; });
  if (row == std::end(kFormats))
    return {};
  return FormatAttr::get(context, typeOf(context, row->code), row->group,
                         typeOf(context, row->scale), typeOf(context, row->minimum), row->super,
                         row->table);
}

} // namespace osscc::pack
