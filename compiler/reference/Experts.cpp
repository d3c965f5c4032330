#include "compiler/reference/Experts.h"

#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace osscc::reference {

/// The `top` places of the largest numbers; of equal ones the lower, so that nothing is open.
template <typename Number>
static std::vector<bool> choose(llvm::ArrayRef<Number> logits, int64_t top) {
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

/// Takes the experts of all but the best groups out of the choice.
static void keepGroups(std::vector<double> &choices, llm::RoutingAttr routing) {
  int64_t groups = routing.getGroups(), ofGroup = static_cast<int64_t>(choices.size()) / groups;
  std::vector<double> values;
  for (int64_t group = 0; group < groups; ++group) {
    std::vector<double> own(choices.begin() + group * ofGroup,
                            choices.begin() + (group + 1) * ofGroup);
    std::sort(own.rbegin(), own.rend());
    double sum = 0;
    for (int64_t i = 0; i < routing.getBest(); ++i)
      sum += own[i];
    values.push_back(sum);
  }
  std::vector<bool> kept = choose<double>(values, routing.getKept());
  for (size_t e = 0; e < choices.size(); ++e)
    if (!kept[e / ofGroup])
      choices[e] = -std::numeric_limits<double>::infinity();
}

/// What the experts of a row weigh before the chosen ones are known, and what they are chosen by.
struct Scores {
  std::vector<double> powers, choices;
};

static Scores scoresOf(llvm::ArrayRef<float> logits, llm::RoutingAttr routing, const Tensor *bias) {
  Scores scores;
  double largest = *std::max_element(logits.begin(), logits.end()), sum = 0;
  for (float logit : logits)
    sum += std::exp(logit - largest);
  for (auto [e, logit] : llvm::enumerate(logits)) {
    double sigmoid = 1 / (1 + std::exp(-static_cast<double>(logit)));
    bool isSigmoid = routing.isSigmoid();
    double power = isSigmoid ? sigmoid : std::exp(logit - largest);
    scores.powers.push_back(power);
    double choice = isSigmoid ? sigmoid : bias ? power / sum : static_cast<double>(logit);
    scores.choices.push_back(choice + (bias ? bias->at(0, e) : 0.0));
  }
  if (routing.getGroups() > 1)
    keepGroups(scores.choices, routing);
  return scores;
}

Routed route(const Tensor &logits, int64_t top, llm::RoutingAttr routing, const Tensor *bias,
             const Tensor *scales) {
  Routed routed{Tensor(logits.rows, top), Tensor(logits.rows, top)};
  for (int64_t t = 0; t < logits.rows; ++t) {
    llvm::ArrayRef<float> row(&logits.values[t * logits.columns], logits.columns);
    Scores scores = scoresOf(row, routing, bias);
    std::vector<bool> chosen = choose<double>(scores.choices, top);
    double sum = 0;
    std::vector<double> powers;
    for (auto [e, power] : llvm::enumerate(scores.powers)) {
      if (chosen[e] || routing.getKind() == llm::RoutingKind::Softmax)
        sum += power;
      if (!chosen[e])
        continue;
      routed.ids.at(t, powers.size()) = static_cast<float>(e);
      powers.push_back(power);
    }
    if (routing.isSigmoid())
      sum = routing.getKind() == llm::RoutingKind::Sigmoid ? 1 : sum + 1e-20;
    for (int64_t j = 0; j < top; ++j) {
      double scale = scales ? scales->at(0, static_cast<int64_t>(routed.ids.at(t, j))) : 1.0;
      routed.weights.at(t, j) = static_cast<float>(powers[j] / sum * routing.factor() * scale);
    }
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
                               llm::ActivationAttr activation, bool weighsInput) {
  if (ids.rows != x.rows || weights.rows != x.rows)
    return inputError("experts", llvm::Twine(x.rows) + " rows, but experts of " +
                                     llvm::Twine(ids.rows) + " and weights of " +
                                     llvm::Twine(weights.rows));
  int64_t width = down.weight.columns, count = down.weight.rows / x.columns;
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t) {
    std::vector<double> row(x.columns), sums(x.columns), gated(width);
    for (int64_t j = 0; j < ids.columns; ++j) {
      auto expert = static_cast<int64_t>(ids.at(t, j));
      if (expert < 0 || expert >= count)
        return inputError("row " + llvm::Twine(t),
                          "expert " + llvm::Twine(expert) + " of " + llvm::Twine(count));
      double weight = weights.at(t, j);
      for (int64_t c = 0; c < x.columns; ++c)
        row[c] = x.at(t, c) * (weighsInput ? weight : 1.0);
      std::vector<double> both = multiply(gateUp, expert, 2 * width, row);
      for (int64_t f = 0; f < width; ++f)
        gated[f] = activate(activation, both[f], both[width + f]);
      std::vector<double> result = multiply(down, expert, x.columns, gated);
      for (int64_t c = 0; c < x.columns; ++c)
        sums[c] += (weighsInput ? 1.0 : weight) * result[c];
    }
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = static_cast<float>(sums[c]);
  }
  return y;
}

} // namespace osscc::reference
