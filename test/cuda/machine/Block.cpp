#include "test/cuda/machine/Block.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace osscc::standin {
namespace {

constexpr size_t kStackBytes = 48 << 10; // beside the thread's local memory
constexpr size_t kSharedAlign = 1024;    // as the hardware's
constexpr int kFruitlessRounds = 1000;   // of polling, until nobody can be waited for
constexpr uint64_t kBlockFactor = 0x9e3779b97f4a7c15;

std::string place(const uint32_t (&at)[3]) {
  return "(" + std::to_string(at[0]) + ", " + std::to_string(at[1]) + ", " + std::to_string(at[2]) +
         ")";
}

} // namespace

Block::Block(const Launch &launch) : launch(launch), order(launch.order) {
  uint32_t count = launch.threads();
  stacks = Stacks::borrow(launch.needsFibers ? count : 1, kStackBytes + launch.stackBytes);
  threads.resize(count);
  warps.resize((count + kLanes - 1) / kLanes);
  uint32_t sharedBytes = launch.staticShared + launch.dynamicShared;
  sharedMemory.resize(sharedBytes + kSharedAlign);
  auto begin = reinterpret_cast<uintptr_t>(sharedMemory.data());
  auto *window =
      reinterpret_cast<uint8_t *>((begin + kSharedAlign - 1) / kSharedAlign * kSharedAlign);
  for (uint32_t i = 0; i < count; ++i) {
    Thread &thread = threads[i];
    thread.tid[0] = i % launch.block[0];
    thread.tid[1] = i / launch.block[0] % launch.block[1];
    thread.tid[2] = i / launch.block[0] / launch.block[1];
    for (int axis = 0; axis < 3; ++axis) {
      thread.ntid[axis] = launch.block[axis];
      thread.nctaid[axis] = launch.grid[axis];
    }
    thread.lane = i % kLanes;
    thread.warp = i / kLanes;
    thread.warps = uint32_t(warps.size());
    thread.dynamicShared = launch.dynamicShared;
    thread.allShared = sharedBytes;
    thread.shared = window;
    thread.arena = launch.memory->base();
    thread.valid = launch.memory->valid();
    thread.capacity = launch.memory->capacity();
    thread.block = this;
  }
}

Block::~Block() {
  Stacks::giveBack(std::move(stacks));
}

uint32_t Block::random() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return uint32_t(state >> 16);
}

void Block::prepare(uint64_t number) {
  state = (order + number + 1) * kBlockFactor;
  std::fill(sharedMemory.begin(), sharedMemory.end(), 0xff);
  std::fill(std::begin(barriers), std::end(barriers), Barrier{});
  bulkCopies.clear();
  if (launch.isWatched)
    watch.begin(launch.staticShared + launch.dynamicShared, threads.size());
  done = 0;
  fruitlessRounds = 0;
  std::fill(warps.begin(), warps.end(), Warp{});
  for (uint32_t i = 0; i < threads.size(); ++i) {
    Thread &thread = threads[i];
    thread.ctaid[0] = uint32_t(number % launch.grid[0]);
    thread.ctaid[1] = uint32_t(number / launch.grid[0] % launch.grid[1]);
    thread.ctaid[2] = uint32_t(number / launch.grid[0] / launch.grid[1]);
    thread.state = State::kReady;
    thread.groups = 0;
    thread.copies.clear();
    warps[thread.warp].ready |= 1u << thread.lane;
    if (launch.needsFibers)
      thread.stack = stacks->prepare(i, runThread, &thread);
  }
  for (Warp &warp : warps)
    warp.present = warp.ready;
}

void Block::runThread(void *argument) {
  auto &thread = *static_cast<Thread *>(argument);
  Block &block = *thread.block;
  block.launch.function(&thread, block.launch.parameters);
  thread.state = State::kDone;
  Warp &warp = block.warps[thread.warp];
  warp.ready &= ~(1u << thread.lane);
  warp.done |= 1u << thread.lane;
  ++block.done;
  block.progress();
  block.leave(thread);
}

