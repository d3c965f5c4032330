// Plain loops; slow and obvious on purpose.
#include "compiler/reference/Operations.h"

#include "support/Error.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

namespace osscc::reference {

/// The table's rows of `numbers`, one for each row of the call. \errors  one that it does not have:
/// `what` it is, and what `has` fewer.
static llvm::Expected<Tensor> lookUp(llvm::ArrayRef<int64_t> numbers, const Tensor &table,
                                     llvm::StringRef what, llvm::StringRef has) {
  Tensor y(static_cast<int64_t>(numbers.size()), table.columns);
  for (int64_t t = 0; t < y.rows; ++t) {
    if (numbers[t] < 0 || numbers[t] >= table.rows)
      return inputError("row " + llvm::Twine(t), what + " " + llvm::Twine(numbers[t]) + ", but " +
                                                     has + " has " + llvm::Twine(table.rows));
    for (int64_t c = 0; c < y.columns; ++c)
      y.at(t, c) = table.at(numbers[t], c);
  }
  return y;
}

llvm::Expected<Tensor> embed(const Rows &rows, const Tensor &table) {
  return lookUp(rows.tokens, table, "token", "the vocabulary");
}

llvm::Expected<Tensor> embedPositions(const Rows &rows, const Tensor &table) {
  return lookUp(rows.positions, table, "position", "the table");
}

Tensor linear(const Tensor &x, const Tensor &weight, const Tensor *bias) {
  Tensor y(x.rows, weight.rows);
  // x transposed: the rows lie side by side, so that one pass over a weight's row serves them all.
  std::vector<double> channels(x.values.size()), sums(x.rows);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t k = 0; k < x.columns; ++k)
      channels[k * x.rows + t] = x.at(t, k);
  for (int64_t n = 0; n < weight.rows; ++n) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t k = 0; k < x.columns; ++k) {
      double w = weight.at(n, k);
      const double *channel = &channels[k * x.rows];
      for (int64_t t = 0; t < x.rows; ++t)
        sums[t] += w * channel[t];
    }
    for (int64_t t = 0; t < x.rows; ++t)
      y.at(t, n) = static_cast<float>(sums[t] + (bias ? bias->at(0, n) : 0.0));
  }
  return y;
}

Tensor groupedLinear(const Tensor &x, const Tensor &weight, int64_t groups) {
  int64_t height = weight.rows / groups;
  Tensor y(x.rows, weight.rows);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t n = 0; n < weight.rows; ++n) {
      double sum = 0;
      for (int64_t k = 0; k < weight.columns; ++k)
        sum += static_cast<double>(weight.at(n, k)) * x.at(t, n / height * weight.columns + k);
      y.at(t, n) = static_cast<float>(sum);
    }
  return y;
}

Tensor rmsNorm(const Tensor &x, const NormScale &scale, float eps) {
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t first = 0; first < x.columns; first += scale.size) {
      double sum = 0;
      for (int64_t c = first; c < first + scale.size; ++c)
        sum += static_cast<double>(x.at(t, c)) * x.at(t, c);
      double root = std::sqrt(sum / static_cast<double>(scale.size) + eps);
      for (int64_t c = first; c < first + scale.size; ++c) {
        double factor = scale.values ? scale.offset + scale.values->at(0, c - first) : 1.0;
        y.at(t, c) = static_cast<float>(x.at(t, c) / root * factor);
      }
    }
  return y;
}

Tensor layerNorm(const Tensor &x, const NormScale &scale, const Tensor *bias, float eps) {
  Tensor y(x.rows, x.columns);
  auto size = static_cast<double>(scale.size);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t first = 0; first < x.columns; first += scale.size) {
      double sum = 0, squares = 0;
      for (int64_t c = first; c < first + scale.size; ++c)
        sum += x.at(t, c);
      double mean = sum / size;
      for (int64_t c = first; c < first + scale.size; ++c)
        squares += (x.at(t, c) - mean) * (x.at(t, c) - mean);
      double root = std::sqrt(squares / size + eps);
      for (int64_t c = first; c < first + scale.size; ++c) {
        double factor = scale.values ? scale.offset + scale.values->at(0, c - first) : 1.0;
        double shift = bias ? bias->at(0, c - first) : 0.0;
        y.at(t, c) = static_cast<float>((x.at(t, c) - mean) / root * factor + shift);
      }
    }
  return y;
}

