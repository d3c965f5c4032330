#include "test/cuda/driver/Driver.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace osscc::standin {
namespace {

int64_t variable(const char *name, int64_t otherwise) {
  const char *value = std::getenv(name);
  return value && *value ? std::strtoll(value, nullptr, 0) : otherwise;
}

constexpr int kDriverVersion = 13000;
constexpr int64_t kMemory = int64_t(4) << 30; // bytes; only what is touched is taken from the host

} // namespace

Settings::Settings()
    : sm(int(variable("OSSCC_STANDIN_SM", 89))),
      driver(int(variable("OSSCC_STANDIN_DRIVER", kDriverVersion))),
      memory(uint64_t(variable("OSSCC_STANDIN_MEMORY", kMemory))),
      order(uint64_t(variable("OSSCC_STANDIN_ORDER", 0))),
      workers(int(variable("OSSCC_STANDIN_WORKERS", 2))),
      devices(int(variable("OSSCC_STANDIN_DEVICES", 1))),
      launchesUntilLost(variable("OSSCC_STANDIN_LOSE", -1)),
      lostResult(int(variable("OSSCC_STANDIN_LOSE_CODE", kLaunchFailed))),
      isTraced(variable("OSSCC_STANDIN_TRACE", 0) != 0),
      compilesAtOnce(variable("OSSCC_STANDIN_COMPILE", 0) != 0),
      isWatched(std::getenv("OSSCC_STANDIN_WATCH") != nullptr) {}

int64_t Settings::sharedPerBlock() const {
  int64_t kibibytes = sm == 80 ? 163 : sm == 87 ? 163 : sm >= 90 && sm < 120 ? 227 : 99;
  return kibibytes << 10;
}

int Settings::ptxVersion() const {
  int major = driver / 1000, minor = driver % 1000 / 10;
  if (major < 12)
    return 70 + minor;
  if (major > 12)
    return 90 + minor;
  return minor > 5 ? 80 + minor - 1 : 80 + minor; // 12.6 brought none
}

void Stream::add(Work work) {
  std::lock_guard lock(mutex);
  if (capture) {
    capture->nodes.push_back(std::move(work));
    return;
  }
  waiting.push_back(std::move(work));
  ++count;
}

bool Stream::isIdle() {
  std::lock_guard lock(mutex);
  return waiting.empty();
}

Result Stream::run(uint64_t until) {
  std::lock_guard alone(running);
  Result first = kSuccess;
  for (;;) {
    Work next;
    {
      std::lock_guard lock(mutex);
      if (waiting.empty() || finished >= until)
        return first;
      next = std::move(waiting.front());
      waiting.pop_front();
      ++finished;
    }
    Result found = driver().lasting() ? driver().lasting() : next();
    if (found && !first)
      first = driver().fail(found);
  }
}

Driver::Driver() : memory(settings.memory) {}

Driver &driver() {
  static Driver *one = new Driver; // kept to the end: a program may call at its exit
  return *one;
}

Stream *Driver::make(bool isBlocking) {
  auto *made = new Stream(isBlocking);
  std::lock_guard lock(mutex);
  streams.insert(made);
  return made;
}

Result Driver::destroy(Stream *stream) {
  {
    std::lock_guard lock(mutex);
    if (!streams.erase(stream))
      return kInvalidHandle;
  }
  Result found = stream->run();
  delete stream;
  return found;
}

Result Driver::finish(bool onlyBlocking) {
  std::vector<Stream *> all{&defaultStream};
  {
    std::lock_guard lock(mutex);
    for (Stream *stream : streams)
      if (stream->isBlocking || !onlyBlocking)
        all.push_back(stream);
  }
  Result first = kSuccess;
  for (Stream *stream : all)
    if (Result found = stream->run(); found && !first)
      first = found;
  return first;
}

Result Driver::launch(const Launch &launch) {
  int64_t number;
  {
    std::lock_guard lock(mutex);
    number = launches++;
  }
  if (settings.launchesUntilLost >= 0 && number >= settings.launchesUntilLost)
    return Result(settings.lostResult);
  auto start = std::chrono::steady_clock::now();
  auto [fault, message] = runGrid(launch, settings.workers);
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (settings.isTraced)
    std::fprintf(
        stderr, "stand-in: %s: grid %u %u %u, block %u %u %u, %u + %u bytes shared: %.2f ms\n",
        launch.name.c_str(), launch.grid[0], launch.grid[1], launch.grid[2], launch.block[0],
        launch.block[1], launch.block[2], launch.staticShared, launch.dynamicShared, took.count());
  if (fault == Fault::kNone)
    return kSuccess;
  std::fprintf(stderr, "stand-in: %s\n", message.c_str());
  return fault == Fault::kIllegalAddress ? kIllegalAddress
         : fault == Fault::kMisaligned   ? kMisalignedAddress
                                         : kLaunchFailed;
}

} // namespace osscc::standin
