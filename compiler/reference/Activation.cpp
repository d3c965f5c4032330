#include "compiler/reference/Activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace osscc::reference {

double activate(llm::ActivationAttr activation, double gate, double up) {
  switch (activation.getKind()) {
  case llm::ActivationKind::Silu:
    return gate / (1 + std::exp(-gate)) * up;
  case llm::ActivationKind::SwigluOai: {
    double alpha = activation.getAlpha().getValueAsDouble(),
           limit = activation.getLimit().getValueAsDouble();
    double g = std::min(gate, limit), u = std::clamp(up, -limit, limit);
    return g / (1 + std::exp(-alpha * g)) * (u + 1);
  }
  case llm::ActivationKind::Gelu:
    return gate * (1 + std::erf(gate / std::numbers::sqrt2)) / 2 * up;
  case llm::ActivationKind::GeluTanh: {
    double inner = std::sqrt(2 / std::numbers::pi) * (gate + 0.044715 * gate * gate * gate);
    return gate * (1 + std::tanh(inner)) / 2 * up;
  }
  case llm::ActivationKind::Relu2: {
    double positive = std::max(gate, 0.0);
    return positive * positive * up;
  }
  }
  llvm_unreachable("no such activation");
}

} // namespace osscc::reference
