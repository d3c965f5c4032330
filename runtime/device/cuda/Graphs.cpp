#include "runtime/device/cuda/Graphs.h"

#include <algorithm>

namespace osscc::rt::cuda {

Graphs::~Graphs() {
  if (!device->enter())
    return;
  for (auto &[key, entry] : graphs)
    if (entry.exec)
      device->driver().cuGraphExecDestroy(entry.exec);
}

void Graphs::run(const GraphKey &key, const std::function<void()> &enqueue) {
  auto [at, isNew] = graphs.try_emplace(key);
  Entry &entry = at->second;
  entry.used = ++clock;
  if (isNew) {
    dropOldest();
    return enqueue();
  }
  if (!entry.exec)
    entry.exec = capture(enqueue);
  if (entry.exec)
    device->note(device->driver().cuGraphLaunch(entry.exec, device->stream()), "cuGraphLaunch");
}

/// The graph of what `enqueue` puts on the stream; null where something was noted.
GraphExec Graphs::capture(const std::function<void()> &enqueue) {
  const Driver &driver = device->driver();
  device->note(driver.cuStreamBeginCapture_v2(device->stream(), kCaptureThreadLocal),
               "cuStreamBeginCapture");
  if (!device->status())
    return nullptr;
  enqueue();
  Graph graph = nullptr;
  GraphExec exec = nullptr;
  device->note(driver.cuStreamEndCapture(device->stream(), &graph), "cuStreamEndCapture");
  if (device->status())
    device->note(driver.cuGraphInstantiateWithFlags(&exec, graph, 0),
                 "cuGraphInstantiateWithFlags");
  if (graph)
    driver.cuGraphDestroy(graph);
  return exec;
}

void Graphs::dropOldest() {
  if (graphs.size() <= kMost)
    return;
  auto oldest =
      std::ranges::min_element(graphs, {}, [](const auto &each) { return each.second.used; });
  if (oldest->second.exec)
    device->driver().cuGraphExecDestroy(oldest->second.exec);
  graphs.erase(oldest);
}

} // namespace osscc::rt::cuda