Tensor rope(const Rows &rows, const Tensor &x, llvm::ArrayRef<float> frequencies, float factor) {
  Tensor y(x.rows, x.columns);
  auto half = static_cast<int64_t>(frequencies.size());
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t i = 0; i < half; ++i) {
      // The one rounding that is part of the op: the angle is f32.
      float angle = static_cast<float>(rows.positions[t]) * frequencies[i];
      double growth = frequencies[i] == 0 ? 1 : factor; // pairs that stay do not grow
      double cosine = growth * std::cos(static_cast<double>(angle));
      double sine = growth * std::sin(static_cast<double>(angle));
      for (int64_t head = 0; head < x.columns; head += 2 * half) {
        double a = x.at(t, head + i), b = x.at(t, head + half + i);
        y.at(t, head + i) = static_cast<float>(a * cosine - b * sine);
        y.at(t, head + half + i) = static_cast<float>(b * cosine + a * sine);
      }
    }
  return y;
}

/// Row t as a vector.
static std::vector<float> rowOf(const Tensor &x, int64_t t) {
  return {x.values.begin() + t * x.columns, x.values.begin() + (t + 1) * x.columns};
}

/// Heads of `a` and of `b`, each with its like: the channels of `a` first.
static Tensor joinHeads(const Tensor &a, const Tensor &b, int64_t heads) {
  int64_t first = a.columns / heads, second = b.columns / heads, size = first + second;
  Tensor joined(a.rows, a.columns + b.columns);
  for (int64_t t = 0; t < a.rows; ++t)
    for (int64_t head = 0; head < heads; ++head) {
      for (int64_t c = 0; c < first; ++c)
        joined.at(t, head * size + c) = a.at(t, head * first + c);
      for (int64_t c = 0; c < second; ++c)
        joined.at(t, head * size + first + c) = b.at(t, head * second + c);
    }
  return joined;
}

static double capped(double value, double cap) {
  return cap * std::tanh(value / cap);
}

void kvAppend(const Rows &rows, Cache &cache, const CacheLayer &layer, const Tensor &k,
              const Tensor &v) {
  Tensor keys = layer.values ? joinHeads(v, k, layer.heads) : k;
  for (int64_t t = 0; t < rows.count(); ++t)
    cache.append({layer.group, layer.layer, rows.sequences[t], rows.positions[t]},
                 {rowOf(keys, t), rowOf(v, t)});
}

/// One head of one row: q [d] over the past's keys from channel `firstKey` on and values from
/// `firstValue` on -> y. Scores are `scale` times q . k; the head's sink is one more.
static void attendHead(llvm::ArrayRef<float> q, llvm::ArrayRef<const Cache::Entry *> past,
                       int64_t firstKey, int64_t firstValue, const Look &look, double scale,
                       std::optional<float> sink, llvm::MutableArrayRef<float> y) {
  std::vector<double> scores;
  for (const Cache::Entry *entry : past) {
    double dot = 0;
    for (size_t i = 0; i < q.size(); ++i)
      dot += static_cast<double>(q[i]) * entry->key[firstKey + i];
    double score = scale * dot;
    scores.push_back(look.softcap == 0 ? score : capped(score, look.softcap));
  }
  double largest = *llvm::max_element(scores);
  if (sink)
    largest = std::max<double>(largest, *sink);
  double total = sink ? std::exp(*sink - largest) : 0;
  for (double &score : scores)
    total += score = std::exp(score - largest);
  for (size_t i = 0; i < y.size(); ++i) {
    double sum = 0;
    for (size_t s = 0; s < past.size(); ++s)
      sum += scores[s] * past[s]->value[firstValue + i];
    y[i] = static_cast<float>(sum / total);
  }
}

/// The first position that a row at `position` sees.
static int64_t firstSeen(const Look &look, int64_t position) {
  if (look.window == 0)
    return 0;
  if (look.chunked)
    return position / look.window * look.window;
  return std::max<int64_t>(position - look.window + 1, 0);
}

/// What the products of a row at `position` are multiplied by.
static double scaleAt(const Look &look, int64_t position) {
  if (!look.temperature)
    return look.scale;
  int64_t steps = (position + look.temperature.getOffset()) / look.temperature.getStep();
  double growth = std::log(1.0 + static_cast<double>(steps));
  return look.scale * (1 + look.temperature.getScale().getValueAsDouble() * growth);
}

