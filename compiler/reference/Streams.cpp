#include "compiler/reference/Streams.h"

#include <algorithm>
#include <cmath>

namespace osscc::reference {

namespace {

/// The mean of what `of` makes of each channel of a row.
template <typename Of> double meanOf(const Tensor &x, int64_t t, Of of) {
  double sum = 0;
  for (int64_t c = 0; c < x.columns; ++c)
    sum += of(static_cast<double>(x.at(t, c)));
  return sum / static_cast<double>(x.columns);
}

double square(double value) {
  return value * value;
}

} // namespace

Tensor mix(llvm::ArrayRef<const Tensor *> parts, const Tensor &weights, int64_t first) {
  Tensor y(weights.rows, parts.front()->columns);
  for (int64_t t = 0; t < y.rows; ++t)
    for (int64_t c = 0; c < y.columns; ++c) {
      double sum = 0;
      for (size_t j = 0; j < parts.size(); ++j)
        sum += static_cast<double>(weights.at(t, first + static_cast<int64_t>(j))) *
               parts[j]->at(t, c);
      y.at(t, c) = static_cast<float>(sum);
    }
  return y;
}

Tensor match(const Tensor &x, const Tensor &target, float least) {
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t) {
    double wanted = std::sqrt(meanOf(target, t, square));
    double found = std::sqrt(std::max(meanOf(x, t, square), static_cast<double>(least)));
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = static_cast<float>(x.at(t, c) * wanted / found);
  }
  return y;
}

Tensor cutoff(const Tensor &x, float deviations) {
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t) {
    double mean = meanOf(x, t, [](double value) { return value; });
    double variance = meanOf(x, t, [&](double value) { return square(value - mean); });
    double least = mean + deviations * std::sqrt(variance);
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = static_cast<float>(std::max(x.at(t, c) - least, 0.0));
  }
  return y;
}

Tensor xielu(const Tensor &x, const Xielu &weights) {
  auto valueOf = [](const Tensor &weight) { return static_cast<double>(weight.at(0, 0)); };
  auto softplus = [](double value) { return std::log1p(std::exp(value)); };
  double beta = valueOf(weights.beta), eps = valueOf(weights.eps);
  double positive = softplus(valueOf(weights.positive));
  double negative = beta + softplus(valueOf(weights.negative));
  Tensor y(x.rows, x.columns);
  for (size_t i = 0; i < y.values.size(); ++i) {
    double value = x.values[i];
    double curve = value > 0 ? positive * value * value
                             : negative * (std::expm1(std::min(value, eps)) - value);
    y.values[i] = static_cast<float>(curve + beta * value);
  }
  return y;
}

} // namespace osscc::reference
