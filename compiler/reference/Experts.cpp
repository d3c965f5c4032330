#include "compiler/reference/Experts.h"

#include "support/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include <cmath>

namespace osscc::reference {

/// The `top` experts of the largest logits; of equal ones the lower, so that nothing is open.
static std::vector<bool> choose(llvm::ArrayRef<float> logits, int64_t top) {
  std::vector<bool> chosen(logits.size());
  for (int64_t j = 0; j < top; ++j) {
    size_t best = logits.size();
    for (size_t e = 0; e < logits.size(); ++e)
      if (!chosen[e] && (best == logits.size() || logits[e] > logits[best]))
        best = e;
    chosen[best] = true;
  }
  return chosen;
}

Routed route(const Tensor &logits, int64_t top, llm::RoutingKind kind) {
  Routed routed{Tensor(logits.rows, top), Tensor(logits.rows, top)};
  for (int64_t t = 0; t < logits.rows; ++t) {
    llvm::ArrayRef<float> row(&logits.values[t * logits.columns], logits.columns);
    std::vector<bool> chosen = choose(row, top);
    double largest = row.front(), sum = 0;
    for (float logit : row)
      largest = std::max<double>(largest, logit);
    std::vector<double> powers;
    for (auto [e, logit] : llvm::enumerate(row)) {
      double power = std::exp(logit - largest);
      if (chosen[e] || kind == llm::RoutingKind::Softmax)
        sum += power;
      if (!chosen[e])
        continue;
      routed.ids.at(t, powers.size()) = static_cast<float>(e);
      powers.push_back(power);
    }
    for (int64_t j = 0; j < top; ++j)
      routed.weights.at(t, j) = static_cast<float>(powers[j] / sum);
  }
  return routed;
}

/// The product of one expert: `values` [K] by its matrix of `rows` rows, plus its bias.
static std::vector<double> multiply(const Stack &stack, int64_t expert, int64_t rows,
                                    llvm::ArrayRef<double> values) {
  std::vector<double> sums(rows);
  for (int64_t n = 0; n < rows; ++n) {
    for (size_t k = 0; k < values.size(); ++k)
      sums[n] += values[k] * stack.weight.at(expert * rows + n, k);
    if (stack.bias)
      sums[n] += stack.bias->at(expert, n);
  }
  return sums;
}

llvm::Expected<Tensor> experts(const Tensor &x, const Tensor &ids, const Tensor &weights,
                               const Stack &gateUp, const Stack &down,
                               llm::ActivationAttr activation) {
  if (ids.rows != x.rows || weights.rows != x.rows)
    return inputError("experts", llvm::Twine(x.rows) + " rows, but experts of " +
                                     llvm::Twine(ids.rows) + " and weights of " +
                                     llvm::Twine(weights.rows));
  int64_t width = down.weight.columns, count = down.weight.rows / x.columns;
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t) {
    std::vector<double> row(&x.values[t * x.columns], &x.values[t * x.columns] + x.columns);
    std::vector<double> sums(x.columns), gated(width);
    for (int64_t j = 0; j < ids.columns; ++j) {
      auto expert = static_cast<int64_t>(ids.at(t, j));
      if (expert < 0 || expert >= count)
        return inputError("row " + llvm::Twine(t),
                          "expert " + llvm::Twine(expert) + " of " + llvm::Twine(count));
      std::vector<double> both = multiply(gateUp, expert, 2 * width, row);
      for (int64_t f = 0; f < width; ++f)
        gated[f] = activate(activation, both[f], both[width + f]);
      std::vector<double> result = multiply(down, expert, x.columns, gated);
      for (int64_t c = 0; c < x.columns; ++c)
        sums[c] += weights.at(t, j) * result[c];
    }
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = static_cast<float>(sums[c]);
  }
  return y;
}

} // namespace osscc::reference
