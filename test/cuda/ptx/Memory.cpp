// Loads and stores, and what tells caches about them.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

/// Hints to caches change no value. A policy is an operand more, which is no value either.
void takeHints(Emitter &e) {
  e.takeAny({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  e.takeAny({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last",
             "L1::no_allocate"});
  e.takeAny({"L2::evict_normal", "L2::evict_first", "L2::evict_last"});
  e.takeAny({"L2::64B", "L2::128B", "L2::256B"});
  e.take("L2::cache_hint");
}

/// How other threads may see an access.
struct Order {
  bool isVolatile = false;
  llvm::AtomicOrdering ordering = llvm::AtomicOrdering::NotAtomic;

  Touch touch(Touch plain) const {
    return isVolatile || ordering != llvm::AtomicOrdering::NotAtomic ? Touch::kOrdered : plain;
  }
  explicit Order(Emitter &e) {
    std::string kind = e.takeAny({"weak", "volatile", "relaxed", "acquire", "release"});
    isVolatile = kind == "volatile";
    if (kind == "relaxed")
      ordering = llvm::AtomicOrdering::Monotonic;
    else if (kind == "acquire")
      ordering = llvm::AtomicOrdering::Acquire;
    else if (kind == "release")
      ordering = llvm::AtomicOrdering::Release;
    if (ordering != llvm::AtomicOrdering::NotAtomic &&
        e.takeAny({"cta", "cluster", "gpu", "sys"}).empty())
      e.fail("no scope");
  }
};

struct Access {
  Order order;
  Space space;
  unsigned lanes;
  Type type; // of a lane, as bits
  bool isSigned;

  explicit Access(Emitter &e) : order(e), space(e.takeSpace()) {
    takeHints(e);
    std::string vector = e.takeAny({"v2", "v4", "v8"});
    lanes = vector.empty() ? 1 : unsigned(vector[1] - '0');
    Type found = e.takeType();
    isSigned = found.isSigned();
    type = found.asBits();
  }
  int64_t bytes() const { return int64_t(lanes) * type.bits / 8; }
  llvm::Type *llvmType(Emitter &e) const {
    llvm::Type *element = e.intType(type.bits);
    return lanes == 1 ? element : llvm::FixedVectorType::get(element, lanes);
  }
  llvm::Align align() const { return llvm::Align(uint64_t(bytes())); }
};

void checkLanes(Emitter &e, const Operand &operand, unsigned lanes) {
  size_t parts = operand.kind == Operand::kVector ? operand.parts.size() : 1;
  if (parts != lanes)
    e.fail("not as many registers as values");
}

void load(Emitter &e) {
  Access access(e);
  e.take("nc");
  const Operand &to = e.operand(0), &from = e.operand(1);
  checkLanes(e, to, access.lanes);
  if (!from.isAddress)
    e.fail("not an address");
  Value *address = e.address(from, access.space);
  Touch touch = access.order.touch(Touch::kLoad);
  // LLVM makes vectors of loads with a hole, too: what nobody takes may be anybody's.
  bool isSplit = access.space == Space::kShared && to.kind == Operand::kVector;
  Value *at = e.pointer(address, access.space, access.bytes(), isSplit ? Touch::kOrdered : touch);
  for (unsigned i = 0; isSplit && i < access.lanes; ++i)
    if (e.isUsed(to.parts[i]))
      e.watch(e.b.CreateAdd(address, e.number(i * unsigned(access.type.bits) / 8, 64)),
              access.type.bits / 8, touch);
  if (access.order.ordering != llvm::AtomicOrdering::NotAtomic && access.lanes > 1)
    e.fail("no vectors of ordered accesses are known");
  llvm::LoadInst *found =
      e.b.CreateAlignedLoad(access.llvmType(e), at, access.align(), access.order.isVolatile);
  found->setAtomic(access.order.ordering);
  if (to.kind != Operand::kVector)
    return e.set(0, found, access.isSigned);
  for (unsigned i = 0; i < access.lanes; ++i)
    e.set(to.parts[i], access.lanes == 1 ? found : e.b.CreateExtractElement(found, i),
          access.isSigned);
}

void store(Emitter &e) {
  Access access(e);
  const Operand &to = e.operand(0), &from = e.operand(1);
  checkLanes(e, from, access.lanes);
  if (!to.isAddress)
    e.fail("not an address");
  Value *value = nullptr;
  if (from.kind == Operand::kVector && access.lanes > 1) {
    value = llvm::PoisonValue::get(access.llvmType(e));
    for (unsigned i = 0; i < access.lanes; ++i)
      value = e.b.CreateInsertElement(value, e.value(from.parts[i], access.type), i);
  } else {
    value = e.value(from.kind == Operand::kVector ? from.parts[0] : from, access.type);
  }
  Value *at = e.pointer(e.address(to, access.space), access.space, access.bytes(),
                        access.order.touch(Touch::kStore));
  if (access.order.ordering != llvm::AtomicOrdering::NotAtomic && access.lanes > 1)
    e.fail("no vectors of ordered accesses are known");
  e.b.CreateAlignedStore(value, at, access.align(), access.order.isVolatile)
      ->setAtomic(access.order.ordering);
}

/// Nothing but time depends on it; addresses outside of memory are allowed.
void prefetch(Emitter &e) {
  e.takeSpace();
  takeHints(e);
  e.takeAny({"L1", "L2"});
}

/// A policy of the cache is a number that nobody looks at.
void createPolicy(Emitter &e) {
  e.takeAny({"fractional"});
  takeHints(e);
  e.takeType();
  e.set(0, e.number(0, 64));
}

void fence(Emitter &e) {
  e.takeAny({"sc", "acq_rel", "acquire", "release"});
  e.takeAny({"cta", "cluster", "gpu", "gl", "sys"});
  if (e.take("mbarrier_init"))
    e.take("release");
  // Copies of the asynchronous proxy are done in the order in which they are seen.
  e.takeAny({"proxy"});
  e.takeAny({"async", "async::global", "async::shared::cta"});
  e.takeAny({"cluster"});
  e.b.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
}

} // namespace

void addMemory(Emitter::Table &table) {
  table["ld"] = load;
  table["ldu"] = load;
  table["st"] = store;
  table["prefetch"] = prefetch;
  table["prefetchu"] = prefetch;
  table["createpolicy"] = createPolicy;
  table["fence"] = fence;
  table["membar"] = fence;
}

} // namespace osscc::standin
