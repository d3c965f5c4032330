#include "runtime/cli/Assistant.h"

#include "runtime/base/Say.h"
#include "runtime/device/Cpus.h"
#include "runtime/device/Memory.h"

#include <algorithm>

namespace osscc::rt::cli {
namespace {

/// Ids, their pieces and what is printed of them, for each byte of a text.
constexpr int64_t kMemoryPerByte = 64;
constexpr uint64_t kBytesPerToken = 256; // the longest of published vocabularies have 128 spaces
constexpr uint64_t kLeastText = uint64_t(1) << 20;

} // namespace

Result<Tokenizer> Assistant::tokenizer() const {
  return Tokenizer::load(*bundle.index().tokenizer());
}

std::string Machine::description() const {
  return device ? device->name() : fmt::format("{} threads", pool->workers());
}

Result<Machine> Assistant::machine() const {
  auto placed = place(module, bundle.weights(), bundle.index().model()->name()->c_str(),
                      options.device, &osscc_cuda);
  if (!placed)
    return std::unexpected(std::move(placed).error());
  if (!placed->notice.empty())
    say("note: {}\n", placed->notice);
  auto pool = ThreadPool::create(options.threads);
  if (!pool)
    return std::unexpected(std::move(pool).error());
  if (const std::string &shortage = (*pool)->shortage(); !shortage.empty())
    say("note: {}\n", shortage);
  else if (int64_t cpus = availableCpus(); options.threads > cpus)
    say("note: {} threads share {} CPU{}\n", options.threads, cpus, cpus == 1 ? "" : "s");
  Machine machine{std::move(placed->model), std::move(*pool), std::move(placed->device), nullptr};
  if (machine.device) // which has begun to read the weights
    return machine;
  auto notice = noticeOfWeights(bundle.weights().size(), availableMemory());
  if (!notice.empty())
    say("note: {}\n", notice);
  machine.warmUp = std::make_unique<WarmUp>(bundle.weights());
  return machine;
}

ReadLimit Assistant::limitByContext() const {
  auto most = uint64_t(bundle.index().model()->context());
  uint64_t context = options.context > 0 ? std::min(uint64_t(options.context), most) : most;
  return {std::max(kLeastText, context * kBytesPerToken),
          fmt::format("which no context of {} tokens can hold", context)};
}

ReadLimit limitByMemory() {
  constexpr int64_t kUnknown = int64_t(16) << 30;
  int64_t available = std::max<int64_t>(availableMemory().value_or(kUnknown), 0);
  return {std::max(kLeastText, uint64_t(available / kMemoryPerByte)),
          "for which the available memory does not suffice"};
}

} // namespace osscc::rt::cli
