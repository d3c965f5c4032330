// What a byte, or a mark, does between the values of a frame.
#include "runtime/schema/LocalSteps.h"

#include <algorithm>

namespace osscc::rt::schema {

/// Letters of the frame, or the first byte of a value; no state has both for one byte.
Outcome LocalSteps::frame(const Local &local, uint8_t byte) {
  Found found;
  for (uint16_t i = 0; i < local.threads.size(); ++i)
    for (const Frame::Edge &edge : machine.frame.states[local.threads[i].at].bytes)
      if (byte >= edge.first && byte <= edge.last) {
        Thread next = local.threads[i];
        next.at = edge.next;
        found.emplace_back(next, i);
      }
  if (!found.empty())
    return moved({.place = Place::kFrame, .held = {}, .threads = {}}, std::move(found));
  switch (byte) {
  case '"':
    return openString(local);
  case '[':
  case '{':
    return open(local, byte == '[');
  case 't':
  case 'f':
  case 'n':
    return openWord(local, byte);
  default:
    return openNumber(local, byte);
  }
}

/// Whether a number that is being written may end for a thread; true where none is.
bool LocalSteps::isBetween(const Local &local, const Thread &thread) const {
  return local.lexeme == Lexeme::kNone ||
         (local.lexeme == Lexeme::kNumber &&
          machine.nodes[thread.node].numbers[thread.choice].accepts(local.held));
}

Outcome LocalSteps::mark(const Local &local, int32_t token) {
  if (local.place != Place::kFrame)
    return {};
  Found found;
  for (uint16_t i = 0; i < local.threads.size(); ++i) {
    Thread next = local.threads[i];
    if (!isBetween(local, next))
      continue;
    settle(next);
    next.choice = 0;
    for (const Frame::Mark &mark : machine.frame.states[next.at].marks)
      if (mark.token == token) {
        Thread behind = next;
        behind.at = mark.next;
        found.emplace_back(behind, i);
      }
  }
  return moved({.place = Place::kFrame, .held = {}, .threads = {}}, std::move(found));
}

bool LocalSteps::mayEndFrame(const Local &local) const {
  return std::ranges::any_of(local.threads, [&](const Thread &thread) {
    return isBetween(local, thread) && machine.frame.states[thread.at].mayEnd;
  });
}

} // namespace osscc::rt::schema
