// Draws the answers of many requests together. Requests join and leave between calls of the model;
// a call takes a row of each answer that is being drawn, and chunks of the prompts that are being
// read. What a row gives does not depend on the rows beside it, so an answer's text is the same
// alone and among others.
//
//   submit() ─▶ waiting ─ a sequence is free ─▶ running ─ step by step ─▶ Job::listener
#pragma once

#include "runtime/model/Session.h"
#include "runtime/serve/Metrics.h"
#include "runtime/serve/Running.h"
#include "runtime/serve/Sequences.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace osscc::rt::serve {

class Scheduler {
public:
  struct Limits {
    int64_t parallel = 4;             ///< Answers that are drawn at a time.
    int64_t queue = 64;               ///< Jobs that wait at most.
    int64_t cacheBytes = INT64_MAX;   ///< Caches are dropped beyond this, those in use aside.
    int64_t rowsBesideDecoding = 128; ///< Of prompts in a call that also draws.
  };

  /// \param session  has no sequence yet; run() is the only one to use it from then on.
  Scheduler(Session &session, const Served &served, Limits limits, Metrics &metrics);

  /// Takes all jobs of a request, or none where the queue has no room for them. From any thread.
  /// \param before  called if they are taken, before any step of theirs.
  bool submit(const std::vector<std::shared_ptr<Job>> &jobs,
              const std::function<void()> &before = {});

  /// Makes run() look at what was cancelled. From any thread.
  void wake();

  /// Lets run() return when no job is left; submit() takes none any more. From any thread.
  void drain();

  /// The same, and ends the answers that are being drawn where they are, and refuses those that
  /// wait.
  void cut();

  /// Works until it is drained.
  void run();

private:
  /// What one call does for one answer: the next `rows` tokens of its text.
  struct Share {
    Running *running;
    int64_t held, rows;
    bool isLast; ///< Whether they reach the text's end: then a token is drawn.
  };
  bool waitForWork();
  void dropCancelled();
  void admit();
  std::deque<std::shared_ptr<Job>>::iterator nextWaiting();
  void start(const std::shared_ptr<Job> &job);
  void cutAll();
  void step();
  std::vector<Share> plan();
  Status feed(const std::vector<Share> &shares);
  void read(const std::vector<Share> &shares);
  void failNewest(const Error &error);
  void failAll(const std::vector<Share> &shares, const Error &error);
  void clean();

  Session &session;
  const Served &served;
  const Limits limits;
  Metrics &metrics;
  Sequences sequences;
  std::vector<std::unique_ptr<Running>> running; ///< In the order in which they came.
  std::deque<std::shared_ptr<Job>> waiting;
  std::vector<Row> rows;
  std::vector<float> logits; ///< [rows with output, V] of a call.

  std::mutex mutex; ///< Of what follows.
  std::condition_variable changed;
  std::deque<std::shared_ptr<Job>> submitted;
  int64_t queued = 0; ///< Submitted or waiting.
  bool isDraining = false, isCut = false, isWoken = false;
};

} // namespace osscc::rt::serve
