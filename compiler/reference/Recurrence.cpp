#include "compiler/reference/Recurrence.h"

#include <cmath>

namespace osscc::reference {

static State &stateOf(const Rows &rows, int64_t t, Cache &cache, const StateLayer &layer) {
  return cache.state({layer.type.getGroup(), layer.layer, rows.sequences[t]});
}

Tensor shortConv(const Rows &rows, Cache &cache, const StateLayer &layer, const Tensor &x,
                 const Tensor &weight, llm::ActivationAttr activation) {
  Tensor y(x.rows, x.columns);
  int64_t kept = layer.type.getKept();
  for (int64_t t = 0; t < x.rows; ++t) {
    std::vector<float> &latest = stateOf(rows, t, cache, layer).latest; // [kept, C]
    latest.resize(static_cast<size_t>(kept * x.columns));
    for (int64_t c = 0; c < x.columns; ++c)
      latest.push_back(x.at(t, c));
    for (int64_t c = 0; c < x.columns; ++c) {
      double sum = 0;
      for (int64_t j = 0; j <= kept; ++j)
        sum += static_cast<double>(weight.at(j, c)) * latest[j * x.columns + c];
      y.at(t, c) = static_cast<float>(activation ? activate(activation, sum, 1.0) : sum);
    }
    latest.erase(latest.begin(), latest.begin() + x.columns);
  }
  return y;
}

/// A head of a row over its length.
static std::vector<double> unit(const Tensor &rows, int64_t t, int64_t head, int64_t size,
                                double eps) {
  std::vector<double> found;
  double squares = eps;
  for (int64_t i = 0; i < size; ++i) {
    found.push_back(rows.at(t, head * size + i));
    squares += found.back() * found.back();
  }
  for (double &value : found)
    value /= std::sqrt(squares);
  return found;
}

/// One value head of one row; `head` [keys, values] is its state.
static void step(llvm::MutableArrayRef<double> head, const DeltaInputs &in, int64_t t, int64_t g,
                 int64_t keyHead, int64_t keys, Tensor &y) {
  auto values = static_cast<int64_t>(head.size()) / keys;
  double x = in.a.at(t, g) + in.shifts.at(0, g), soft = x > 40 ? x : std::log1p(std::exp(x));
  double rate = in.logRates ? -std::exp(static_cast<double>(in.rates.at(0, g))) : in.rates.at(0, g);
  double decay = std::exp(rate * soft),
         beta = 1 / (1 + std::exp(-static_cast<double>(in.b.at(t, g))));
  std::vector<double> k = unit(in.k, t, keyHead, keys, in.eps);
  std::vector<double> q = unit(in.q, t, keyHead, keys, in.eps);
  for (double &value : head)
    value *= decay;
  for (int64_t c = 0; c < values; ++c) {
    double found = 0, read = 0;
    for (int64_t i = 0; i < keys; ++i)
      found += k[i] * head[i * values + c];
    double change = beta * (in.v.at(t, g * values + c) - found);
    for (int64_t i = 0; i < keys; ++i)
      read += q[i] * (head[i * values + c] += k[i] * change);
    y.at(t, g * values + c) = static_cast<float>(read / std::sqrt(static_cast<double>(keys)));
  }
}

Tensor deltaRule(const Rows &rows, Cache &cache, const StateLayer &layer, const DeltaInputs &in) {
  Tensor y(in.v.rows, in.v.columns);
  int64_t heads = layer.type.getHeads(), keys = layer.type.getKeys();
  int64_t size = keys * layer.type.getValues(), keyHeads = in.q.columns / keys;
  for (int64_t t = 0; t < in.v.rows; ++t) {
    std::vector<double> &all = stateOf(rows, t, cache, layer).heads;
    all.resize(static_cast<size_t>(heads * size));
    for (int64_t g = 0; g < heads; ++g)
      step(llvm::MutableArrayRef(all).slice(static_cast<size_t>(g * size),
                                            static_cast<size_t>(size)),
           in, t, g, in.tiled ? g % keyHeads : g / (heads / keyHeads), keys, y);
  }
  return y;
}

} // namespace osscc::reference
