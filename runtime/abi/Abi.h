/* The seam between emitted code and the runtime: plain C, versioned as if it were a file format.
 *
 * Emitted code is SPMD. Every worker of the runtime's pool calls the same segments in turn, with
 * the same call and its own number; inside a segment the workers take blocks of work from grids and
 * wait for what they need at barriers.
 *
 *   OssccModule ── features, models ──▶ OssccModel ── segments, weights, cache groups
 *   OssccCall   ── rows, their tokens, positions, sequences ── arena, weights, page tables ──
 * OssccServices
 *
 * Every field is 8 bytes wide and aligned to 8, so that the n-th field of a struct lies at byte 8
 * n: emitted code reads a field by its number. Each struct begins with its size in bytes; a reader
 * treats a tail that it does not know as zero. docs/design/abi.md explains each part. Letters: T
 * rows of this call, O output rows, D hidden, V vocabulary.
 */
#ifndef OSSCC_RUNTIME_ABI_ABI_H
#define OSSCC_RUNTIME_ABI_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OSSCC_ABI_VERSION 2

typedef struct OssccCall OssccCall;

/* Runs one segment on behalf of worker `worker` of `call->workers`: grids of blocks, each
 *
 *   barrier(); for each range of the blocks { while ((block = next_block()) < count) ...; }
 * finish();
 *
 * Any block may be done by any worker. Returns when no block is left for this worker; what blocks
 * wrote is visible to every worker behind the next barrier, that of the next segment or of the
 * call's end. */
typedef void (*OssccSegmentFn)(const OssccCall *call, int64_t worker);

enum OssccSegmentKind {
  OSSCC_SEGMENT_EMBED = 0, /* tokens or input embeddings -> hidden rows [T, D] at arena byte 0 */
  OSSCC_SEGMENT_LAYER = 1, /* hidden rows in place; appends to and reads the cache */
  OSSCC_SEGMENT_HEAD = 2,  /* hidden rows -> the outputs that the call wants */
};

enum OssccCacheKind {
  OSSCC_CACHE_FULL = 0,   /* every position is kept */
  OSSCC_CACHE_WINDOW = 1, /* a ring: the latest osscc_ring_pages pages */
  OSSCC_CACHE_STATE = 2,  /* page 0 alone, which stands for all of the text and no part of it */
};

enum OssccOutputKind {
  OSSCC_OUTPUT_LOGITS = 0, /* f32 [O, V] */
  OSSCC_OUTPUT_HIDDEN = 1, /* f32 [O, D], after the final norm */
  OSSCC_OUTPUT_TOP_K = 2,  /* ids and logits of the k largest */
};

enum OssccWeightPlace {
  OSSCC_PLACE_MAPPED = 0, /* in the executable's own load segment */
  OSSCC_PLACE_DEVICE = 1, /* copied to a device at start */
  OSSCC_PLACE_STREAM = 2, /* paged in by services->page_in when it is needed */
};

typedef struct OssccSegment {
  const char *name; /* as in the IR: "embed", "layer_0", "head" */
  int64_t kind;     /* OssccSegmentKind */
  OssccSegmentFn run;
} OssccSegment;

/* A stored weight. `offset` counts from the start of the weights part of the payload; it is a
 * multiple of `align`. */
typedef struct OssccWeight {
  const char *name;
  int64_t bytes;
  int64_t align; /* bytes, a power of two */
  int64_t place; /* OssccWeightPlace */
  int64_t offset;
} OssccWeight;

/* One kind of cache. A page holds `rows_per_page` positions of every layer in the group; its bytes
 * are the kernels' affair, the runtime allocates, zeroes, shares, copies and maps them. The page of
 * a state holds what the rows of the text have made of its zeros, `rows_per_page` being 1: a call
 * changes it in place, so that it stands for the text before the call or for that behind it, and
 * for neither where the call was cancelled. */
typedef struct OssccCacheGroup {
  int64_t struct_bytes;
  int64_t kind; /* OssccCacheKind */
  int64_t rows_per_page;
  int64_t bytes_per_page;
  int64_t align;  /* of a page, bytes */
  int64_t window; /* positions; 0 unless kind is window */
  int64_t layers;
} OssccCacheGroup;

/* Pages of a window's ring, in which position p lies in page p / rows_per_page % pages. All rows of
 * a call are written before the first of them looks back `window` positions, its own one of them:
 * so window + max_rows - 1 positions are there at a time, which begin anywhere in a page. */
static inline int64_t osscc_ring_pages(int64_t window, int64_t max_rows, int64_t rows_per_page) {
  return (window + max_rows - 2 + rows_per_page - 1) / rows_per_page + 1;
}

/* A kernel of a device. Its first parameter is OssccCall.device_call. */
typedef struct OssccKernel {
  const char *name;     /* of the function in every image */
  int64_t shared_bytes; /* of dynamic shared memory that each of its blocks takes */
} OssccKernel;

enum OssccImageKind {
  OSSCC_IMAGE_PTX = 0,   /* text that ends with a zero, which `bytes` counts */
  OSSCC_IMAGE_CUBIN = 1, /* machine code of one compute capability */
};

