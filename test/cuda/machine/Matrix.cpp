// Products of matrices whose elements lie in the registers of a warp, and loads of such. Which
// element lies where: PTX ISA, "Matrix Fragments for mma.m16n8k..." and "ldmatrix".
#include "test/cuda/machine/Block.h"
#include "test/cuda/machine/Entries.h"
#include "test/cuda/machine/Numbers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

// The loops over a product's columns are worth the widest registers that there are.
#ifdef __x86_64__
#define OSSCC_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define OSSCC_WIDE
#endif

namespace osscc::standin {
namespace {

constexpr int kM = 16, kN = 8, kMostK = 64;

enum class Element { kBf16, kF16, kTf32, kE4m3, kE5m2, kS8, kU8 };
enum class Sum { kF32, kF16, kS32, kS32Clamped };

struct Kind {
  MmaShape shape;
  Element a, b;
  Sum sum;
};

int bitsOf(Element element) {
  switch (element) {
  case Element::kBf16:
  case Element::kF16:
    return 16;
  case Element::kTf32:
    return 32;
  default:
    return 8;
  }
}

/// The shapes m16n8: of each element type those with one or two words of a row's eighth.
std::vector<Kind> allKinds() {
  std::vector<Kind> kinds;
  auto add = [&](int k, const char *a, Element ofA, const char *b, Element ofB, const char *sum,
                 Sum ofSum, int words) {
    int perWord = 32 / bitsOf(ofA), ofRow = k / (4 * perWord); // words of a row that a lane holds
    std::string name = "m16n8k" + std::to_string(k) + "." + sum + "." + a + "." + b + "." + sum;
    kinds.push_back({{name, k, 2 * ofRow, ofRow, words, words}, ofA, ofB, ofSum});
  };
  for (int k : {8, 16}) {
    add(k, "bf16", Element::kBf16, "bf16", Element::kBf16, "f32", Sum::kF32, 4);
    add(k, "f16", Element::kF16, "f16", Element::kF16, "f32", Sum::kF32, 4);
    add(k, "f16", Element::kF16, "f16", Element::kF16, "f16", Sum::kF16, 2);
  }
  for (int k : {4, 8})
    add(k, "tf32", Element::kTf32, "tf32", Element::kTf32, "f32", Sum::kF32, 4);
  const std::pair<const char *, Element> bytes[] = {{"s8", Element::kS8}, {"u8", Element::kU8}},
                                         floats[] = {{"e4m3", Element::kE4m3},
                                                     {"e5m2", Element::kE5m2}};
  for (int k : {16, 32})
    for (auto [a, ofA] : bytes)
      for (auto [b, ofB] : bytes) {
        add(k, a, ofA, b, ofB, "s32", Sum::kS32, 4);
        add(k, a, ofA, b, ofB, "s32", Sum::kS32Clamped, 4);
        kinds.back().shape.name += ".satfinite";
      }
  for (int k : {16, 32})
    for (auto [a, ofA] : floats)
      for (auto [b, ofB] : floats)
        add(k, a, ofA, b, ofB, "f32", Sum::kF32, 4);
  return kinds;
}

const std::vector<Kind> kKinds = allKinds();

double decoded(Element element, uint32_t word, int i) {
  uint32_t byte = word >> (8 * (i & 3)) & 0xff, half = word >> (16 * (i & 1)) & 0xffff;
  switch (element) {
  case Element::kBf16:
    return std::bit_cast<float>(half << 16);
  case Element::kF16:
    return floatOfHalf(uint16_t(half));
  case Element::kTf32:
    return std::bit_cast<float>(word & ~0x1fffu);
  case Element::kE4m3:
    return floatOfE4m3(uint8_t(byte));
  case Element::kE5m2:
    return floatOfE5m2(uint8_t(byte));
  case Element::kS8:
    return int8_t(byte);
  case Element::kU8:
    return byte;
  }
  return 0;
}

struct Mma : Operation {
  const Kind *kind;
  const uint32_t *words; // a, b, c of this lane
  uint32_t *result;
};

struct Matrices {
  double a[kM][kMostK], b[kMostK][kN], sum[kM][kN];
};

/// A lane's words into the matrices. Lane 4 g + t holds of A the rows g and g + 8, of B the column
/// g; of each row the elements of word t of its first half and of word t of its second.
void place(const Kind &kind, uint32_t lane, const uint32_t *words, Matrices &to) {
  int g = int(lane / 4), t = int(lane % 4), perWord = 32 / bitsOf(kind.a);
  for (int word = 0; word < kind.shape.a; ++word)
    for (int i = 0; i < perWord; ++i)
      to.a[g + word % 2 * 8][word / 2 * 4 * perWord + t * perWord + i] =
          decoded(kind.a, words[word], i);
  words += kind.shape.a;
  for (int word = 0; word < kind.shape.b; ++word)
    for (int i = 0; i < perWord; ++i)
      to.b[word * 4 * perWord + t * perWord + i][g] = decoded(kind.b, words[word], i);
  words += kind.shape.b;
  for (int i = 0; i < 4; ++i) {
    double &at = to.sum[g + i / 2 * 8][2 * t + i % 2];
    if (kind.sum == Sum::kF32)
      at = std::bit_cast<float>(words[i]);
    else if (kind.sum == Sum::kF16)
      at = decoded(Element::kF16, words[i / 2], i);
    else
      at = int32_t(words[i]);
  }
}

/// Sums in double precision: exact for bytes, and nearer to the true sum than the hardware's for
/// floats.
OSSCC_WIDE void multiply(Matrices &matrices, int k) {
  for (int row = 0; row < kM; ++row)
    for (int i = 0; i < k; ++i)
      for (int column = 0; column < kN; ++column)
        matrices.sum[row][column] += matrices.a[row][i] * matrices.b[i][column];
}

void collect(const Kind &kind, uint32_t lane, const Matrices &from, uint32_t *words) {
  int g = int(lane / 4), t = int(lane % 4);
  for (int i = 0; i < kind.shape.d; ++i)
    words[i] = 0;
  for (int i = 0; i < 4; ++i) {
    double value = from.sum[g + i / 2 * 8][2 * t + i % 2];
    if (kind.sum == Sum::kF32)
      words[i] = std::bit_cast<uint32_t>(float(value));
    else if (kind.sum == Sum::kF16)
      words[i / 2] |= uint32_t(halfOfFloat(float(value))) << (16 * (i & 1));
    else if (kind.sum == Sum::kS32)
      words[i] = uint32_t(int64_t(value));
    else
      words[i] = uint32_t(int32_t(std::clamp<double>(value, INT32_MIN, INT32_MAX)));
  }
}

void multiplyFragments(Thread *const *, Operation *const *lanes) {
  Matrices matrices;
  const Kind &kind = *static_cast<Mma *>(lanes[0])->kind;
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    place(kind, lane, static_cast<Mma *>(lanes[lane])->words, matrices);
  multiply(matrices, kind.shape.k);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    collect(kind, lane, matrices, static_cast<Mma *>(lanes[lane])->result);
}

void standin_mma(Thread *thread, int line, uint32_t kind, const uint32_t *words, uint32_t *result) {
  Mma own;
  own.perform = multiplyFragments;
  own.mask = ~0u;
  own.name = "mma";
  own.kind = &kKinds[kind];
  own.words = words;
  own.result = result;
  thread->block->operate(*thread, own, line);
}

constexpr int kRowBytes = 16; // of a matrix of 8 times 8 halves

struct MoveMatrices : Operation {
  uint32_t count, isTransposed;
  uint8_t *row; // the one that this lane names, or null
  uint32_t *words;
  bool isStore;
};

/// Lane 8 i + r names row r of matrix i; lane l holds elements 2 (l % 4) and the next of row l / 4
/// of each matrix, or of that column.
void moveMatrices(Thread *const *, Operation *const *lanes) {
  auto &first = *static_cast<MoveMatrices *>(lanes[0]);
  for (uint32_t matrix = 0; matrix < first.count; ++matrix)
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      for (uint32_t i = 0; i < 2; ++i) {
        uint32_t row = lane / 4, column = 2 * (lane % 4) + i;
        if (first.isTransposed)
          std::swap(row, column);
        uint8_t *at = static_cast<MoveMatrices *>(lanes[8 * matrix + row])->row + 2 * column;
        auto *half =
            reinterpret_cast<uint8_t *>(static_cast<MoveMatrices *>(lanes[lane])->words + matrix) +
            2 * i;
        if (first.isStore)
          std::memcpy(at, half, 2);
        else
          std::memcpy(half, at, 2);
      }
}

void standin_move_matrices(Thread *thread, int line, uint32_t count, uint32_t isTransposed,
                           uint32_t isStore, uint32_t address, uint32_t *words) {
  MoveMatrices own;
  own.perform = moveMatrices;
  own.mask = ~0u;
  own.name = isStore ? "stmatrix" : "ldmatrix";
  own.count = count, own.isTransposed = isTransposed, own.isStore = isStore != 0;
  own.row = thread->lane < 8 * count
                ? thread->block->shared(*thread, address, kRowBytes, kRowBytes, line)
                : nullptr;
  own.words = words;
  if (own.row)
    thread->block->touch(*thread, address, kRowBytes, own.isStore, line);
  thread->block->operate(*thread, own, line);
}

} // namespace

const std::vector<MmaShape> &mmaShapes() {
  static const std::vector<MmaShape> kShapes = [] {
    std::vector<MmaShape> shapes;
    for (const Kind &kind : kKinds)
      shapes.push_back(kind.shape);
    return shapes;
  }();
  return kShapes;
}

std::vector<Entry> matrixEntries() {
  return {{"standin_mma", addressOf(standin_mma)},
          {"standin_move_matrices", addressOf(standin_move_matrices)}};
}

} // namespace osscc::standin