/// Threads that never wait run one after the other, on one stack.
void Block::runAll(void *argument) {
  Block &block = *static_cast<Block *>(argument);
  size_t count = block.threads.size();
  bool isFalling = block.order & 2;
  for (size_t i = 0; i < count; ++i)
    block.launch.function(&block.threads[isFalling ? count - 1 - i : i], block.launch.parameters);
  block.done = uint32_t(count);
  osscc_standin_switch(&block.threads[0].stack, block.main);
}

bool Block::run(uint64_t number) {
  prepare(number);
  if (launch.needsFibers)
    schedule();
  else
    osscc_standin_switch(&main, stacks->prepare(0, runAll, this));
  return failure == Fault::kNone;
}

void Block::schedule() {
  while (failure == Fault::kNone && done < threads.size()) {
    bool anyRan = false;
    size_t first = order ? random() % warps.size() : 0;
    for (size_t i = 0; i < warps.size() && failure == Fault::kNone; ++i) {
      Warp &warp = warps[(first + i) % warps.size()];
      if (!warp.ready)
        continue;
      anyRan = true;
      osscc_standin_switch(&main, pick(warp).stack);
    }
    if (!anyRan)
      releasePollers();
  }
}

Thread &Block::pick(Warp &warp) {
  uint32_t lane;
  if (order) {
    uint32_t turn = random() % kLanes;
    lane = (uint32_t(std::countr_zero(std::rotr(warp.ready, int(turn)))) + turn) % kLanes;
  } else {
    lane = uint32_t(std::countr_zero(warp.ready));
  }
  return threads[size_t(&warp - warps.data()) * kLanes + lane];
}

/// Goes on with another lane of the warp, or with the scheduler if none is ready.
void Block::leave(Thread &thread) {
  Warp &warp = warps[thread.warp];
  osscc_standin_switch(&thread.stack, warp.ready ? pick(warp).stack : main);
}

bool Block::isComplete(const Warp &warp, uint32_t first, const Operation &operation) const {
  if ((warp.waiting & operation.mask) != operation.mask)
    return false;
  for (uint32_t rest = operation.mask; rest; rest &= rest - 1) {
    const Operation *other = threads[first + uint32_t(std::countr_zero(rest))].operation;
    if (other->perform != operation.perform || other->mask != operation.mask)
      return false;
  }
  return true;
}

void Block::operate(Thread &thread, Operation &operation, int line) {
  Warp &warp = warps[thread.warp];
  uint32_t self = 1u << thread.lane;
  if (!(operation.mask & self))
    fail(thread, Fault::kLaunchFailed, line,
         std::string(operation.name) + ": the mask lacks the thread itself");
  thread.operation = &operation;
  thread.line = line;
  warp.waiting |= self;
  uint32_t first = thread.warp * kLanes;
  if (isComplete(warp, first, operation)) {
    Operation *lanes[kLanes] = {};
    Thread *all[kLanes] = {};
    for (uint32_t rest = operation.mask; rest; rest &= rest - 1) {
      auto lane = uint32_t(std::countr_zero(rest));
      all[lane] = &threads[first + lane];
      lanes[lane] = all[lane]->operation;
      all[lane]->state = State::kReady;
    }
    operation.perform(all, lanes);
    if (launch.isWatched) {
      watch.complete();
      for (Thread *lane : all)
        if (lane)
          watch.passWarp(*lane, operation.isBarrier);
    }
    warp.waiting &= ~operation.mask;
    warp.ready |= operation.mask;
    progress();
    return;
  }
  thread.state = State::kAtOperation;
  warp.ready &= ~self;
  leave(thread);
}

