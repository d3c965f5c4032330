#include "runtime/serve/Scheduler.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace osscc::rt::serve {
namespace {

/// Sequences for each answer that is drawn at a time: those that lie idle hold conversations that
/// may go on.
constexpr int64_t kSequencesPerAnswer = 3;
/// Rows of a prompt whose logits are all wanted: a vocabulary of floats each.
constexpr int64_t kScoredRows = 32;

ApiError apiError(const Error &error) {
  bool isFull = error.code == Code::kOutOfMemory;
  std::string text = error.help.empty() ? error.message : error.message + "; " + error.help;
  return {.status = isFull ? 503 : 500,
          .message = std::move(text),
          .param = "",
          .code = isFull ? "out_of_memory" : ""};
}

void refuse(const Job &job, const ApiError &error) {
  if (!job.isCancelled)
    job.listener->onStep({.index = job.index, .error = error});
}

} // namespace

Scheduler::Scheduler(Session &session, const Served &served, Limits limits, Metrics &metrics)
    : session(session), served(served), limits(limits), metrics(metrics),
      sequences(session, kSequencesPerAnswer * limits.parallel) {}

bool Scheduler::submit(const std::vector<std::shared_ptr<Job>> &jobs,
                       const std::function<void()> &before) {
  {
    std::lock_guard lock(mutex);
    if (isDraining || queued + int64_t(jobs.size()) > limits.queue)
      return false;
    if (before)
      before();
    queued += int64_t(jobs.size());
    submitted.insert(submitted.end(), jobs.begin(), jobs.end());
    metrics.waiting = queued;
  }
  changed.notify_one();
  return true;
}

void Scheduler::wake() {
  {
    std::lock_guard lock(mutex);
    isWoken = true;
  }
  changed.notify_one();
}

void Scheduler::drain() {
  {
    std::lock_guard lock(mutex);
    isDraining = true;
  }
  changed.notify_one();
}

void Scheduler::cut() {
  {
    std::lock_guard lock(mutex);
    isDraining = isCut = true;
  }
  changed.notify_one();
}

/// Waits until there is something to do. \returns false when there will be nothing any more.
bool Scheduler::waitForWork() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] {
    return isDraining || isWoken || !submitted.empty() || !running.empty() || !waiting.empty();
  });
  isWoken = false;
  waiting.insert(waiting.end(), submitted.begin(), submitted.end());
  submitted.clear();
  bool cutsNow = isCut, isLast = isDraining;
  lock.unlock();
  dropCancelled();
  if (cutsNow)
    cutAll();
  return !isLast || !running.empty() || !waiting.empty();
}

void Scheduler::dropCancelled() {
  auto dropped = std::erase_if(waiting, [](const auto &job) { return job->isCancelled.load(); });
  for (const auto &each : running)
    if (each->job().isCancelled) {
      ++dropped;
      each->cut("", "");
    }
  metrics.cancelled += int64_t(dropped);
  clean();
}

void Scheduler::cutAll() {
  for (const auto &each : running) {
    each->cut("server_stopped", "the server was stopped");
    each->tell();
  }
  for (const auto &job : waiting)
    refuse(*job, {.status = 503,
                  .message = "the server is being stopped",
                  .param = "",
                  .code = "server_stopped"});
  waiting.clear();
  clean();
}

/// Gives back the sequences of answers that are over.
void Scheduler::clean() {
  for (const auto &each : running)
    if (each->isOver())
      sequences.giveBack(each->sequence());
  std::erase_if(running, [](const auto &each) { return each->isOver(); });
  while (session.cacheBytes() > limits.cacheBytes && sequences.dropOldest())
    ;
  metrics.running = int64_t(running.size());
  metrics.cacheBytes = session.cacheBytes();
  std::lock_guard lock(mutex);
  queued = int64_t(waiting.size() + submitted.size());
  metrics.waiting = queued;
}

/// The job whose client has the fewest answers being drawn; of equal ones the one that came first.
std::deque<std::shared_ptr<Job>>::iterator Scheduler::nextWaiting() {
  std::map<uint64_t, int64_t> counts;
  for (const auto &each : running)
    ++counts[each->job().client];
  return std::ranges::min_element(waiting, {},
                                  [&](const auto &job) { return counts[job->client]; });
}

void Scheduler::start(const std::shared_ptr<Job> &job) {
  auto taken = sequences.take(job->prompt, job->owner, !job->scoresPrompt);
  auto made = Running::create(job, served, taken.sequence, taken.held);
  if (!made) {
    sequences.giveBack(taken.sequence);
    return refuse(*job, apiError(made.error()));
  }
  metrics.promptTokens += int64_t(job->prompt.size());
  metrics.cachedTokens += taken.held;
  running.push_back(std::move(*made));
}

