// A matmul of many rows over codes, on AMX: a matrix unit that multiplies 16 rows by 16 channels,
// 32 channels of input at a time, between tile registers. Few rows keep the kernel of vectors:
//
//   scf.if rows > 32 { grid of what follows } else { tile.matmul of at most 32 rows }
//
//   a block, for each kChunkRows rows and each kGroups groups of channels:
//     its tiles of the weight ─▶ signed codes, scales in f32 (`weights`, `scales`)
//     for each 16 rows, whose records are interleaved, and each tile:
//       dots of a group in a tile register ─▶ memory (`dots`) ─▶ scaled onto `sums`
//
// A tile register can only be stored, so sums of codes pass through memory. While one tile is
// scaled the next two are multiplied: tile registers are carried from step to step.
//
// Integers are exact and scales are applied as tile.accumulate does it, so the numbers are those of
// every other kernel. Zeros are loaded, not made by `tilezero`: behind it a product takes three
// times as long (measured on Granite Rapids).
//
// Stage: target, x86 (tile.matmul -> tile blocks, scf, vector, llvm intrinsics).
#include "targets/Passes.h"
#include "targets/cpu/Grid.h"
#include "targets/cpu/matmul/Blocks.h"
#include "targets/cpu/matmul/DotBlocks.h"
#include "targets/cpu/matmul/Records.h"
#include "targets/x86/TileRegisters.h"

#include "dialects/abi/AbiDialect.h"
#include "dialects/pack/Blocks.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace osscc {

#define GEN_PASS_DEF_X86MATMULTOAMXPASS
#include "targets/Passes.h.inc"

namespace {

constexpr int64_t kRows = x86::kTileRows, kWidth = x86::kTileRowBytes;
constexpr int64_t kChunkRows = 512; ///< for which a block's weights are unpacked once
constexpr int64_t kGroups = 64;     ///< of which codes lie unpacked, in the second-level cache
constexpr int64_t kTileBytes = 512; ///< 32 channels of 16 rows, or of 16 outputs
constexpr int64_t kWeightRows = 8;  ///< of a tile of weights: four channels of 16 outputs each

/// The memory of a worker, on its stack.
struct Scratch {
  Value zeros;            ///< <16 x i32>
  Value weights;          ///< <tiles x groups * kTileBytes x i8>
  Value scales, minimums; ///< of weights <tiles x groups x 16 x f32>; minimums or null
  Value dots;             ///< <2 x 16 x 16 x i32>, of two tile registers
  Value sums;             ///< <tiles x kChunkRows x 16 x f32>
};

/// The emitter of one matmul's block.
struct AmxBlock : cpu::Emitter {
  cpu::MatmulBlocks &matmul;
  pack::FormatAttr format = matmul.op.getFormatAttr();
  int64_t tiles = matmul.op.streams() * matmul.parts();
  int64_t allGroups = matmul.inputs() / pack::kRecordChannels;
  int64_t turns = static_cast<int64_t>(llvm::divideCeil(allGroups, kGroups));
  /// Groups of a turn, of one plane an even number, since it takes two at a time.
  int64_t groups =
      static_cast<int64_t>(llvm::alignTo(llvm::divideCeil(allGroups, turns), 2 / matmul.planes()));
  Scratch memory = {};
  x86::TileRegisters registers = {builder, loc};

  VectorType sixteenFloats() { return floats(pack::kTileRows); }
  VectorType bytes(int64_t count) { return vectorOf(count, builder.getI8Type()); }

  void allocateScratch() {
    Type i8 = builder.getI8Type(), i32 = builder.getI32Type(), f32 = builder.getF32Type();
    bool hasMinimum = static_cast<bool>(format.getMinimum());
    memory.zeros = allocate({kRows}, i32);
    memory.weights = allocate({tiles, groups * kTileBytes}, i8);
    memory.scales = allocate({tiles, groups, pack::kTileRows}, f32);
    memory.minimums = hasMinimum ? allocate({tiles, groups, pack::kTileRows}, f32) : Value();
    memory.dots = allocate({2, kRows, pack::kTileRows}, i32);
    memory.sums = allocate({tiles, kChunkRows, pack::kTileRows}, f32);
    Value zero = cpu::constantInteger(builder, loc, 0, VectorType::get({kRows}, i32));
    store(zero, memory.zeros, index(0));
  }

  /// Stores a tile of dots into place `place` of `dots`.
  void storeTile(Value tile, int64_t place) {
    registers.store(tile, memory.dots, index(place * kRows * x86::kTileRowBytes));
  }

