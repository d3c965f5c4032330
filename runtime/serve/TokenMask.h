// Which tokens may come next in an answer that has to have a form.
#pragma once

#include <cstdint>
#include <span>

namespace osscc::rt::serve {

class TokenMask {
public:
  virtual ~TokenMask() = default;

  /// Sets the logits [V] of tokens that may not come next to minus infinity. \param ends  ids that
  /// end an answer, which may come where the form is complete.
  virtual void apply(std::span<float> logits, std::span<const int32_t> ends) = 0;

  /// Takes the token that was drawn.
  virtual void take(int32_t token) = 0;
};

} // namespace osscc::rt::serve
