// matmul: a block is a tile of 16 outputs and up to kRowsOfBlock rows. Half a warp, a thread an
// output, takes one of kRuns runs of the input channels:
//
//   thread      output thread % 16 of the tile, run thread / 16
//   run         sums its channels from 0, rising
//   block       adds up the runs' sums, the first run first, and applies the epilogue
//
// A run's length follows from the channels alone, so that a row's numbers do not depend on how many
// rows a block has. Weights come from memory once for all rows of a block.
#include "targets/cuda/Populate.h"
#include "targets/cuda/experts/Plan.h"
#include "targets/cuda/matmul/Block.h"
#include "targets/cuda/matmul/BlockReader.h"
#include "targets/cuda/matmul/Quantize.h"
#include "targets/cuda/rows/Norm.h"

#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace osscc::cuda {
namespace {

using Numbers = Emitter::Numbers;

constexpr int64_t kRowsOfBlock = 8;
/// Floats, or pairs of them, and records that are loaded before they are multiplied.
constexpr int64_t kFloatsAhead = 8, kRecordsAhead = 2;

/// The emitter of a block of few rows.
struct FewRows : MatmulBlock {
  int64_t m;    ///< Rows of a block.
  Number tile;  ///< The block's in a part.
  Number first; ///< The block's first row.
  Number end;   ///< Behind the last row there is.

  Number thread() { return k.threadId(); }
  Number lane() { return thread() % pack::kTileRows; }
  Number run() { return thread() / pack::kTileRows; }

  /// Row i of the block, of the last there is where there are fewer.
  Number rowOf(int64_t i) { return m == 1 ? first : k.smaller(first + i, end - 1); }

  /// Sums of the run's units, whole steps of `ahead` first, into accumulators [m][parts].
  Numbers sumUnits(int64_t units, int64_t ahead,
                   function_ref<Numbers(Number, int64_t, ArrayRef<Number>)> step) {
    int64_t ofRun = llvm::divideCeil(units, kRuns);
    Number begin = run() * ofRun, stop = k.smaller(begin + ofRun, units);
    Numbers sums(m * parts(), k.real(0));
    bool isWhole = ofRun % ahead == 0 && units % ofRun == 0;
    Number between = stop;
    if (!isWhole) // a run past the end has none
      between = begin + k.larger(stop - begin, 0) / ahead * ahead;
    if (ofRun >= ahead)
      sums = k.loop(begin, between, ahead, sums,
                    [&](Number unit, ArrayRef<Number> sum) { return step(unit, ahead, sum); });
    else
      between = begin;
    if (!isWhole)
      sums = k.loop(between, stop, 1, sums,
                    [&](Number unit, ArrayRef<Number> sum) { return step(unit, 1, sum); });
    return sums;
  }

  // Floats.

  bool isPairs() { return weights().getRank() == 4; }

  /// The values of `count` units of a part: two a unit where they are pairs.
  Numbers loadFloats(Number tileBase, Number unit, int64_t count) {
    Type stored = isPairs() ? k.i32() : weights().getElementType();
    int64_t bytes = stored.getIntOrFloatBitWidth() / 8;
    Numbers words, values;
    for (int64_t i = 0; i < count; ++i) {
      Number at = (unit + i) * pack::kTileRows + lane();
      words.push_back(k.load(stored, k.advance(tileBase, stored, at), bytes, /*constant=*/true));
    }
    for (Number word : words) {
      if (!isPairs()) {
        values.push_back(k.widen(word, k.f32()));
        continue;
      }
      values.push_back(k.bitcast(word << 16, k.f32()));
      values.push_back(k.bitcast(word & 0xFFFF0000, k.f32()));
    }
    return values;
  }

  /// The input channels of those units.
  Numbers loadInputs(Number row, Number unit, int64_t count) {
    int64_t of = isPairs() ? 2 : 1, all = inputs();
    Number channel = unit * of;
    if (groups() > 1)
      channel = matrix * all + channel;
    Numbers values;
    for (int64_t i = 0; i < count; ++i) {
      if (of == 1) {
        values.push_back(k.load(x, row, channel + i));
      } else if (all % 2 == 0) {
        Number pair = k.load(k.vectorOf(2, k.f32()), k.place(x, row, channel + i * 2),
                             std::gcd<int64_t>(x.align, 8));
        values.push_back(k.lane(pair, 0));
        values.push_back(k.lane(pair, 1));
      } else { // the last pair has one channel
        Number second = unit * 2 + (i * 2 + 1);
        Number inside = k.smaller(second, all - 1) - unit * 2;
        values.push_back(k.load(x, row, channel + i * 2));
        values.push_back(k.select(second < all, k.load(x, row, channel + inside), 0.0));
      }
    }
    return values;
  }

