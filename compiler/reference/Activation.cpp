#include "compiler/reference/Activation.h"

#include <algorithm>
#include <cmath>

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
  }
  llvm_unreachable("no such activation");
}

} // namespace osscc::reference