void Block::barrier(Thread &thread, uint32_t id, uint32_t count, bool isWaiting, int line) {
  if (id >= std::size(barriers) || count % kLanes || count > launch.threads() + kLanes - 1)
    fail(thread, Fault::kLaunchFailed, line,
         "barrier " + std::to_string(id) + " of " + std::to_string(count) + " threads");
  Barrier &at = barriers[id];
  uint32_t needed = count ? count : launch.threads();
  if (at.arrived && at.needed != needed)
    fail(thread, Fault::kLaunchFailed, line,
         "barrier " + std::to_string(id) + " waits for " + std::to_string(at.needed) +
             " threads already, not for " + std::to_string(needed));
  at.needed = needed;
  ++at.arrived;
  progress();
  if (at.arrived == needed) {
    at = {};
    watch.complete();
    if (launch.isWatched && isWaiting)
      watch.pass(thread);
    for (Thread &other : threads)
      if (other.state == State::kAtBarrier && other.barrier == id) {
        if (launch.isWatched)
          watch.pass(other);
        other.state = State::kReady;
        warps[other.warp].ready |= 1u << other.lane;
      }
    return;
  }
  if (!isWaiting)
    return;
  thread.state = State::kAtBarrier;
  thread.barrier = id;
  thread.line = line;
  warps[thread.warp].ready &= ~(1u << thread.lane);
  leave(thread);
}

void Block::poll(Thread &thread, int line) {
  Warp &warp = warps[thread.warp];
  thread.state = State::kPolling;
  thread.line = line;
  warp.ready &= ~(1u << thread.lane);
  warp.polling |= 1u << thread.lane;
  leave(thread);
}

void Block::releasePollers() {
  bool any = false;
  for (Warp &warp : warps) {
    any |= warp.polling != 0;
    for (uint32_t rest = warp.polling; rest; rest &= rest - 1)
      threads[size_t(&warp - warps.data()) * kLanes + size_t(std::countr_zero(rest))].state =
          State::kReady;
    warp.ready |= warp.polling;
    warp.polling = 0;
  }
  if (!any || ++fruitlessRounds > kFruitlessRounds)
    tellDeadlock();
}

void Block::tellDeadlock() {
  failure = Fault::kLaunchFailed;
  failureText = launch.name + ", block " + place(threads[0].ctaid) + ": no thread can go on";
  int told = 0;
  for (const Thread &thread : threads) {
    if (thread.state == State::kDone || ++told > 4)
      continue;
    failureText +=
        "; thread " + place(thread.tid) + " waits at line " + std::to_string(thread.line);
    if (thread.state == State::kAtOperation)
      failureText += std::string(" with ") + thread.operation->name + " of lanes " +
                     std::to_string(thread.operation->mask);
    else if (thread.state == State::kAtBarrier)
      failureText += " at barrier " + std::to_string(thread.barrier) + ", at which are " +
                     std::to_string(barriers[thread.barrier].arrived) + " of " +
                     std::to_string(barriers[thread.barrier].needed);
  }
  failureText += "; " + std::to_string(done) + " threads have ended";
}

void Block::fail(Thread &thread, Fault fault, int line, const std::string &what) {
  failure = fault;
  failureText = launch.name + ", line " + std::to_string(line) + ", block " + place(thread.ctaid) +
                ", thread " + place(thread.tid) + ": " + what;
  osscc_standin_switch(&thread.stack, main);
  __builtin_unreachable(); // nobody goes back to a thread that failed
}

void Block::touch(Thread &thread, uint32_t address, uint32_t bytes, bool isStore, int line) {
  if (!launch.isWatched)
    return;
  std::string wrong = isStore ? watch.write(thread, address, bytes, line)
                              : watch.read(thread, address, bytes, line);
  if (!wrong.empty())
    fail(thread, Fault::kLaunchFailed, line, wrong);
}

void Block::copied(uint32_t address, uint32_t bytes) {
  if (launch.isWatched)
    watch.written(address, bytes);
}

void Block::passed(Thread &thread) {
  if (!launch.isWatched)
    return;
  watch.complete();
  watch.pass(thread);
}

uint8_t *Block::shared(Thread &thread, uint32_t address, uint32_t bytes, uint32_t align, int line) {
  if (address % align)
    fail(thread, Fault::kMisaligned, line,
         "shared address " + std::to_string(address) + " is no multiple of " +
             std::to_string(align));
  if (uint64_t(address) + bytes > thread.allShared)
    fail(thread, Fault::kIllegalAddress, line,
         std::to_string(bytes) + " bytes at " + std::to_string(address) + " of " +
             std::to_string(thread.allShared) + " bytes of shared memory");
  return thread.shared + address;
}

} // namespace osscc::standin