  Numbers sumFloats() {
    Numbers bases;
    for (int64_t part = 0; part < parts(); ++part)
      bases.push_back(tileOf(tile, part));
    Numbers rows;
    for (int64_t i = 0; i < m; ++i)
      rows.push_back(rowOf(i));
    int64_t units = weights().getDimSize(1);
    return sumUnits(units, kFloatsAhead, [&](Number unit, int64_t count, ArrayRef<Number> sum) {
      Numbers sums(sum);
      SmallVector<Numbers> values;
      for (Number base : bases)
        values.push_back(loadFloats(base, unit, count));
      for (int64_t i = 0; i < m; ++i) {
        Numbers input = loadInputs(rows[i], unit, count);
        for (int64_t part = 0; part < parts(); ++part)
          for (size_t c = 0; c < input.size(); ++c) {
            Number &acc = sums[i * parts() + part];
            acc = k.fma(input[c], values[part][c], acc);
          }
      }
      return sums;
    });
  }

  // Codes.

  /// What a record of a row has for the dots of one record of weights.
  struct Record {
    Numbers codes; ///< [planes][8]
    Number scale;
    Numbers sums, offsets; ///< A group each.
  };

  Record loadRecord(const RecordLayout &layout, Number row, Number record, int64_t ofRecord) {
    auto four = k.vectorOf(4, k.i32());
    Record result;
    for (int64_t plane = 0; plane < planes(); ++plane)
      for (int64_t half : {0, 4}) {
        Number words = k.load(four, k.place(x, row, layout.codes(record, plane) + half),
                              std::gcd<int64_t>(x.align, 16));
        for (int64_t i = 0; i < 4; ++i)
          result.codes.push_back(k.lane(words, i));
      }
    auto tail = [&](int64_t which) { return k.load(x, row, layout.tail(record, which)); };
    result.scale = k.bitcast(tail(RecordLayout::Scale), k.f32());
    for (int64_t group = 0; group < ofRecord; ++group) {
      bool isOne = ofRecord == 1;
      result.sums.push_back(
          k.bitcast(tail(isOne ? RecordLayout::Sum : RecordLayout::SumOfHalf + group), k.f32()));
      result.offsets.push_back(
          tail(isOne ? RecordLayout::Offset : RecordLayout::OffsetOfHalf + group));
    }
    return result;
  }

  /// Products of four unsigned codes with four signed ones, added to `sum`.
  Number dot(Number unsignedCodes, Number codes, Number sum) {
    return k.intrinsic("llvm.nvvm.idp4a.u.s", k.i32(), {unsignedCodes, codes, sum});
  }

  /// (code of w - zero) * code of x, over a group: exact.
  Number dots(ArrayRef<Number> quads, ArrayRef<Number> codes, Number offset, int64_t zero) {
    int64_t count = quads.size();
    Number low = startBelow(offset, zero);
    Number high = k.integer(0);
    for (int64_t i = 0; i < count; ++i) {
      if (planes() == 2)
        high = dot(quads[i], codes[i], high);
      low = dot(quads[i], codes[codes.size() / 2 * (planes() - 1) + i], low);
    }
    return planes() == 2 ? high * 255 + low : low;
  }

  Numbers sumCodes() {
    int64_t records = llvm::divideCeil(inputs(), pack::kRecordChannels);
    RecordLayout layout = RecordLayout::of(x.width, inputs() * groups(), planes());
    SmallVector<BlockReader> readers;
    for (int64_t part = 0; part < parts(); ++part)
      readers.push_back({k, *op.getFormat(), tileOf(tile, part), lane(), pack::kTileRows});
    Numbers rows;
    for (int64_t i = 0; i < m; ++i)
      rows.push_back(rowOf(i));
    return sumUnits(records, kRecordsAhead, [&](Number unit, int64_t count, ArrayRef<Number> sum) {
      Numbers sums(sum);
      SmallVector<Numbers> quads; // [count][parts]
      for (int64_t c = 0; c < count; ++c)
        for (BlockReader &reader : readers)
          quads.push_back(reader.codes(unit + c));
      for (int64_t c = 0; c < count; ++c)
        addRecord(layout, readers, unit + c, ArrayRef(quads).slice(c * parts(), parts()), rows,
                  sums);
      return sums;
    });
  }

  void addRecord(const RecordLayout &layout, ArrayRef<BlockReader> readers, Number record,
                 ArrayRef<Numbers> quads, ArrayRef<Number> rows, Numbers &sums) {
    const pack::BlockGeometry &geometry = readers[0].geometry;
    int64_t ofRecord = readers[0].groups(), ofGroup = geometry.group / 4;
    SmallVector<Numbers> scales, minimums; // [parts][group]
    for (const BlockReader &reader : readers) {
      Numbers &scale = scales.emplace_back(), &minimum = minimums.emplace_back();
      for (int64_t group = 0; group < ofRecord; ++group) {
        scale.push_back(reader.scale(record, group, /*minimum=*/false));
        if (geometry.hasMinimum)
          minimum.push_back(reader.scale(record, group, /*minimum=*/true));
      }
    }
    Number inRow = record;
    if (groups() > 1)
      inRow = matrix * (layout.groups / groups()) + record;
    for (int64_t i = 0; i < m; ++i) {
      Record input = loadRecord(layout, rows[i], inRow, ofRecord);
      for (int64_t group = 0; group < ofRecord; ++group) {
        Numbers codes;
        for (int64_t plane = 0; plane < planes(); ++plane)
          codes.append(input.codes.begin() + plane * 8 + group * ofGroup,
                       input.codes.begin() + plane * 8 + (group + 1) * ofGroup);
        for (int64_t part = 0; part < parts(); ++part) {
          Number &acc = sums[i * parts() + part];
          Number whole = dots(ArrayRef(quads[part]).slice(group * ofGroup, ofGroup), codes,
                              input.offsets[group], geometry.zero);
          acc = k.fma(k.toFloat(whole), scales[part][group] * input.scale, acc);
          if (geometry.hasMinimum)
            acc = k.fma(minimums[part][group], input.sums[group], acc);
        }
      }
    }
  }

