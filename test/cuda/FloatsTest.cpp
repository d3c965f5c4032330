// Float instructions against C++: bit for bit where PTX promises a rounding, within its bound where
// it promises one.
#include "test/cuda/Gpu.h"

#include <bit>
#include <cmath>
#include <functional>

namespace osscc::standin {
namespace {

float f(uint32_t word) {
  return std::bit_cast<float>(word);
}
uint32_t w(float value) {
  return std::bit_cast<uint32_t>(value);
}

uint32_t bfloat(float value) {
  uint32_t bits = w(value);
  return std::isnan(value) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}
uint32_t half(float value) {
  return std::isnan(value) ? 0x7fff : std::bit_cast<uint16_t>(_Float16(value));
}

using Fn = std::function<uint32_t(uint32_t, uint32_t, uint32_t)>;

struct Case {
  const char *body;
  Fn expected;
};

struct Floats : Gpu {
  std::vector<Words> inputs;

  Floats() {
    const float edges[] = {0,     -0.0f, 1,      -1,          0.5f,       1.5f,
                           2.5f,  -2.5f, 3e9f,   -3e9f,       1e-40f,     3.4e38f,
                           65504, 65520, 1e-7f,  INFINITY,    -INFINITY,  NAN,
                           448,   500,   0.001f, 1.00390625f, 1.01171875f};
    for (float a : edges)
      for (float b : edges)
        inputs.push_back({w(a), w(b), w(0.75f), 0});
    std::vector<uint32_t> random = randomWords(3 * 300, 3);
    for (size_t i = 0; i < random.size(); i += 3) {
      auto scaled = [&](uint32_t word) {
        return w(std::ldexp(float(int32_t(word)), int(word % 80) - 60));
      };
      inputs.push_back({scaled(random[i]), scaled(random[i + 1]), scaled(random[i + 2]), 0});
    }
  }
  /// Numbers may differ by so many units of the last place.
  void hold(const std::vector<Case> &cases, int64_t units = 0, int sm = 80) {
    for (const Case &one : cases) {
      std::vector<uint32_t> found = each(one.body, inputs, sm);
      ASSERT_EQ(found.size(), inputs.size()) << one.body << ": " << log;
      for (size_t i = 0; i < inputs.size(); ++i) {
        auto [a, b, c, d] = inputs[i];
        uint32_t expected = one.expected(a, b, c);
        if (std::isnan(f(expected)) && std::isnan(f(found[i])))
          continue;
        ASSERT_LE(std::abs(int64_t(found[i]) - int64_t(expected)), units)
            << one.body << " of " << f(a) << ", " << f(b) << ", " << f(c) << std::hex << ": "
            << found[i] << " instead of " << expected;
      }
    }
  }
};

TEST_F(Floats, RoundEachOperation) {
  hold({{"add.rn.f32 %o, %a, %b;", [](auto a, auto b, auto) { return w(f(a) + f(b)); }},
        {"sub.f32 %o, %a, %b;", [](auto a, auto b, auto) { return w(f(a) - f(b)); }},
        {"mul.rn.f32 %o, %a, %b;", [](auto a, auto b, auto) { return w(f(a) * f(b)); }},
        {"fma.rn.f32 %o, %a, %b, %c;",
         [](auto a, auto b, auto c) { return w(std::fma(f(a), f(b), f(c))); }},
        {"div.rn.f32 %o, %a, %b;", [](auto a, auto b, auto) { return w(f(a) / f(b)); }},
        {"sqrt.rn.f32 %o, %a;", [](auto a, auto, auto) { return w(std::sqrt(f(a))); }},
        {"rcp.rn.f32 %o, %a;", [](auto a, auto, auto) { return w(1 / f(a)); }},
        {"neg.f32 %o, %a;", [](auto a, auto, auto) { return a ^ 0x80000000; }},
        {"abs.f32 %o, %a;", [](auto a, auto, auto) { return a & 0x7fffffff; }},
        {"copysign.f32 %o, %a, %b;",
         [](auto a, auto b, auto) { return (a & 0x80000000) | (b & 0x7fffffff); }},
        {"add.sat.f32 %o, %a, %b;",
         [](auto a, auto b, auto) {
           float sum = f(a) + f(b);
           return w(sum > 0 ? std::fmin(sum, 1.0f) : 0);
         }},
        {"cvt.f64.f32 %l0, %a; cvt.rn.f32.f64 %o, %l0;", [](auto a, auto, auto) { return a; }}});
}

TEST_F(Floats, CompareAndChoose) {
  hold({{"min.f32 %o, %a, %b;",
         [](auto a, auto b, auto) {
           if (f(a) == f(b))
             return a | b; // of zeros the negative one
           return w(std::fmin(f(a), f(b)));
         }},
        {"max.NaN.f32 %o, %a, %b;",
         [](auto a, auto b, auto) {
           if (f(a) == f(b))
             return a & b;
           return std::isnan(f(a)) || std::isnan(f(b)) ? w(NAN) : w(std::fmax(f(a), f(b)));
         }},
        {"setp.lt.f32 %p1, %a, %b; selp.b32 %o, 1, 0, %p1;",
         [](auto a, auto b, auto) { return uint32_t(f(a) < f(b)); }},
        {"setp.neu.f32 %p1, %a, %b; selp.b32 %o, 1, 0, %p1;",
         [](auto a, auto b, auto) { return uint32_t(!(f(a) == f(b))); }},
        {"setp.geu.f32 %p1, %a, %b; selp.b32 %o, 1, 0, %p1;",
         [](auto a, auto b, auto) { return uint32_t(!(f(a) < f(b))); }},
        {"setp.nan.f32 %p1, %a, %b; selp.b32 %o, 1, 0, %p1;",
         [](auto a, auto b, auto) { return uint32_t(std::isnan(f(a)) || std::isnan(f(b))); }},
        {"setp.num.f32 %p1|%p2, %a, %b; selp.b32 %o, 1, 0, %p2;",
         [](auto a, auto b, auto) { return uint32_t(std::isnan(f(a)) || std::isnan(f(b))); }},
        {"testp.finite.f32 %p1, %a; selp.b32 %o, 1, 0, %p1;",
         [](auto a, auto, auto) { return uint32_t(std::isfinite(f(a))); }}});
}

TEST_F(Floats, FlushWhatIsTooSmall) {
  auto flushed = [](float value) {
    return std::fabs(value) < 0x1p-126f ? std::copysign(0.0f, value) : value;
  };
  hold({{"add.ftz.f32 %o, %a, %b;",
         [&](auto a, auto b, auto) { return w(flushed(flushed(f(a)) + flushed(f(b)))); }},
        {"mul.ftz.f32 %o, %a, %b;",
         [&](auto a, auto b, auto) { return w(flushed(flushed(f(a)) * flushed(f(b)))); }}});
}

TEST_F(Floats, ApproximateAsWellAsPromised) {
  // Only numbers that are normal, with normal results: the others have tables of their own in the
  // manual.
  std::erase_if(inputs, [](const Words &words) {
    return !(std::fabs(f(words[0])) < 100 && std::fabs(f(words[0])) > 1e-3f);
  });
  hold({{"rcp.approx.f32 %o, %a;", [](auto a, auto, auto) { return w(1 / f(a)); }},
        {"ex2.approx.f32 %o, %a;", [](auto a, auto, auto) { return w(std::exp2(f(a))); }},
        {"abs.f32 %t0, %a; rsqrt.approx.f32 %o, %t0;",
         [](auto a, auto, auto) { return w(float(1 / std::sqrt(std::fabs(double(f(a)))))); }},
        {"abs.f32 %t0, %a; sqrt.approx.f32 %o, %t0;",
         [](auto a, auto, auto) { return w(std::sqrt(std::fabs(f(a)))); }},
        {"div.full.f32 %o, %c, %a;", [](auto a, auto, auto c) { return w(f(c) / f(a)); }}},
       4);
  hold({{"tanh.approx.f32 %o, %a;", [](auto a, auto, auto) { return w(std::tanh(f(a))); }}},
       1 << 13);
}

TEST_F(Floats, ConvertToIntegers) {
  auto whole = [](float value, auto rounded) -> int64_t {
    if (std::isnan(value))
      return 0;
    return int64_t(std::fmax(std::fmin(rounded(double(value)), 4e18), -4e18));
  };
  auto clamped = [](int64_t value) {
    return uint32_t(int32_t(std::min<int64_t>(std::max<int64_t>(value, INT32_MIN), INT32_MAX)));
  };
  hold({{"cvt.rzi.s32.f32 %o, %a;",
         [&](auto a, auto, auto) {
           return clamped(whole(f(a), [](double v) { return std::trunc(v); }));
         }},
        {"cvt.rni.s32.f32 %o, %a;",
         [&](auto a, auto, auto) {
           return clamped(whole(f(a), [](double v) { return std::nearbyint(v); }));
         }},
        {"cvt.rmi.s32.f32 %o, %a;",
         [&](auto a, auto, auto) {
           return clamped(whole(f(a), [](double v) { return std::floor(v); }));
         }},
        {"cvt.rpi.u32.f32 %o, %a;",
         [&](auto a, auto, auto) {
           int64_t value = whole(f(a), [](double v) { return std::ceil(v); });
           return uint32_t(std::min<int64_t>(std::max<int64_t>(value, 0), UINT32_MAX));
         }},
        {"cvt.rni.f32.f32 %o, %a;", [](auto a, auto, auto) { return w(std::nearbyint(f(a))); }},
        {"cvt.rn.f32.s32 %o, %a;", [](auto a, auto, auto) { return w(float(int32_t(a))); }},
        {"cvt.rn.f32.u32 %o, %a;", [](auto a, auto, auto) { return w(float(a)); }}});
}

TEST_F(Floats, ConvertToSixteenBits) {
  hold({{"cvt.rn.bf16.f32 %h0, %a; cvt.u32.u16 %o, %h0;",
         [](auto a, auto, auto) { return bfloat(f(a)); }},
        {"cvt.rn.bf16x2.f32 %o, %a, %b;",
         [](auto a, auto b, auto) { return bfloat(f(a)) << 16 | bfloat(f(b)); }},
        {"cvt.rn.relu.bf16x2.f32 %o, %a, %b;",
         [](auto a, auto b, auto) {
           return bfloat(f(a) < 0 ? 0 : f(a)) << 16 | bfloat(f(b) < 0 ? 0 : f(b));
         }},
        {"cvt.rn.f16x2.f32 %o, %a, %b;",
         [](auto a, auto b, auto) { return half(f(a)) << 16 | half(f(b)); }},
        {"cvt.rn.f16.f32 %h0, %a; cvt.f32.f16 %o, %h0;",
         [](auto a, auto, auto) { return w(float(_Float16(f(a)))); }},
        {"cvt.rna.tf32.f32 %o, %c;", [](auto, auto, auto c) { return (c + 0x1000) & ~0x1fffu; }}});
}

TEST_F(Floats, WorkOnPairs) {
  auto low = [](uint32_t word) { return f(word << 16); };
  auto high = [](uint32_t word) { return f(word & 0xffff0000); };
  // Sums of bfloats differ in the last place where single precision rounds first: numbers of few
  // bits do not.
  for (Words &words : inputs)
    words = {words[0] & 0xfff0fff0, words[1] & 0xfff0fff0, words[2] & 0xfff0fff0, 0};
  hold({{"add.rn.bf16x2 %o, %a, %b;",
         [&](auto a, auto b, auto) {
           return bfloat(high(a) + high(b)) << 16 | bfloat(low(a) + low(b));
         }},
        {"mul.rn.bf16x2 %o, %a, %b;",
         [&](auto a, auto b, auto) {
           return bfloat(high(a) * high(b)) << 16 | bfloat(low(a) * low(b));
         }},
        {"max.bf16x2 %o, %a, %b;",
         [&](auto a, auto b, auto) {
           auto larger = [](float x, float y) { return x == y ? f(w(x) & w(y)) : std::fmax(x, y); };
           return bfloat(larger(high(a), high(b))) << 16 | bfloat(larger(low(a), low(b)));
         }}},
       0, 90);
}

TEST_F(Floats, ConvertToBytes) {
  // Every e4m3 and e5m2 by way of halves, and back.
  inputs.clear();
  for (uint32_t i = 0; i < 256; ++i)
    inputs.push_back({i, i << 8 | i, 0, 0});
  auto e4m3 = [](uint32_t bits) {
    uint32_t exponent = bits >> 3 & 15, mantissa = bits & 7;
    float size =
        exponent ? std::ldexp(8.0f + float(mantissa), int(exponent) - 10) : float(mantissa) / 512;
    return (bits & 0x7f) == 0x7f ? NAN : bits & 0x80 ? -size : size;
  };
  hold({{"cvt.u16.u32 %h0, %b; cvt.rn.f16x2.e4m3x2 %t0, %h0; mov.b32 {%h1, %h2}, %t0; cvt.f32.f16 "
         "%o, %h2;",
         [&](auto a, auto, auto) { return w(e4m3(a)); }},
        {"cvt.u16.u32 %h0, %b; cvt.rn.f16x2.e5m2x2 %t0, %h0; mov.b32 {%h1, %h2}, %t0; cvt.f32.f16 "
         "%o, %h1;",
         [&](auto a, auto, auto) { return w(float(std::bit_cast<_Float16>(uint16_t(a << 8)))); }},
        {"cvt.u16.u32 %h0, %b; cvt.rn.f16x2.e4m3x2 %t0, %h0; mov.b32 {%h1, %h2}, %t0; cvt.f32.f16 "
         "%t1, %h1;"
         "cvt.rn.satfinite.e4m3x2.f32 %h3, %t1, %t1; cvt.u32.u16 %o, %h3;",
         [&](auto a, auto, auto) {
           uint32_t byte = (a & 0x7f) == 0x7f ? 0x7f : a;
           return byte << 8 | byte;
         }}},
       0, 89);
}

} // namespace
} // namespace osscc::standin
