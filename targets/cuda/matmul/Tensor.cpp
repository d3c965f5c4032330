// matmul of codes and many rows, by tensor cores: a warp has a tile of 16 outputs of each part and
// 64 rows, or 32 where there are two parts. mma.sync multiplies 16 rows by 8 outputs over a group
// of channels, which is exact; what is a float is summed as Matmul.cpp sums it, run by run:
//
//   rows      a fragment's row is lane / 4, and that + 8; its channels are quad lane % 4 of 4
//   weights   its output is lane / 4; a tile has these four codes in one word, as they are
//   sums      of rows lane / 4 and that + 8, and outputs 2 * (lane % 4) and that + 1
#include "targets/cuda/Populate.h"
#include "targets/cuda/experts/Plan.h"
#include "targets/cuda/matmul/Block.h"
#include "targets/cuda/matmul/BlockReader.h"
#include "targets/cuda/matmul/Quantize.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace osscc::cuda {
namespace {

using Numbers = Emitter::Numbers;

constexpr int64_t kWarps = 4; // of a block, a tile each
constexpr int64_t kRowsOfFragment = 16, kOutputsOfFragment = 8;

/// The emitter of a warp's block.
struct TensorBlock : MatmulBlock {
  Number tile, first, end, lane;
  pack::BlockGeometry geometry = pack::geometryOf(*op.getFormat());

  /// Fragments of rows, and of outputs of a tile.
  int64_t fragments() { return 4 / parts(); }
  int64_t rows() { return fragments() * kRowsOfFragment; }
  static constexpr int64_t kColumns = pack::kTileRows / kOutputsOfFragment;
  int64_t groupsOfRecord() { return pack::kRecordChannels / geometry.group; }

  Number quad() { return lane % 4; }
  Number rowOf(int64_t fragment, int64_t half) {
    Number row = first + lane / 4 + (fragment * kRowsOfFragment + half * 8);
    return k.smaller(row, end - 1);
  }

  /// What a group of a record's codes is multiplied by mma to: [4] sums for [16 rows][8 outputs].
  Numbers multiply(ArrayRef<Number> rows, ArrayRef<Number> outputs, ArrayRef<Number> start) {
    Type four =
        LLVM::LLVMStructType::getLiteral(k.builder.getContext(), SmallVector<Type>(4, k.i32()));
    SmallVector<Value> operands;
    for (ArrayRef<Number> numbers : {rows, outputs, start})
      for (Number number : numbers)
        operands.push_back(number);
    StringRef name = outputs.size() == 2 ? "llvm.nvvm.mma.m16n8k32.row.col.s8.u8"
                                         : "llvm.nvvm.mma.m16n8k16.row.col.s8.u8";
    Number sums = k.intrinsic(name, four, operands);
    Numbers parts;
    for (int64_t i = 0; i < 4; ++i)
      parts.push_back(k.number(
          LLVM::ExtractValueOp::create(k.builder, k.loc, sums.value, ArrayRef<int64_t>{i})));
    return parts;
  }

  /// A word of a row's record for each of the rows that a thread has sums of.
  Numbers loadTails(const RecordLayout &layout, Number record, int64_t which) {
    Numbers words;
    for (int64_t f = 0; f < fragments(); ++f)
      for (int64_t half : {0, 1})
        words.push_back(k.load(x, rowOf(f, half), layout.tail(record, which)));
    return words;
  }

  /// Scales, or minimums, of the outputs that a thread has sums of: [kColumns][2].
  Numbers loadScales(Number base, Number record, int64_t group, bool minimum) {
    Numbers scales;
    for (int64_t column = 0; column < kColumns; ++column)
      for (int64_t i : {0, 1}) {
        Number row = quad() * 2 + (column * kOutputsOfFragment + i);
        BlockReader reader{k, *op.getFormat(), base, row, pack::kTileRows};
        scales.push_back(reader.scale(record, group, minimum));
      }
    return scales;
  }