void Scheduler::admit() {
  while (!waiting.empty() && int64_t(running.size()) < limits.parallel) {
    auto next = nextWaiting();
    std::shared_ptr<Job> job = *next;
    waiting.erase(next);
    start(job);
  }
  clean();
}

/// Shares out the rows of a call: one to each answer that is being drawn, the rest to the prompts
/// in equal parts, of which short ones leave some to the others.
std::vector<Scheduler::Share> Scheduler::plan() {
  std::vector<Share> shares, prompts;
  for (const auto &each : running) {
    auto held = int64_t(session.tokens(each->sequence()).size());
    int64_t missing = int64_t(each->text().size()) - held;
    Share share{each.get(), held, missing, true};
    (missing > 1 ? prompts : shares).push_back(share);
  }
  int64_t room = session.rowsPerCall() - int64_t(shares.size());
  if (!shares.empty())
    room = std::min(room, limits.rowsBesideDecoding);
  std::ranges::sort(prompts, [](const Share &a, const Share &b) {
    return std::pair(a.rows, a.running->sequence()) < std::pair(b.rows, b.running->sequence());
  });
  for (size_t i = 0; i < prompts.size() && room > 0; ++i) {
    Share &share = prompts[i];
    int64_t most = std::max<int64_t>(room / int64_t(prompts.size() - i), 1), missing = share.rows;
    if (share.running->scoresPrompt())
      most = std::min(most, kScoredRows);
    share.rows = std::min(missing, most);
    share.isLast = share.rows == missing;
    room -= share.rows;
    shares.push_back(share);
  }
  return shares;
}

Status Scheduler::feed(const std::vector<Share> &shares) {
  rows.clear();
  int64_t outputs = 0;
  for (const Share &share : shares)
    for (int64_t i = 0; i < share.rows; ++i) {
      bool isWanted = (share.isLast && i + 1 == share.rows) || share.running->scoresPrompt();
      rows.push_back(
          {share.running->text()[size_t(share.held + i)], share.running->sequence(), isWanted});
      outputs += isWanted;
    }
  logits.resize(size_t(outputs * session.vocabulary()));
  auto begin = std::chrono::steady_clock::now();
  Status status = session.feed(rows, logits);
  auto took = std::chrono::steady_clock::now() - begin;
  metrics.calls += 1;
  metrics.rows += int64_t(rows.size());
  metrics.callMicroseconds += std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  return status;
}

/// Draws from the logits of a call.
void Scheduler::read(const std::vector<Share> &shares) {
  auto size = size_t(session.vocabulary());
  std::span<float> next = logits;
  for (const Share &share : shares) {
    Running &each = *share.running;
    bool scores = each.scoresPrompt(), wasPrompt = each.readsPrompt(share.held);
    for (int64_t i = 0; scores && i < share.rows; ++i) {
      int64_t place = share.held + i;
      if (place + 1 < int64_t(each.job().prompt.size()))
        each.scorePrompt(next.first(size), place);
      if (!share.isLast || i + 1 < share.rows)
        next = next.subspan(size);
    }
    if (!share.isLast)
      continue;
    if (wasPrompt) // the next turn may drop what is answered now
      session.keep(each.sequence());
    each.draw(next.first(size));
    next = next.subspan(size);
    ++metrics.answerTokens;
    each.tell();
  }
}

void Scheduler::failNewest(const Error &error) {
  const Job &job = running.back()->job();
  refuse(job, apiError(error));
  running.back()->cut("", "");
  clean();
}

void Scheduler::failAll(const std::vector<Share> &shares, const Error &error) {
  for (const Share &share : shares) {
    refuse(share.running->job(), apiError(error));
    share.running->cut("", "");
  }
  clean();
}

void Scheduler::step() {
  std::vector<Share> shares = plan();
  Status status = feed(shares);
  if (status) {
    read(shares);
    return clean();
  }
  if (status.error().code == Code::kCancelled) // cut() comes with it
    return;
  if (status.error().code != Code::kOutOfMemory)
    return failAll(shares, status.error());
  // What lies idle goes first, then the answer that came last.
  if (!sequences.dropOldest())
    failNewest(status.error());
}

void Scheduler::run() {
  while (waitForWork()) {
    admit();
    if (!running.empty())
      step();
  }
}

} // namespace osscc::rt::serve
