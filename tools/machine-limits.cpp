// What this machine's cores can do at most: multiply-adds a second of int8, f32 and bf16, by the
// best instruction that it has, on registers alone. For tools/bench, which states shares of it.
//
//   machine-limits [THREADS]     prints {"threads": 2, "int8_gops": .., "int8_tile_gops": ..,
//                                "f32_gflops": .., "bf16_gflops": ..}; a multiply-add counts as
//                                two, 0: no such dot; tile: by a matrix unit (AMX), or by
//                                products of small matrices (ARM's i8mm)
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr long kSteps = 4096;
constexpr double kRoundOperations = 12.0 * kSteps * 2; // a lane, of one call of what follows

// Twelve independent accumulators hide the latency of every known core. The same text for each
// register, since an instruction's operands are part of its name here.
#define REGISTERS(before, after)                                                                   \
  before "0" after before "1" after before "2" after before "3" after before "4" after before      \
         "5" after before "6" after before "7" after before "8" after before "9" after before      \
         "10" after before "11" after

struct Rates {
  double int8 = 0, tiles = 0, f32 = 0, bf16 = 0;
};

/// 10^9 operations a second of `threads` threads, each running `work` of `operations`; the best of
/// five tries of a fifth of a second.
double rate(int threads, void (*work)(), double operations) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    std::atomic<long> done{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> workers;
    auto start = Clock::now();
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&] {
        while (!stop.load(std::memory_order_relaxed)) {
          work();
          done.fetch_add(1, std::memory_order_relaxed);
        }
      });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
    for (std::thread &worker : workers)
      worker.join();
    double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, double(done.load()) * operations / seconds * 1e-9);
  }
  return best;
}