  /// Adds a record to the sums [parts][fragments][kColumns][4].
  void addRecord(const RecordLayout &layout, ArrayRef<Number> bases, Number record, Numbers &sums) {
    SmallVector<Numbers> codes; // [fragments], four words each: two quads of two rows
    for (int64_t f = 0; f < fragments(); ++f) {
      Numbers &words = codes.emplace_back();
      for (int64_t later : {0, 4})
        for (int64_t half : {0, 1})
          words.push_back(k.load(x, rowOf(f, half), layout.codes(record, 0) + quad() + later));
    }
    Numbers scales = loadTails(layout, record, RecordLayout::Scale);
    SmallVector<Numbers> weights; // [parts][kColumns], two quads each
    for (Number base : bases)
      for (int64_t column = 0; column < kColumns; ++column) {
        Number row = lane / 4 + column * kOutputsOfFragment;
        BlockReader reader{k, *op.getFormat(), base, row, pack::kTileRows};
        weights.push_back({reader.quad(record, quad()), reader.quad(record, quad() + 4)});
      }
    bool isOne = groupsOfRecord() == 1;
    for (int64_t group = 0; group < groupsOfRecord(); ++group) {
      Numbers offsets, totals;
      if (geometry.zero != 0)
        offsets = loadTails(layout, record,
                            isOne ? RecordLayout::Offset : RecordLayout::OffsetOfHalf + group);
      if (geometry.hasMinimum)
        totals =
            loadTails(layout, record, isOne ? RecordLayout::Sum : RecordLayout::SumOfHalf + group);
      for (auto [part, base] : llvm::enumerate(bases)) {
        Numbers ofOutputs = loadScales(base, record, group, /*minimum=*/false), minimums;
        if (geometry.hasMinimum)
          minimums = loadScales(base, record, group, /*minimum=*/true);
        for (int64_t f = 0; f < fragments(); ++f)
          for (int64_t column = 0; column < kColumns; ++column) {
            ArrayRef<Number> rows(codes[f]), outputs(weights[part * kColumns + column]);
            if (!isOne) {
              rows = rows.slice(group * 2, 2);
              outputs = outputs.slice(group, 1);
            }
            Numbers start;
            for (int64_t i = 0; i < 4; ++i)
              start.push_back(geometry.zero == 0
                                  ? k.integer(0)
                                  : startBelow(offsets[f * 2 + i / 2], geometry.zero));
            Numbers dots = multiply(rows, outputs, start);
            int64_t at = ((part * fragments() + f) * kColumns + column) * 4;
            for (int64_t i = 0; i < 4; ++i) {
              int64_t row = f * 2 + i / 2, output = column * 2 + i % 2;
              Number factor = ofOutputs[output] * k.bitcast(scales[row], k.f32());
              sums[at + i] = k.fma(k.toFloat(dots[i]), factor, sums[at + i]);
              if (geometry.hasMinimum)
                sums[at + i] =
                    k.fma(minimums[output], k.bitcast(totals[row], k.f32()), sums[at + i]);
            }
          }
      }
    }
  }

  /// The runs' sums of all records, added up in their order.
  Numbers sumRuns() {
    Numbers bases;
    for (int64_t part = 0; part < parts(); ++part)
      bases.push_back(tileOf(tile, part));
    RecordLayout layout = RecordLayout::of(x.width, inputs(), planes());
    int64_t records = llvm::divideCeil(inputs(), pack::kRecordChannels);
    int64_t ofRun = llvm::divideCeil(records, kRuns), runs = llvm::divideCeil(records, ofRun);
    Numbers zeros(parts() * fragments() * kColumns * 4, k.real(0));
    return k.loop(k.integer(0), runs, 1, zeros, [&](Number run, ArrayRef<Number> total) {
      Number begin = run * ofRun, stop = k.smaller(begin + ofRun, records);
      Numbers sums = k.loop(begin, stop, 1, zeros, [&](Number record, ArrayRef<Number> sum) {
        Numbers next(sum);
        addRecord(layout, bases, record, next);
        return next;
      });
      Numbers next;
      for (auto [all, sum] : llvm::zip(total, sums))
        next.push_back(all + sum);
      return next;
    });
  }

  void emit() {
    Numbers sums = sumRuns();
    for (int64_t f = 0; f < fragments(); ++f)
      for (int64_t column = 0; column < kColumns; ++column)
        for (int64_t i = 0; i < 4; ++i) {
          Number row = first + lane / 4 + (f * kRowsOfFragment + i / 2 * 8);
          Number n = tile * pack::kTileRows + quad() * 2 + (column * kOutputsOfFragment + i % 2);
          Number isThere = row < end;
          if (op.outputs() % pack::kTileRows != 0)
            isThere = isThere & (n < op.outputs());
          Numbers ofParts;
          for (int64_t part = 0; part < parts(); ++part)
            ofParts.push_back(sums[((part * fragments() + f) * kColumns + column) * 4 + i]);
          k.when(isThere, [&] { finish(ofParts, row, n); });
        }
  }
};

} // namespace

bool hasTensorKernel(tile::MatmulOp op) {
  return op.getPlanes() == 1 && op.getGroups() == 1 && op.getParts() <= 2;
}

void createTensorKernel(Expansion &expansion, tile::MatmulOp op) {
  Kernel k(expansion, "_tensor", kWarps * kWarp);
  Number thread = k.threadId();
  TensorBlock block{{k, op, k.rows(op.getX()), k.rows(op.getOut()), {}},
                    k.blockId(0) * kWarps + thread / kWarp,
                    {},
                    {},
                    thread % kWarp};
  Value rows = expansion.rowsOf(op.getOut());
  Value tiles = expansion.index(llvm::divideCeil(block.tilesOfPart(), kWarps));
  block.end = k.argument(rows);
  auto emit = [&] { k.when(block.tile < block.tilesOfPart(), [&] { block.emit(); }); };
  if (!op.getPlan()) {
    block.first = k.blockId(1) * block.rows();
    emit();
    return k.launch(tiles, expansion.divideUp(rows, block.rows()));
  }
  // A block takes all slots of one expert; how many experts have any, the device knows.
  Plan plan = Plan::in(k, expansion, op.getPlan());
  Number active = k.blockId(1);
  k.when(active < plan.active(), [&] {
    block.matrix = plan.load(Plan::Experts, active);
    block.end = plan.end(active);
    k.forEach(plan.begin(active), block.end, block.rows(), [&](Number first) {
      block.first = first;
      emit();
    });
  });
  int64_t stacked = block.weights().getDimSize(0) / (block.parts() * block.tilesOfPart());
  k.launch(tiles, expansion.smaller(rows, expansion.index(stacked)));
}

} // namespace osscc::cuda
