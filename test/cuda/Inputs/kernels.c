// Kernels as a compiler writes them. kernels.ptx was made of this, without the first lines that say versions:
//   clang-22 --target=nvptx64 -march=sm_80 -O2 -ffp-contract=off -S kernels.c -o kernels.ptx -Xclang -target-feature -Xclang +ptx70
#define GLOBAL __attribute__((address_space(1)))
#define SHARED __attribute__((address_space(3)))
#define KERNEL __attribute__((device_kernel))

typedef unsigned Words __attribute__((ext_vector_type(4)));

static inline int thread(void) { return __nvvm_read_ptx_sreg_tid_x(); }
static inline int block(void) { return __nvvm_read_ptx_sreg_ctaid_x(); }
static inline float low(unsigned pair) { return __builtin_bit_cast(float, pair << 16); }
static inline float high(unsigned pair) { return __builtin_bit_cast(float, pair & 0xffff0000u); }

static inline float warpSum(float x) {
  for (int step = 16; step; step >>= 1)
    x += __nvvm_shfl_sync_bfly_f32(-1, x, step, 31);
  return x;
}

// y[row] = sum of w[row, k] x[k]; w bfloats, a warp a row, eight rows a block.
KERNEL void rows(const Words GLOBAL *w, const float GLOBAL *x, float GLOBAL *y, int k) {
  int lane = thread() & 31, row = block() * 8 + (thread() >> 5);
  const Words GLOBAL *own = w + (long)row * (k / 8);
  float sum = 0;
  for (int i = lane; i < k / 8; i += 32) {
    Words eight = own[i];
    for (int j = 0; j < 4; ++j) {
      sum += low(eight[j]) * x[8 * i + 2 * j];
      sum += high(eight[j]) * x[8 * i + 2 * j + 1];
    }
  }
  sum = warpSum(sum);
  if (lane == 0)
    y[row] = sum;
}

// c = a b, n by n, by tiles of 16 in shared memory; 256 threads a block.
KERNEL void tiles(const float GLOBAL *a, const float GLOBAL *b, float GLOBAL *c, int n) {
  static SHARED float ofA[16][17], ofB[16][17];
  int column = thread() & 15, row = thread() >> 4, across = n / 16;
  int firstRow = block() / across * 16, firstColumn = block() % across * 16;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    ofA[row][column] = a[(firstRow + row) * n + k + column];
    ofB[row][column] = b[(k + row) * n + firstColumn + column];
    __nvvm_bar_sync(0);
    for (int i = 0; i < 16; ++i)
      sum += ofA[row][i] * ofB[i][column];
    __nvvm_bar_sync(0);
  }
  c[(firstRow + row) * n + firstColumn + column] = sum;
}

// y = softmax of rows of x, in place of the block; 128 threads, the warps tell each other by shared memory.
KERNEL void softmax(const float GLOBAL *x, float GLOBAL *y, int n) {
  static SHARED float ofWarps[2][4];
  int lane = thread() & 31, warp = thread() >> 5;
  float most = -__builtin_inff();
  for (int i = thread(); i < n; i += 128)
    most = __builtin_fmaxf(most, x[block() * n + i]);
  for (int step = 16; step; step >>= 1)
    most = __builtin_fmaxf(most, __nvvm_shfl_sync_bfly_f32(-1, most, step, 31));
  if (lane == 0)
    ofWarps[0][warp] = most;
  __nvvm_bar_sync(0);
  for (int i = 0; i < 4; ++i)
    most = __builtin_fmaxf(most, ofWarps[0][i]);
  float sum = 0;
  for (int i = thread(); i < n; i += 128) {
    float power = __nvvm_ex2_approx_f((x[block() * n + i] - most) * 1.44269504f);
    y[block() * n + i] = power;
    sum += power;
  }
  sum = warpSum(sum);
  if (lane == 0)
    ofWarps[1][warp] = sum;
  __nvvm_bar_sync(0);
  sum = 0;
  for (int i = 0; i < 4; ++i)
    sum += ofWarps[1][i];
  for (int i = thread(); i < n; i += 128)
    y[block() * n + i] /= sum;
}
