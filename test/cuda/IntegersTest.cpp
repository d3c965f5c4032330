// Integer instructions against C++, over words at the edges and random ones.
#include "test/cuda/Gpu.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace osscc::standin {
namespace {

using Fn = std::function<uint32_t(uint32_t, uint32_t, uint32_t)>;

struct Case {
  const char *body;
  Fn expected;
};

int32_t s(uint32_t word) {
  return int32_t(word);
}

struct Integers : Gpu {
  std::vector<Words> inputs;

  Integers() {
    const uint32_t edges[] = {0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff, 0x12345678};
    for (uint32_t a : edges)
      for (uint32_t b : edges)
        for (uint32_t c : {0u, 5u, 32u, 40u, 0xffffffffu})
          inputs.push_back({a, b, c, 0});
    std::vector<uint32_t> random = randomWords(3 * 100, 7);
    for (size_t i = 0; i < random.size(); i += 3)
      inputs.push_back({random[i], random[i + 1], random[i + 2], 0});
  }
  void hold(const std::vector<Case> &cases) {
    for (const Case &one : cases) {
      std::vector<uint32_t> found = each(one.body, inputs);
      ASSERT_EQ(found.size(), inputs.size()) << one.body << ": " << log;
      for (size_t i = 0; i < inputs.size(); ++i) {
        auto [a, b, c, d] = inputs[i];
        ASSERT_EQ(found[i], one.expected(a, b, c))
            << one.body << " of " << std::hex << a << ", " << b << ", " << c;
      }
    }
  }
};

TEST_F(Integers, AddAndMultiply) {
  hold({{"add.s32 %o, %a, %b;", [](auto a, auto b, auto) { return a + b; }},
        {"sub.s32 %o, %a, %b;", [](auto a, auto b, auto) { return a - b; }},
        {"add.sat.s32 %o, %a, %b;",
         [](auto a, auto b, auto) {
           return uint32_t(std::clamp<int64_t>(int64_t(s(a)) + s(b), INT32_MIN, INT32_MAX));
         }},
        {"mul.lo.s32 %o, %a, %b;", [](auto a, auto b, auto) { return a * b; }},
        {"mul.hi.u32 %o, %a, %b;",
         [](auto a, auto b, auto) { return uint32_t(uint64_t(a) * b >> 32); }},
        {"mul.hi.s32 %o, %a, %b;",
         [](auto a, auto b, auto) { return uint32_t(int64_t(s(a)) * s(b) >> 32); }},
        {"mad.lo.s32 %o, %a, %b, %c;", [](auto a, auto b, auto c) { return a * b + c; }},
        {"mul.wide.s32 %l0, %a, %b; shr.u64 %l0, %l0, 32; cvt.u32.u64 %o, %l0;",
         [](auto a, auto b, auto) { return uint32_t(uint64_t(int64_t(s(a)) * s(b)) >> 32); }},
        {"mad.wide.u32 %l0, %a, %b, -1; cvt.u32.u64 %o, %l0;",
         [](auto a, auto b, auto) { return uint32_t(uint64_t(a) * b - 1); }},
        {"cvt.u16.u32 %h0, %a; cvt.u16.u32 %h1, %b; mul.lo.s16 %h2, %h0, %h1; cvt.s32.s16 %o, %h2;",
         [](auto a, auto b, auto) {
           return uint32_t(int32_t(int16_t(uint16_t(a) * uint32_t(uint16_t(b)))));
         }},
        {"sad.s32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) { return c + (s(a) < s(b) ? b - a : a - b); }}});
}

TEST_F(Integers, DivideAndCompare) {
  auto quotient = [](int64_t a, int64_t b) { return uint32_t(a / b); };
  // Quotients by zero are the hardware's own affair.
  std::erase_if(inputs, [](const Words &words) { return words[1] == 0; });
  hold(
      {{"div.u32 %o, %a, %b;", [&](auto a, auto b, auto) { return quotient(a, b); }},
       {"div.s32 %o, %a, %b;", [&](auto a, auto b, auto) { return quotient(s(a), s(b)); }},
       {"rem.u32 %o, %a, %b;", [](auto a, auto b, auto) { return a % b; }},
       {"rem.s32 %o, %a, %b;", [](auto a, auto b, auto) { return uint32_t(int64_t(s(a)) % s(b)); }},
       {"min.s32 %o, %a, %b;", [](auto a, auto b, auto) { return uint32_t(std::min(s(a), s(b))); }},
       {"max.u32 %o, %a, %b;", [](auto a, auto b, auto) { return std::max(a, b); }},
       {"abs.s32 %o, %a;", [](auto a, auto, auto) { return s(a) < 0 ? -a : a; }},
       {"neg.s32 %o, %a;", [](auto a, auto, auto) { return -a; }},
       {"setp.lt.s32 %p1, %a, %b; selp.b32 %o, %a, %c, %p1;",
        [](auto a, auto b, auto c) { return s(a) < s(b) ? a : c; }},
       {"setp.hs.u32 %p1|%p2, %a, %b; selp.b32 %o, 1, 2, %p2;",
        [](auto a, auto b, auto) { return a >= b ? 2u : 1u; }},
       {"setp.eq.u32 %p1, %a, 0; setp.gt.and.s32 %p2, %b, %c, !%p1; selp.b32 %o, 1, 0, %p2;",
        [](auto a, auto b, auto c) { return uint32_t(s(b) > s(c) && a != 0); }},
       {"set.le.u32.s32 %o, %a, %b;", [](auto a, auto b, auto) { return s(a) <= s(b) ? ~0u : 0u; }},
       {"slct.b32.s32 %o, %a, %b, %c;", [](auto a, auto b, auto c) { return s(c) >= 0 ? a : b; }}});
}

uint32_t field(uint32_t a, uint32_t b, uint32_t c, bool isSigned) {
  uint32_t from = b & 0xff, length = c & 0xff;
  uint32_t sign = isSigned && length ? a >> std::min(from + length - 1, 31u) & 1 : 0, found = 0;
  for (uint32_t i = 0; i < 32; ++i)
    found |= (i < length && from + i < 32 ? a >> (from + i) & 1 : sign) << i;
  return found;
}

TEST_F(Integers, MoveBits) {
  hold({{"shl.b32 %o, %a, %b;", [](auto a, auto b, auto) { return b > 31 ? 0 : a << b; }},
        {"shr.u32 %o, %a, %b;", [](auto a, auto b, auto) { return b > 31 ? 0 : a >> b; }},
        {"shr.s32 %o, %a, %b;",
         [](auto a, auto b, auto) { return uint32_t(s(a) >> std::min(b, 31u)); }},
        {"shf.l.wrap.b32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) {
           return uint32_t(((uint64_t(b) << 32 | a) << (c & 31)) >> 32);
         }},
        {"shf.r.wrap.b32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) { return uint32_t((uint64_t(b) << 32 | a) >> (c & 31)); }},
        {"shf.r.clamp.b32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) {
           return uint32_t((uint64_t(b) << 32 | a) >> std::min(c, 32u));
         }},
        {"shf.l.clamp.b32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) {
           return uint32_t(((uint64_t(b) << 32 | a) << std::min(c, 32u)) >> 32);
         }},
        {"bfe.u32 %o, %a, %b, %c;", [](auto a, auto b, auto c) { return field(a, b, c, false); }},
        {"bfe.s32 %o, %a, %b, %c;", [](auto a, auto b, auto c) { return field(a, b, c, true); }},
        {"bfi.b32 %o, %a, %b, %c, 5;",
         [](auto a, auto b, auto c) {
           uint32_t from = c & 0xff, mask = from > 31 ? 0 : 31u << from;
           return from > 31 ? b : ((a << from) & mask) | (b & ~mask);
         }},
        {"bfind.u32 %o, %a;",
         [](auto a, auto, auto) { return a ? 31u - uint32_t(std::countl_zero(a)) : ~0u; }},
        {"clz.b32 %o, %a;", [](auto a, auto, auto) { return uint32_t(std::countl_zero(a)); }},
        {"popc.b32 %o, %a;", [](auto a, auto, auto) { return uint32_t(std::popcount(a)); }},
        {"brev.b32 %o, %a;", [](auto a, auto, auto) { return __builtin_bitreverse32(a); }},
        {"not.b32 %o, %a;", [](auto a, auto, auto) { return ~a; }},
        {"cnot.b32 %o, %a;", [](auto a, auto, auto) { return uint32_t(a == 0); }},
        {"lop3.b32 %o, %a, %b, %c, 0xca;",
         [](auto a, auto b, auto c) { return (a & b) | (~a & c); }},
        {"lop3.b32 %o, %a, %b, %c, 0x96;", [](auto a, auto b, auto c) { return a ^ b ^ c; }}});
}

uint32_t permuted(uint32_t a, uint32_t b, uint32_t c) {
  uint64_t bytes = uint64_t(b) << 32 | a;
  uint32_t found = 0;
  for (int i = 0; i < 4; ++i) {
    uint32_t nibble = c >> (4 * i) & 15, byte = bytes >> (8 * (nibble & 7)) & 0xff;
    found |= (nibble & 8 ? (byte & 0x80 ? 0xffu : 0u) : byte) << (8 * i);
  }
  return found;
}

uint32_t dotted(uint32_t a, uint32_t b, uint32_t c, bool isSigned) {
  for (int i = 0; i < 4; ++i) {
    int32_t left = isSigned ? int8_t(a >> (8 * i)) : uint8_t(a >> (8 * i));
    c += uint32_t(left * int8_t(b >> (8 * i)));
  }
  return c;
}

TEST_F(Integers, WorkOnBytes) {
  hold({{"prmt.b32 %o, %a, %b, %c;", permuted},
        {"prmt.b32 %o, %a, %b, 0x5140;",
         [](auto a, auto b, auto) { return permuted(a, b, 0x5140); }},
        {"dp4a.s32.s32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) { return dotted(a, b, c, true); }},
        {"dp4a.u32.s32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) { return dotted(a, b, c, false); }},
        {"dp2a.hi.s32.s32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) {
           return c + uint32_t(int16_t(a) * int8_t(b >> 16)) +
                  uint32_t(int16_t(a >> 16) * int8_t(b >> 24));
         }},
        {"mov.b32 {%h0, %h1}, %a; mov.b32 %o, {%h1, %h0};",
         [](auto a, auto, auto) { return a << 16 | a >> 16; }},
        {"mov.b64 %l0, {%a, %b}; shr.u64 %l0, %l0, 8; mov.b64 {%o, _}, %l0;",
         [](auto a, auto b, auto) { return a >> 8 | b << 24; }},
        {"cvt.s32.s8 %o, %a;", [](auto a, auto, auto) { return uint32_t(int32_t(int8_t(a))); }},
        {"cvt.u32.u8 %o, %a;", [](auto a, auto, auto) { return a & 0xff; }},
        {"cvt.sat.s8.s32 %t0, %a; cvt.s32.s8 %o, %t0;",
         [](auto a, auto, auto) { return uint32_t(std::clamp(s(a), -128, 127)); }},
        {"cvt.sat.u8.s32 %o, %a;",
         [](auto a, auto, auto) { return uint32_t(std::clamp(s(a), 0, 255)); }}});
}

} // namespace
} // namespace osscc::standin