  /// The records of 16 rows of a group of the model, which lies at `begin` in words of `x`.
  struct Sixteen {
    Value words, begin;
  };
  /// Those of `row`'s sixteen in group `group` of the turn. Groups past the last are a copy of it:
  /// their weights are zeros.
  Sixteen recordsOf(Value row, Value first, Value group) {
    cpu::Records records = matmul.records(/*interleaved=*/true);
    Value number = add(first, group);
    if (turns * groups != allGroups)
      number = smaller(number, index(allGroups - 1));
    return {records.words(), records.beginOf(row, number)};
  }

  /// The dots of `group` with `tile`, a tile register for each plane of the inputs.
  SmallVector<Value> multiply(Value tile, Value group, Sixteen inputs) {
    Value byte = add(mul(tile, groups * kTileBytes), mul(group, kTileBytes));
    Value weights = registers.load(kWeightRows, kWidth, memory.weights, byte, kWidth);
    SmallVector<Value> dots;
    for (int64_t plane = 0; plane < matmul.planes(); ++plane) {
      Value from = add(mul(inputs.begin, 4), index(plane * kTileBytes));
      Value zeros = registers.load(kRows, kWidth, memory.zeros, index(0), /*stride=*/0);
      Value codes =
          registers.load(kRows, pack::kRecordChannels, inputs.words, from, pack::kRecordChannels);
      dots.push_back(registers.multiply(zeros, codes, weights, pack::kRecordChannels));
    }
    return dots;
  }

  /// Sums of codes of 16 rows, from places [place, place + planes) of `dots`.
  Value loadDots(int64_t place) {
    auto lanes = VectorType::get({pack::kTileRows}, builder.getI32Type());
    auto type = VectorType::get({kRows, 1, pack::kTileRows}, builder.getI32Type());
    Value block = cpu::constantInteger(builder, loc, 0, type);
    for (int64_t i = 0; i < kRows; ++i) {
      auto plane = [&](int64_t number) {
        return load(lanes, memory.dots, {index(number), index(i), index(0)});
      };
      Value sum = plane(place);
      if (matmul.planes() == 2)
        sum = cpu::joinPlanes(builder, loc, sum, plane(place + 1));
      block = insert(sum, block, {i, 0});
    }
    return block;
  }

  /// Scale and sum of 16 rows.
  Value loadRecords(Sixteen inputs) {
    SmallVector<Value> words;
    for (int64_t i = 0; i < kRows; ++i)
      for (int64_t tail = 0; tail < 2; ++tail) {
        int64_t word = (tile::codeWords(matmul.planes()) + tail) * kRows + i;
        words.push_back(
            memref::LoadOp::create(builder, loc, inputs.words, add(inputs.begin, index(word))));
      }
    auto type = VectorType::get({kRows, 2}, builder.getI32Type());
    return vector::FromElementsOp::create(builder, loc, type, words);
  }

  /// sums + the dots of `group` from `place` on, scaled.
  Value accumulate(Value sums, Value tile, Value group, Sixteen inputs, int64_t place) {
    auto row = VectorType::get({1, pack::kTileRows}, builder.getF32Type());
    auto loadRow = [&](Value from) -> Value {
      Value lanes = load(sixteenFloats(), from, {tile, group, index(0)});
      return vector::ShapeCastOp::create(builder, loc, row, lanes);
    };
    return tile::AccumulateOp::create(builder, loc, sums.getType(), loadDots(place),
                                      loadRecords(inputs), loadRow(memory.scales), sums,
                                      memory.minimums ? loadRow(memory.minimums) : Value());
  }

  /// All groups of the turn that begins with group `first`, onto the sums of tile `tile` and of 16
  /// rows, `row` of the chunk on. Two tile registers of dots are carried: of two groups, or of a
  /// group's two planes.
  void emitProduct(Value chunk, Value row, Value tile, Value first) {
    int64_t step = 2 / matmul.planes();
    auto type = VectorType::get({kRows, 1, pack::kTileRows}, builder.getF32Type());
    Value begin = add(chunk, row);
    auto multiplyGroup = [&](Value group) {
      return multiply(tile, group, recordsOf(begin, first, group));
    };
    auto dotsOf = [&](Value group) {
      SmallVector<Value> dots;
      for (int64_t i = 0; i < step; ++i)
        dots.append(multiplyGroup(add(group, index(i))));
      return dots;
    };
    // The registers of `dots`, of step `group`, are stored and scaled, and `next` begins meanwhile.
    auto finish = [&](Value sums, SmallVector<Value> dots, Value group,
                      function_ref<SmallVector<Value>(Value)> next) {
      SmallVector<Value> carried;
      for (int64_t i = 0; i < step; ++i) {
        Value number = add(group, index(i));
        for (int64_t plane = 0; plane < matmul.planes(); ++plane)
          storeTile(dots[i * matmul.planes() + plane], i * matmul.planes() + plane);
        carried.append(next(add(number, index(step))));
        sums = accumulate(sums, tile, number, recordsOf(begin, first, number), i * matmul.planes());
      }
      return std::pair(sums, carried);
    };

    SmallVector<Value> state = {loadSums(type, row, tile)};
    state.append(dotsOf(index(0)));
    auto loop =
        scf::ForOp::create(builder, loc, index(0), index(groups - step), index(step), state);
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(loop.getBody());
      ValueRange carried = loop.getRegionIterArgs();
      auto [sums, dots] = finish(carried[0], llvm::to_vector(carried.drop_front()),
                                 loop.getInductionVar(), multiplyGroup);
      SmallVector<Value> all = {sums};
      all.append(dots);
      scf::YieldOp::create(builder, loc, all);
    }
    ValueRange results = loop.getResults();
    Value sums =
        finish(results[0], llvm::to_vector(results.drop_front()), index(groups - step), [](Value) {
          return SmallVector<Value>();
        }).first;
    saveSums(sums, row, tile);
  }

