// Products of matrices in registers. Where each element lies is written here as the manual (PTX
// ISA, "Matrix Fragments for mma.m16n8k...") has it, element by element, and shares nothing with
// the machine.
#include "test/cuda/Gpu.h"

#include <bit>
#include <cmath>
#include <functional>

namespace osscc::standin {
namespace {

/// Row and column of element i of a lane's registers.
struct Place {
  int row, column;
};
using Layout = std::function<Place(int group, int thread, int i)>;

/// An element's bits for a small whole number, which every type holds.
using Encode = std::function<uint32_t(int value)>;

struct Kind {
  std::string name; // "m16n8k16.row.col.f32.bf16.bf16.f32"
  int k, bits;      // of an element
  int elementsOfA, elementsOfB;
  Layout a, b;
  Encode ofA, ofB;
  bool isFloat;
  int sm = 80;
};

Place ofC(int group, int thread, int i) {
  return {i < 2 ? group : group + 8, thread * 2 + (i & 1)};
}

uint32_t bfloat(int value) {
  return std::bit_cast<uint32_t>(float(value)) >> 16;
}
uint32_t half(int value) {
  return std::bit_cast<uint16_t>(_Float16(float(value)));
}
uint32_t byte(int value) {
  return uint32_t(value) & 0xff;
}
uint32_t single(int value) {
  return std::bit_cast<uint32_t>(float(value));
}

/// Of whole numbers from -8 to 8.
uint32_t e4m3(int value) {
  uint32_t size = uint32_t(std::abs(value)), exponent = 0;
  while (size >> (exponent + 1))
    ++exponent;
  uint32_t bits = size ? (exponent + 7) << 3 | ((size << 3 >> exponent) & 7) : 0;
  return bits | (value < 0 ? 0x80 : 0);
}

/// Of whole numbers that a half holds in its upper byte: 0, 1, 2, 3, 4, 6, 8 and their negatives;
/// others are cut.
uint32_t e5m2(int value) {
  return half(value) >> 8;
}

const std::vector<Kind> kKinds = {
    {"m16n8k16.row.col.f32.bf16.bf16.f32", 16, 16, 8, 4,
     [](int g, int t, int i) -> Place {
       return {(i < 2) || (i >= 4 && i < 6) ? g : g + 8,
               i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8};
     },
     [](int g, int t, int i) -> Place {
       return {i < 2 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8, g};
     },
     bfloat, bfloat, true},
    {"m16n8k8.row.col.f32.bf16.bf16.f32", 8, 16, 4, 2,
     [](int g, int t, int i) -> Place { return {i < 2 ? g : g + 8, t * 2 + (i & 1)}; },
     [](int g, int t, int i) -> Place { return {t * 2 + i, g}; }, bfloat, bfloat, true},
    {"m16n8k16.row.col.f32.f16.f16.f32", 16, 16, 8, 4,
     [](int g, int t, int i) -> Place {
       return {(i < 2) || (i >= 4 && i < 6) ? g : g + 8,
               i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8};
     },
     [](int g, int t, int i) -> Place {
       return {i < 2 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8, g};
     },
     half, half, true},
    {"m16n8k32.row.col.s32.s8.s8.s32", 32, 8, 16, 8,
     [](int g, int t, int i) -> Place {
       return {(i < 4) || (i >= 8 && i < 12) ? g : g + 8,
               i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16};
     },
     [](int g, int t, int i) -> Place {
       return {i < 4 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16, g};
     },
     byte, byte, false},
    {"m16n8k16.row.col.s32.s8.s8.s32", 16, 8, 8, 4,
     [](int g, int t, int i) -> Place { return {i < 4 ? g : g + 8, t * 4 + (i & 3)}; },
     [](int g, int t, int i) -> Place { return {t * 4 + i, g}; }, byte, byte, false},
    {"m16n8k8.row.col.f32.tf32.tf32.f32", 8, 32, 4, 2,
     [](int g, int t, int i) -> Place { return {i == 0 || i == 2 ? g : g + 8, i < 2 ? t : t + 4}; },
     [](int g, int t, int i) -> Place { return {i == 0 ? t : t + 4, g}; }, single, single, true},
    {"m16n8k32.row.col.f32.e4m3.e5m2.f32", 32, 8, 16, 8,
     [](int g, int t, int i) -> Place {
       return {(i < 4) || (i >= 8 && i < 12) ? g : g + 8,
               i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16};
     },
     [](int g, int t, int i) -> Place {
       return {i < 4 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16, g};
     },
     e4m3, e5m2, true, 89},
};

constexpr int kLanes = 32, kRows = 16, kColumns = 8;

std::string registers(char name, int count) {
  std::string list = "{";
  for (int i = 0; i < count; ++i)
    list += (i ? ", %" : "%") + std::string(1, name) + std::to_string(i);
  return list + "}";
}

struct Matrix : Gpu {
  void hold(const Kind &kind) {
    std::vector<uint32_t> random =
        randomWords(size_t(kRows * kind.k + kind.k * kColumns + kRows * kColumns), 9);
    const int values[] = {0, 1, 2, 3, 4, 6, 8, -1, -2, -3, -4, -6, -8};
    auto next = random.begin();
    std::vector<int> a(size_t(kRows * kind.k)), b(size_t(kind.k * kColumns)), c(kRows * kColumns);
    for (auto *matrix : {&a, &b, &c})
      for (int &value : *matrix)
        value = values[*next++ % std::size(values)];
    int wordsOfA = kind.elementsOfA * kind.bits / 32, wordsOfB = kind.elementsOfB * kind.bits / 32;
    int words = wordsOfA + wordsOfB + 4, perWord = 32 / kind.bits;
    std::vector<uint32_t> in(size_t(kLanes * words));
    for (int lane = 0; lane < kLanes; ++lane) {
      uint32_t *own = in.data() + lane * words;
      for (int i = 0; i < kind.elementsOfA; ++i) {
        auto [row, column] = kind.a(lane >> 2, lane % 4, i);
        own[i / perWord] |= kind.ofA(a[size_t(row * kind.k + column)]) << (i % perWord * kind.bits);
      }
      for (int i = 0; i < kind.elementsOfB; ++i) {
        auto [row, column] = kind.b(lane >> 2, lane % 4, i);
        own[wordsOfA + i / perWord] |= kind.ofB(b[size_t(row * kColumns + column)])
                                       << (i % perWord * kind.bits);
      }
      for (int i = 0; i < 4; ++i) {
        auto [row, column] = ofC(lane >> 2, lane % 4, i);
        int value = c[size_t(row * kColumns + column)];
        own[wordsOfA + wordsOfB + i] = kind.isFloat ? single(value) : uint32_t(value);
      }
    }
    std::string body = ".reg .b32 %A<4>, %B<4>, %C<4>, %D<4>;\n mul.lo.u32 %t0, %id, " +
                       std::to_string(4 * words) +
                       "; cvt.u64.u32 %l0, %t0; add.u64 %in, %in, %l0;\n";
    int at = 0;
    for (auto [name, count] : {std::pair('A', wordsOfA), {'B', wordsOfB}, {'C', 4}})
      for (int i = 0; i < count; ++i, at += 4)
        body += "ld.global.b32 %" + std::string(1, name) + std::to_string(i) + ", [%in+" +
                std::to_string(at) + "];\n";
    body += "mma.sync.aligned." + kind.name + " " + registers('D', 4) + ", " +
            registers('A', wordsOfA) + ", " + registers('B', wordsOfB) + ", " + registers('C', 4) +
            ";\n shl.b32 %t0, %id, 4; cvt.u64.u32 %l0, %t0;" +
            "add.u64 %out, %out, %l0; st.global.v4.b32 [%out], " + registers('D', 4) + ";";
    // Fragments of floats stand in registers of bits, which ptxas accepts.
    std::vector<uint32_t> found =
        run<uint32_t>(kernelText(body), {1, kLanes, 0}, in, kLanes * 4, kind.sm);
    ASSERT_EQ(found.size(), size_t(kLanes * 4)) << kind.name << ": " << log;
    for (int lane = 0; lane < kLanes; ++lane)
      for (int i = 0; i < 4; ++i) {
        auto [row, column] = ofC(lane >> 2, lane % 4, i);
        int sum = c[size_t(row * kColumns + column)];
        for (int k = 0; k < kind.k; ++k)
          sum += a[size_t(row * kind.k + k)] * b[size_t(k * kColumns + column)];
        uint32_t word = found[size_t(lane * 4 + i)];
        ASSERT_EQ(kind.isFloat ? int(std::bit_cast<float>(word)) : int(word), sum)
            << kind.name << ": row " << row << ", column " << column;
      }
  }
};

TEST_F(Matrix, Multiply) {
  for (const Kind &kind : kKinds)
    hold(kind);
}

TEST_F(Matrix, LoadRowsAndColumns) {
  std::vector<uint16_t> halves(4 * 64);
  for (size_t i = 0; i < halves.size(); ++i)
    halves[i] = uint16_t(i);
  for (bool isTransposed : {false, true}) {
    // Each lane copies a row of 16 bytes to shared memory, rows 48 bytes apart, and names it.
    std::string text = kernelText(R"(
  mul.wide.u32 %l0, %id, 16;
  add.u64 %in, %in, %l0;
  add.u64 %out, %out, %l0;
  ld.global.v4.b32 {%a, %b, %c, %d}, [%in];
  mov.u32 %t0, store;
  mad.lo.u32 %t0, %id, 48, %t0;
  st.shared.v4.b32 [%t0], {%a, %b, %c, %d};
  bar.warp.sync -1;
  ldmatrix.sync.aligned.m8n8.x4)" + std::string(isTransposed ? ".trans" : "") +
                                      R"(.shared.b16 {%a, %b, %c, %d}, [%t0];
  st.global.v4.b32 [%out], {%a, %b, %c, %d};)",
                                  ".shared .align 16 .b8 store[1536];\n");
    std::vector<uint16_t> found = run<uint16_t>(text, {1, kLanes, 0}, halves, kLanes * 8);
    ASSERT_EQ(found.size(), size_t(kLanes * 8)) << log;
    for (size_t lane = 0; lane < kLanes; ++lane)
      for (size_t matrix = 0; matrix < 4; ++matrix)
        for (size_t i = 0; i < 2; ++i) {
          size_t row = lane / 4, column = lane % 4 * 2 + i;
          size_t element = isTransposed ? column * 8 + row : row * 8 + column;
          ASSERT_EQ(found[lane * 8 + matrix * 2 + i], matrix * 64 + element)
              << lane << " " << matrix << " " << i;
        }
  }
}

} // namespace
} // namespace osscc::standin