#if defined(__x86_64__)
#define LOOP(name, ...)                                                                            \
  void name() {                                                                                    \
    long count = kSteps;                                                                           \
    asm volatile("vzeroall\n1:\n" __VA_ARGS__ "dec %0\njnz 1b\nvzeroupper\n"                       \
                 : "+r"(count)                                                                     \
                 :                                                                                 \
                 : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",   \
                   "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                  \
  }

LOOP(int8Vnni512, REGISTERS("vpdpbusd %%zmm13, %%zmm12, %%zmm", "\n"))
LOOP(int8Vnni256, REGISTERS("%{vex%} vpdpbusd %%ymm13, %%ymm12, %%ymm", "\n"))
// Without VNNI a dot is three instructions; 8-bit products in pairs, then fours.
LOOP(int8Avx2, REGISTERS("vpmaddubsw %%ymm13, %%ymm12, %%ymm15\nvpmaddwd %%ymm14, %%ymm15, "
                         "%%ymm15\nvpaddd %%ymm15, %%ymm12, %%ymm",
                         "\n"))
LOOP(f32Avx512, REGISTERS("vfmadd231ps %%zmm13, %%zmm12, %%zmm", "\n"))
LOOP(f32Avx2, REGISTERS("vfmadd231ps %%ymm13, %%ymm12, %%ymm", "\n"))
LOOP(bf16Avx512, REGISTERS("vdpbf16ps %%zmm13, %%zmm12, %%zmm", "\n"))

/// Four tile registers of sums, each 16 x 16 of 64 products, from two registers a side.
void int8Tiles() {
  struct alignas(64) {
    unsigned char palette = 1, start = 0, reserved[14] = {};
    unsigned short rowBytes[16] = {};
    unsigned char rows[16] = {};
  } shapes;
  for (int tile = 0; tile < 8; ++tile) {
    shapes.rowBytes[tile] = 64;
    shapes.rows[tile] = 16;
  }
  long count = kSteps;
  asm volatile("ldtilecfg %1\n"
               "tilezero %%tmm0\ntilezero %%tmm1\ntilezero %%tmm2\ntilezero %%tmm3\n"
               "tilezero %%tmm4\ntilezero %%tmm5\ntilezero %%tmm6\ntilezero %%tmm7\n"
               "1:\ntdpbssd %%tmm6, %%tmm4, %%tmm0\ntdpbssd %%tmm7, %%tmm4, %%tmm1\n"
               "tdpbssd %%tmm6, %%tmm5, %%tmm2\ntdpbssd %%tmm7, %%tmm5, %%tmm3\n"
               "dec %0\njnz 1b\ntilerelease\n"
               : "+r"(count)
               : "m"(shapes)
               : "cc");
}

/// Whether the CPU has tiles of bytes and Linux lets this process use them. CPUID leaf 7, EDX bits
/// 24 and 25; ARCH_REQ_XCOMP_PERM of XFEATURE_XTILE_DATA.
bool hasTiles() {
  unsigned a = 7, b, c = 0, d;
  asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (d >> 24 & 3) == 3 && syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

Rates measure(int threads) {
  __builtin_cpu_init();
  bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  Rates found;
  if (wide && hasTiles())
    found.tiles = rate(threads, int8Tiles, 4.0 * kSteps * 16 * 16 * 64 * 2);
  if (wide && __builtin_cpu_supports("avx512vnni"))
    found.int8 = rate(threads, int8Vnni512, 64 * kRoundOperations);
  else if (__builtin_cpu_supports("avxvnni"))
    found.int8 = rate(threads, int8Vnni256, 32 * kRoundOperations);
  else if (__builtin_cpu_supports("avx2"))
    found.int8 = rate(threads, int8Avx2, 32 * kRoundOperations);
  if (wide)
    found.f32 = rate(threads, f32Avx512, 16 * kRoundOperations);
  else if (__builtin_cpu_supports("avx2"))
    found.f32 = rate(threads, f32Avx2, 8 * kRoundOperations);
  if (wide && __builtin_cpu_supports("avx512bf16"))
    found.bf16 = rate(threads, bf16Avx512, 32 * kRoundOperations);
  return found;
}

#elif defined(__aarch64__)
#define LOOP(name, ...)                                                                            \
  void name() {                                                                                    \
    long count = kSteps;                                                                           \
    asm volatile(                                                                                  \
        ".arch_extension dotprod\n.arch_extension i8mm\n.arch_extension bf16\n1:\n" __VA_ARGS__    \
        "subs %0, %0, #1\nb.ne 1b\n"                                                               \
        : "+r"(count)                                                                              \
        :                                                                                          \
        : "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",   \
          "v13");                                                                                  \
  }

LOOP(int8Dot, REGISTERS("sdot v", ".4s, v12.16b, v13.16b\n"))
LOOP(int8Matrix, REGISTERS("smmla v", ".4s, v12.16b, v13.16b\n"))
LOOP(f32Neon, REGISTERS("fmla v", ".4s, v12.4s, v13.4s\n"))
LOOP(bf16Matrix, REGISTERS("bfmmla v", ".4s, v12.8h, v13.8h\n"))

Rates measure(int threads) {
  unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);
  Rates found;
  if (first >> 20 & 1)
    found.int8 = rate(threads, int8Dot, 16 * kRoundOperations);
  if (second >> 13 & 1)
    found.tiles = rate(threads, int8Matrix, 32 * kRoundOperations);
  found.f32 = rate(threads, f32Neon, 4 * kRoundOperations);
  if (second >> 14 & 1)
    found.bf16 = rate(threads, bf16Matrix, 16 * kRoundOperations);
  return found;
}

#endif

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : int(std::thread::hardware_concurrency());
  if (argc > 2 || threads < 1 || threads > 1024) {
    std::fprintf(stderr, "usage: machine-limits [THREADS]\n");
    return 2;
  }
  Rates found = measure(threads);
  std::printf("{\"threads\": %d, \"int8_gops\": %.1f, \"int8_tile_gops\": %.1f, \"f32_gflops\": "
              "%.1f, \"bf16_gflops\": %.1f}\n",
              threads, found.int8, found.tiles, found.f32, found.bf16);
}