  // The block's end.

  /// Adds up the runs of every element, and finishes it. \param shared  [kRuns][m][parts][16]
  void emit(Number shared) {
    Numbers sums = planes() == 0 ? sumFloats() : sumCodes();
    int64_t ofRun = m * parts() * pack::kTileRows;
    for (int64_t i = 0; i < m * parts(); ++i) {
      Number at = run() * ofRun + lane() + i * pack::kTileRows;
      k.store(sums[i], k.advance(shared, k.f32(), at), 4);
    }
    k.barrier();
    Number row = first + run(), n = tile * pack::kTileRows + lane();
    Number isThere = run() < m;
    auto with = [&](Number other) { isThere = isThere & other; };
    with(row < end);
    if (op.outputs() % pack::kTileRows != 0)
      with(n < op.outputs());
    k.when(isThere, [&] {
      Numbers totals;
      for (int64_t part = 0; part < parts(); ++part) {
        Number at = (run() * parts() + part) * pack::kTileRows + lane();
        Number total = k.real(0);
        for (int64_t i = 0; i < kRuns; ++i)
          total = total + k.load(k.f32(), k.advance(shared, k.f32(), at + i * ofRun), 4);
        totals.push_back(total);
      }
      finish(totals, row, n);
    });
  }
};

/// The kernel for calls of `m` rows a block, and its launch.
void createKernel(Expansion &expansion, tile::MatmulOp op, StringRef suffix, int64_t m) {
  Kernel k(expansion, suffix, kMatmulThreads);
  FewRows block{{k, op, k.rows(op.getX()), k.rows(op.getOut()), {}}, m, k.blockId(0), {}, {}};
  Value rows = expansion.rowsOf(op.getOut());
  Number shared = k.shared(k.f32(), kRuns * m * block.parts() * pack::kTileRows);
  Value tiles = expansion.index(block.tilesOfPart());
  block.end = k.argument(rows);
  if (op.getGroups() > 1) {
    block.matrix = k.blockId(2);
    block.first = k.blockId(1) * m;
    block.emit(shared);
    k.launch(tiles, expansion.divideUp(rows, m), expansion.index(block.groups()));
    return;
  }
  if (!op.getPlan()) {
    block.first = k.blockId(1) * m;
    block.emit(shared);
    k.launch(tiles, expansion.divideUp(rows, m));
    return;
  }
  // A block takes all slots of one expert; how many experts have any, the device knows.
  Plan plan = Plan::in(k, expansion, op.getPlan());
  Number active = k.blockId(1);
  k.when(active < plan.active(), [&] {
    block.matrix = plan.load(Plan::Experts, active);
    block.end = plan.end(active);
    k.forEach(plan.begin(active), block.end, m, [&](Number first) {
      block.first = first;
      block.emit(shared);
      k.barrier(); // the next rows overwrite what was shared
    });
  });
  int64_t stacked = block.weights().getDimSize(0) / (block.parts() * block.tilesOfPart());
  Value most = expansion.smaller(rows, expansion.index(stacked));
  k.launch(tiles, most);
}

} // namespace

void createNormedKernel(Expansion &expansion, tile::NormOp norm, tile::MatmulOp op) {
  Kernel k(expansion, "", kMatmulThreads);
  auto type = cast<MemRefType>(norm.getOut().getType());
  int64_t width = type.getDimSize(1);
  Rows row{k.shared(type.getElementType(), width), type.getElementType(), width, width, 16};
  emitNormOfRow(k, norm, k.integer(0), row);
  k.barrier();
  FewRows block{{k, op, row, k.rows(op.getOut()), {}}, 1, k.blockId(0), k.integer(0), k.integer(1)};
  block.emit(k.shared(k.f32(), kRuns * block.parts() * pack::kTileRows));
  k.launch(expansion.index(block.tilesOfPart()));
}

LogicalResult expand(Expansion &expansion, tile::MatmulOp op) {
  Value rows = expansion.rowsOf(op.getPlan() ? op.getPlan() : op.getOut());
  // A call of one row has one slot for each of its experts.
  expansion.whenFew(
      rows, 1, [&] { createKernel(expansion, op, "_one", 1); },
      [&] {
        if (!hasTensorKernel(op))
          return createKernel(expansion, op, "_many", kRowsOfBlock);
        expansion.whenFew(
            rows, kRowsOfBlock, [&] { createKernel(expansion, op, "_few", kRowsOfBlock); },
            [&] { createTensorKernel(expansion, op); });
      });
  return success();
}

} // namespace osscc::cuda
