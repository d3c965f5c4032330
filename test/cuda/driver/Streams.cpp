// Streams, events and graphs.
#include "test/cuda/driver/Driver.h"

#include <chrono>

namespace osscc::standin {
namespace {

constexpr unsigned kNonBlocking = 1;

struct Event {
  Stream *stream = nullptr;
  uint64_t place = 0; // of its record in the stream's work
  std::chrono::steady_clock::time_point time;
};

Event *event(void *handle) {
  return static_cast<Event *>(handle);
}

Result waitFor(const Event &event) {
  return event.stream ? event.stream->run(event.place) : kSuccess;
}

/// What may not be done while a stream is captured breaks the capture.
bool breaksCapture(Stream &stream) {
  if (stream.capture)
    stream.isCaptureBroken = true;
  return stream.capture != nullptr;
}

} // namespace

OSSCC_CUDA_API int cuStreamCreate(void **stream, unsigned flags) {
  return checked([&] {
    *stream = driver().make(!(flags & kNonBlocking));
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuStreamCreateWithPriority(void **stream, unsigned flags, int) {
  return cuStreamCreate(stream, flags);
}

OSSCC_CUDA_API int cuStreamDestroy_v2(void *stream) {
  return driver().destroy(static_cast<Stream *>(stream));
}

OSSCC_CUDA_API int cuStreamSynchronize(void *handle) {
  return checked([&] {
    Stream &stream = driver().stream(handle);
    if (breaksCapture(stream))
      return kCaptureUnsupported;
    return handle ? stream.run() : driver().finish(true);
  });
}

/// Some of the work gets done between two questions.
OSSCC_CUDA_API int cuStreamQuery(void *handle) {
  return checked([&] {
    Stream &stream = driver().stream(handle);
    if (breaksCapture(stream))
      return kCaptureUnsupported;
    if (stream.isIdle())
      return kSuccess;
    Result found = stream.run();
    return found ? found : kNotReady;
  });
}

OSSCC_CUDA_API int cuStreamWaitEvent(void *handle, void *waited, unsigned) {
  return checked([&] {
    Event copy = *event(waited);
    Stream *own = &driver().stream(handle);
    own->add([copy, own] { return copy.stream == own ? kSuccess : waitFor(copy); });
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuEventCreate(void **found, unsigned) {
  return checked([&] {
    *found = new Event;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuEventDestroy_v2(void *handle) {
  return checked([&] {
    Result found = waitFor(*event(handle)); // its time may be about to be written
    delete event(handle);
    return found;
  });
}

OSSCC_CUDA_API int cuEventRecord(void *handle, void *stream) {
  return checked([&] {
    Event *own = event(handle);
    own->stream = &driver().stream(stream);
    own->stream->add([own] {
      own->time = std::chrono::steady_clock::now();
      return kSuccess;
    });
    own->place = own->stream->added();
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuEventSynchronize(void *handle) {
  return checked([&] { return waitFor(*event(handle)); });
}

OSSCC_CUDA_API int cuEventQuery(void *handle) {
  return checked([&] {
    Event &own = *event(handle);
    if (!own.stream || own.stream->isIdle())
      return kSuccess;
    Result found = waitFor(own);
    return found ? found : kNotReady;
  });
}

OSSCC_CUDA_API int cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  return checked([&] {
    std::chrono::duration<float, std::milli> took = event(to)->time - event(from)->time;
    *milliseconds = took.count();
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuEventElapsedTime_v2(float *milliseconds, void *from, void *to) {
  return cuEventElapsedTime(milliseconds, from, to);
}

OSSCC_CUDA_API int cuStreamBeginCapture_v2(void *handle, int) {
  return checked([&] {
    Stream &stream = driver().stream(handle);
    if (!handle || stream.capture)
      return kInvalidValue;
    stream.capture = std::make_unique<Graph>();
    stream.isCaptureBroken = false;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuStreamIsCapturing(void *handle, int *status) {
  return checked([&] {
    Stream &stream = driver().stream(handle);
    *status = !stream.capture ? 0 : stream.isCaptureBroken ? 2 : 1;
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuStreamEndCapture(void *handle, void **graph) {
  return checked([&] {
    Stream &stream = driver().stream(handle);
    *graph = nullptr;
    if (!stream.capture)
      return kInvalidValue;
    std::unique_ptr<Graph> made = std::move(stream.capture);
    if (stream.isCaptureBroken)
      return kCaptureInvalidated;
    *graph = made.release();
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long) {
  return checked([&] {
    *executable = new Graph(*static_cast<Graph *>(graph));
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuGraphLaunch(void *executable, void *handle) {
  return checked([&] {
    for (const Work &node : static_cast<Graph *>(executable)->nodes)
      driver().stream(handle).add(node);
    return kSuccess;
  });
}

OSSCC_CUDA_API int cuGraphDestroy(void *graph) {
  delete static_cast<Graph *>(graph);
  return kSuccess;
}

OSSCC_CUDA_API int cuGraphExecDestroy(void *executable) {
  delete static_cast<Graph *>(executable);
  return kSuccess;
}

} // namespace osscc::standin