  Value loadSums(VectorType type, Value row, Value tile) {
    Value block = real(0, type);
    for (int64_t i = 0; i < kRows; ++i) {
      Value lanes = load(sixteenFloats(), memory.sums, {tile, add(row, i), index(0)});
      block = insert(lanes, block, {i, 0});
    }
    return block;
  }

  void saveSums(Value sums, Value row, Value tile) {
    for (int64_t i = 0; i < kRows; ++i)
      store(extract(sums, {i, 0}), memory.sums, {tile, add(row, i), index(0)});
  }

  /// Runs `body` for 0, 1, ... below `count`, then `padding` up to the turn's groups.
  void forEachGroup(Value count, function_ref<void(Value)> body,
                    function_ref<void(Value)> padding) {
    forEach(count, 1, body);
    auto loop = scf::ForOp::create(builder, loc, count, index(groups), index(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    padding(loop.getInductionVar());
  }

  /// The codes of tile number `number` from group `first` on, `count` groups, as signed bytes into
  /// place `tile`. What is missing has codes of zero and scales of -0: it leaves any sum as it is.
  void unpackWeights(Value number, Value tile, Value first, Value count) {
    int64_t zero = pack::geometryOf(format).zero;
    auto blockType = VectorType::get({kWeightRows, 1, kWidth}, builder.getI8Type());
    auto scaleType = VectorType::get({1, pack::kTileRows}, builder.getF32Type());
    auto storeCodes = [&](Value codes, Value group, int64_t row) {
      Value byte = add(mul(group, kTileBytes), index(row * kWidth));
      store(codes, memory.weights, {tile, byte});
    };
    auto storeScales = [&](Value scales, Value to, Value group) {
      store(vector::ShapeCastOp::create(builder, loc, sixteenFloats(), scales), to,
            {tile, group, index(0)});
    };
    auto unpack = [&](Value group) {
      Value k = mul(add(first, group), pack::kRecordChannels), w = matmul.op.getW();
      Value block = tile::UnpackOp::create(builder, loc, blockType, w, number, k, format);
      for (int64_t row = 0; row < kWeightRows; ++row) {
        Value codes = extract(block, {row, 0});
        if (zero != 0)
          codes = sub(codes,
                      cpu::constantInteger(builder, loc, static_cast<int8_t>(zero), bytes(kWidth)));
        storeCodes(codes, group, row);
      }
      for (bool minimum : {false, true})
        if (Value to = minimum ? memory.minimums : memory.scales)
          storeScales(
              tile::ScalesOp::create(builder, loc, scaleType, w, number, k, format, minimum), to,
              group);
    };
    forEachGroup(count, unpack, [&](Value group) {
      for (int64_t row = 0; row < kWeightRows; ++row)
        storeCodes(cpu::constantInteger(builder, loc, 0, bytes(kWidth)), group, row);
      for (Value to : {memory.scales, memory.minimums})
        if (to)
          storeScales(real(-0.0, scaleType), to, group);
    });
  }

  /// Prefetches what the next turn unpacks of tile number `number`, whose turn begins with group
  /// `first`, or the next block, whose tiles lie behind these: a share for each 16 rows.
  void prefetchNext(Value number, Value first, Value row) {
    auto share =
        static_cast<int64_t>(llvm::divideCeil(groups * matmul.groupBytes(), kChunkRows / kRows));
    Value next = mul(add(first, index(groups)), matmul.groupBytes());
    Value sixteen = arith::DivUIOp::create(builder, loc, row, index(kRows));
    matmul.prefetch(number, add(next, mul(sixteen, share)), share, /*locality=*/2);
  }

  /// Groups [turn * groups, ...) for `count` rows from `chunk` on.
  void emitTurn(Value block, Value turn, Value chunk, Value count) {
    Value first = mul(turn, groups);
    Value ofTurn = smaller(sub(index(allGroups), first), index(groups));
    forEach(index(matmul.op.streams()), 1, [&](Value stream) {
      for (auto [part, number] : llvm::enumerate(matmul.tilesOf(block, stream, 1)))
        unpackWeights(number, add(mul(stream, matmul.parts()), index(static_cast<int64_t>(part))),
                      first, ofTurn);
    });
    forEach(count, kRows, [&](Value row) {
      forEach(index(matmul.op.streams()), 1, [&](Value stream) {
        for (Value number : matmul.tilesOf(block, stream, 1))
          prefetchNext(number, first, row);
      });
      forEach(index(tiles), 1, [&](Value tile) { emitProduct(chunk, row, tile, first); });
    });
  }

  /// The sums of `count` rows from `chunk` on, through the epilogue.
  void emitStores(Value block, Value chunk, Value count, Value last) {
    auto type = VectorType::get({1, 1, pack::kTileRows}, builder.getF32Type());
    forEach(index(matmul.op.streams()), 1, [&](Value stream) {
      SmallVector<Value> numbers = matmul.tilesOf(block, stream, 1);
      forEach(count, 1, [&](Value row) {
        SmallVector<Value> sums;
        for (int64_t part = 0; part < matmul.parts(); ++part) {
          Value tile = add(mul(stream, matmul.parts()), index(part));
          Value lanes = load(sixteenFloats(), memory.sums, {tile, row, index(0)});
          sums.push_back(vector::ShapeCastOp::create(builder, loc, type, lanes));
        }
        matmul.store(add(chunk, row), last, numbers, sums);
      });
    });
  }

  void emit(Value block) {
    Value last = sub(matmul.rows, index(1)), zero = real(0, sixteenFloats());
    forEach(matmul.rows, kChunkRows, [&](Value chunk) {
      Value count = smaller(sub(matmul.rows, chunk), index(kChunkRows));
      forEach(index(tiles), 1, [&](Value tile) {
        forEach(count, 1, [&](Value row) { store(zero, memory.sums, {tile, row, index(0)}); });
      });
      forEach(index(turns), 1, [&](Value turn) { emitTurn(block, turn, chunk, count); });
      emitStores(block, chunk, count, last);
    });
  }
};

struct MatmulToAmx : OpRewritePattern<tile::MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tile::MatmulOp op, PatternRewriter &rewriter) const override {
    if (!isa<MemRefType>(op.getOut().getType()) || !isa<MemRefType>(op.getW().getType()))
      return rewriter.notifyMatchFailure(op, "operands are not in memory yet");
    tile::ScheduleAttr schedule = op.getScheduleAttr();
    if (op.getPlanes() == 0 || !schedule || schedule.getFew() == 0)
      return rewriter.notifyMatchFailure(op, "has no codes, or no schedule of few rows");
    if (op.getFormatAttr().getGroup() != pack::kRecordChannels)
      return rewriter.notifyMatchFailure(op, "has scales inside the channels of a tile register");
    if (op.getMostRows() || !op.getInterleaved())
      return rewriter.notifyMatchFailure(op, "has few rows, or rows that are not interleaved");
    Location loc = op.getLoc();
    Value rows = memref::DimOp::create(rewriter, loc, op.getOut(), 0);
    Value few = cpu::constantIndex(rewriter, loc, tile::kFewRows);
    Value isMany = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::sgt, rows, few);
    cpu::MatmulBlocks matmul{{rewriter, loc}, op, schedule, rows};
    AmxBlock amx{matmul, matmul};
    amx.allocateScratch();
    auto choice = scf::IfOp::create(rewriter, loc, isMany, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(choice.thenYield());
      cpu::createGrid(rewriter, loc, matmul.index(op.blocks()),
                      [&](OpBuilder &, Value block) { amx.emit(block); });
      rewriter.setInsertionPoint(choice.elseYield());
      auto rest = cast<tile::MatmulOp>(rewriter.clone(*op));
      rest.setMostRows(tile::kFewRows);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct X86MatmulToAmxPass : osscc::impl::X86MatmulToAmxPassBase<X86MatmulToAmxPass> {
  using X86MatmulToAmxPassBase::X86MatmulToAmxPassBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.addWithLabel<MatmulToAmx>({"matmul-to-amx"}, &getContext());
    FrozenRewritePatternSet frozen(std::move(patterns), disabledPatterns, enabledPatterns);
    if (failed(applyPatternsGreedily(getOperation(), frozen)))
      signalPassFailure();
  }
};

} // namespace
} // namespace osscc