/* All kernels of a device in one form. */
typedef struct OssccImage {
  const char *target; /* what it was made for: "sm_89" */
  int64_t kind;       /* OssccImageKind */
  int64_t bytes;
  const void *data;
} OssccImage;

/* A model compiled for one CPU tier or one device; a module holds one for each of them, and later
 * for each draft model. */
typedef struct OssccModel {
  int64_t struct_bytes;
  const char *name;
  const char *target; /* the triple and CPU it was compiled for */
  const char *
      features; /* LLVM names of the CPU features that its kernels use, comma between: "avx2,fma" */
  int64_t hidden;     /* D */
  int64_t vocabulary; /* V */
  int64_t layers;
  int64_t context;  /* positions at most */
  int64_t max_rows; /* T at most in one call */
  int64_t arena_bytes;
  int64_t arena_align;
  int64_t segment_count;
  const OssccSegment *segments; /* in the order in which they run */
  int64_t weight_count;
  const OssccWeight *weights;
  int64_t cache_group_count;
  const OssccCacheGroup *cache_groups;
  const char *device; /* "cuda": the segments are host code that launches kernels; null: a CPU */
  int64_t kernel_count;
  const OssccKernel *kernels; /* by the number that `launch` takes */
  int64_t image_count;
  const OssccImage *images;
} OssccModel;

typedef struct OssccModule {
  int64_t struct_bytes;
  int64_t abi_version; /* OSSCC_ABI_VERSION */
  int64_t model_count;
  const OssccModel *const *models; /* best tier first */
} OssccModule;

/* What emitted code may ask the runtime to do. Fields that a build does not serve are null. */
typedef struct OssccServices {
  int64_t struct_bytes;
  /* Begins the worker's next grid: waits until all blocks of the one before are done. To a worker
   * that comes late, when its grid is over already, next_block gives none. Where the call ends
   * before this worker's grid begins, barrier does not return: it leaves the emitted code, which
   * therefore holds nothing that must be given back. */
  void (*barrier)(const OssccCall *call, int64_t worker);
  /* Takes the next block of the range of worker `owner`, which has `count` blocks: its number in
   * the range, or `count` if there is none left. */
  int64_t (*next_block)(const OssccCall *call, int64_t worker, int64_t owner, int64_t count);
  /* Ends the worker's part of a grid of `total` blocks: those that it took are done. */
  void (*finish)(const OssccCall *call, int64_t worker, int64_t total);
  /* Makes weight `index` readable at call->weights[index]. */
  void (*page_in)(const OssccCall *call, int64_t index);
  /* Sums `count` floats over the shards of a model, in a fixed order. */
  void (*all_reduce)(const OssccCall *call, float *values, int64_t count);
  /* Starts kernel `kernel` of the model on the device, behind those started before; grid and block
   * are three extents each, args are pointers to its arguments. What goes wrong is known to the
   * runtime when the call ends. */
  void (*launch)(const OssccCall *call, int64_t kernel, const int64_t *grid, const int64_t *block,
                 void *const *args);
  /* Copies between host and device. */
  void (*copy)(const OssccCall *call, void *to, const void *from, int64_t bytes, int64_t direction);
} OssccServices;

/* One call: T rows through the whole model. Rows may belong to several sequences; rows of one
 * sequence stand in rising order of position. A row's numbers depend on nothing but the row and its
 * past. */
struct OssccCall {
  int64_t struct_bytes;
  int64_t rows;             /* T, 1 .. model->max_rows */
  const int64_t *tokens;    /* [T] ids, each < V; unread where embeddings is set */
  const float *embeddings;  /* [T, D] or null */
  const int64_t *positions; /* [T] place in the sequence, from 0 */
  const int64_t *sequences; /* [T] index into the page tables */
  const uint8_t *row_mask;  /* [T, T]: may row i see row j of this call; null: causal by position */
  int64_t output_rows;      /* O, 0 .. T */
  const int64_t *outputs;   /* [O] the rows whose output is wanted, rising */
  int64_t output_kind;      /* OssccOutputKind */
  float *output;            /* as output_kind says */
  int64_t output_top_k;     /* k, for OSSCC_OUTPUT_TOP_K */
  const uint64_t *token_mask;           /* [O, ceil(V / 64)] bits of the tokens allowed, or null */
  const void *adapter;                  /* a low-rank adapter, or null */
  uint8_t *arena;                       /* model->arena_bytes of scratch */
  const void *const *weights;           /* [weight_count] */
  uint8_t *const *const *const *caches; /* [cache group][sequence][page] */
  int64_t workers;
  const OssccServices *services;
  const int64_t *cancel;        /* not 0: the runtime stops between segments; null: never */
  int64_t *progress;            /* segments done, or null */
  const OssccCall *device_call; /* a device's copy of this call, in its memory; null on a CPU */
  int64_t
      extent; /* on a device: how many blocks attend may depend on this, no less than the largest
               * position + 1; the same for many calls, so that their launches are alike */
};

/* The one symbol by which the runtime finds what was compiled. */
extern const OssccModule osscc_module;

#ifdef __cplusplus
}
#endif

#endif /* OSSCC_RUNTIME_ABI_ABI_H */