llvm::Expected<Tensor> attention(const Rows &rows, const Cache &cache, const CacheLayer &layer,
                                 const Tensor &q, const Look &look) {
  Tensor y(q.rows, q.columns);
  int64_t valueSize = layer.values ? layer.values : layer.size;
  int64_t heads = q.columns / valueSize, group = heads / layer.heads;
  Tensor queries = look.rest ? joinHeads(q, *look.rest, heads) : q;
  for (int64_t t = 0; t < q.rows; ++t) {
    std::vector<const Cache::Entry *> past;
    int64_t first = firstSeen(look, rows.positions[t]);
    double scale = scaleAt(look, rows.positions[t]);
    for (int64_t position = first; position <= rows.positions[t]; ++position) {
      past.push_back(cache.find({layer.group, layer.layer, rows.sequences[t], position}));
      if (!past.back())
        return inputError("row " + llvm::Twine(t), "nothing was appended at position " +
                                                       llvm::Twine(position) + " of sequence " +
                                                       llvm::Twine(rows.sequences[t]));
    }
    for (int64_t head = 0; head < heads; ++head) {
      auto channel = static_cast<size_t>(t * heads + head);
      auto size = static_cast<size_t>(layer.size), width = static_cast<size_t>(valueSize);
      std::optional<float> sink;
      if (look.sinks)
        sink = look.sinks->at(0, head);
      attendHead(llvm::ArrayRef(queries.values).slice(channel * size, size), past,
                 head / group * layer.size, head / group * valueSize, look, scale, sink,
                 llvm::MutableArrayRef(y.values).slice(channel * width, width));
    }
  }
  return y;
}

Tensor multiply(const Tensor &x, const Tensor &weight) {
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = x.at(t, c) * weight.at(0, weight.columns == 1 ? 0 : c);
  return y;
}

Tensor softcap(const Tensor &x, float cap) {
  Tensor y(x.rows, x.columns);
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = static_cast<float>(capped(x.values[i], cap));
  return y;
}

Tensor glu(llm::ActivationAttr activation, const Tensor &gate, const Tensor &up) {
  Tensor y(gate.rows, gate.columns);
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = static_cast<float>(activate(activation, gate.values[i], up.values[i]));
  return y;
}

Tensor activate(llm::ActivationAttr activation, const Tensor &x) {
  Tensor y(x.rows, x.columns);
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = static_cast<float>(activate(activation, x.values[i], 1.0));
  return y;
}

Tensor weigh(const Tensor &x, const Tensor &gate) {
  Tensor y(x.rows, x.columns);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t c = 0; c < x.columns; ++c)
      y.at(t, c) = static_cast<float>(
          x.at(t, c) / (1 + std::exp(-static_cast<double>(gate.at(t, gate.columns == 1 ? 0 : c)))));
  return y;
}

Tensor scale(const Tensor &x, float factor) {
  Tensor y(x.rows, x.columns);
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = x.values[i] * factor;
  return y;
}

Tensor add(const Tensor &a, const Tensor &b) {
  Tensor y(a.rows, a.columns);
  for (size_t i = 0; i < y.values.size(); ++i)
    y.values[i] = a.values[i] + b.values[i];
  return y;
}

Tensor concatRows(llvm::ArrayRef<Tensor> parts) {
  Tensor whole(0, parts.front().columns);
  for (const Tensor &part : parts) {
    whole.rows += part.rows;
    llvm::append_range(whole.values, part.values);
  }
  return whole;
}

Tensor concatValues(llvm::ArrayRef<Tensor> parts) {
  Tensor whole = concatRows(parts);
  whole.rows = 1;
  whole.columns = static_cast<int64_t>(whole.values.size());
  return whole;
}

Tensor sliceChannels(const Tensor &x, int64_t first, int64_t count) {
  Tensor y(x.rows, count);
  for (int64_t t = 0; t < x.rows; ++t)
    for (int64_t c = 0; c < count; ++c)
      y.at(t, c) = x.at(t, first + c);
  return y;
}

Tensor outputRows(const Rows &rows, const Tensor &x) {
  Tensor y(static_cast<int64_t>(rows.outputs.size()), x.columns);
  for (int64_t o = 0; o < y.rows; ++o)
    for (int64_t c = 0; c < y.columns; ++c)
      y.at(o, c) = x.at(rows.outputs[o], c);
  return y;
}

} // namespace osscc::reference
