// A model as plain data: what a family reads from config.json, and all that GraphBuilder needs to
// build the graph. A model is a list of layers, a layer a list of parts; each part says what it is
// by its own fields, so that layers of one model can differ.
//
// Letters: D hidden, H query heads, K key-value heads, d head size, F MLP width, E experts, V
// vocabulary.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace osscc {

/// One way in which a checkpoint may hold a weight that is not one tensor of the weight's own name,
/// shape and order.
struct StoredForm {
  /// By their names in the checkpoint. Of several, each has an equal share of the rows, and they
  /// follow each other: in every matrix of a stack, or if `stacked`, through the whole stack.
  std::vector<std::string> tensors;
  bool transposed = false;  ///< Floats, whose matrices are [in, out]; a part's rows are columns.
  bool interleaved = false; ///< The rows of the first and of the second half take turns.
  bool stacked = false;     ///< Each tensor belongs to one member of the stack.
  /// Where the weight is a part of one tensor: its first row there, and how many rows that has; 0:
  /// the whole.
  int64_t firstRow = 0, allRows = 0;
  /// Where it is a part of every head: of each `allRows` rows of the tensor, a matrix, so many from
  /// `firstRow` on.
  int64_t someRows = 0;
  /// Where it is several parts of every head: of all heads the first, then of all the second, and
  /// so on. Of each `allRows` rows of the tensor, `rows` from `first` on.
  struct HeadPart {
    int64_t first, rows;
  };
  std::vector<HeadPart> headParts{};
  bool isConvolution = false; ///< A tensor of matrices [C, J] may be [C, 1, J].
  bool isFlat = false; ///< The tensor may have its first extent in two, or of one value none.
  int64_t copies = 0;  ///< So many rows at the end are the first row again, once in the tensor.
};

/// What a weight is read for, where its shape does not tell: #pack.role.
enum class WeightRole {
  ByShape, ///< A matrix, a stack of them, or one value a channel.
  Router,  ///< A matrix that chooses experts.
  Vectors, ///< One value a channel, for each member of a stack: [E, N].
};

/// A weight that the model reads, and the shape that the config gives it.
struct WeightSpec {
  std::string name; ///< In the checkpoint, unless there are other forms.
  llvm::SmallVector<int64_t, 3> shape;
  std::string fields; ///< The config's fields that the shape comes from, for errors.
  /// Rows of a head, where positions turn the weight's rows: a reader may have found them in pairs.
  int64_t headRows = 0;
  WeightRole role = WeightRole::ByShape;
  /// The ways in which checkpoints hold it; none: one tensor of its name and shape.
  std::vector<StoredForm> forms{};
  bool paired = false;    ///< Rows that positions turn together are in pairs in every checkpoint.
  int64_t turnedRows = 0; ///< Rows of a head that positions turn, its first; 0: all.
};

/// The matrix of a linear, and what is added to each channel of its product.
struct LinearSpec : WeightSpec {
  std::optional<WeightSpec> bias;
};

/// A root-mean-square norm, times offset + scale.
struct NormSpec {
  /// Of a group's channels, the same for all groups, or of the row's: each group then has its own.
  /// Absent: 1.
  std::optional<WeightSpec> scale;
  double eps = 0;
  int64_t size = 0; ///< Channels of a group that is normed by itself, such as a head; 0: the row.
  double offset = 0;
  bool centered = false;            ///< The mean is subtracted first: a layer norm,
  std::optional<WeightSpec> bias{}; ///< to whose result this is added.
};

/// How frequencies are lowered for a longer context, as #llm.rope_scaling says it.
struct RopeScalingSpec {
  std::string kind; ///< "linear", which has a factor alone, "llama3", "yarn" or "divisors"
  double factor = 0, low = 0, high = 0, original = 0;
  std::vector<float> divisors{}; ///< What "divisors" has alone: one a frequency.
  /// What `divisors` become in a context longer than `original`: limitContext decides. Empty: stay.
  std::vector<float> longDivisors{};
  std::string where{}; ///< The field that says so, for notes.
};

/// How scores grow with the position of the row that looks, as #llm.temperature says it.
struct TemperatureSpec {
  int64_t step = 0;
  double scale = 0;
  int64_t offset = 0;
};

/// How positions rotate the heads of q and k: pairs (i, i + dims/2) by position * theta^(-2i/dims).
/// With `turned`, only the first turned/2 pairs, by position * theta^(-2i/turned).
struct RopeSpec {
  int64_t dims = 0;
  double theta = 0;
  std::optional<RopeScalingSpec> scaling{};
  double factor = 1;  ///< Of cosine and sine.
  int64_t turned = 0; ///< 0: all `dims`.
  /// Of scores, in families whose scores grow with the context: what `mscale_all_dim` says.
  double scoreFactor = 1;
  /// Of scores too, in families whose ropes say how they grow with the position.
  std::optional<TemperatureSpec> growth{};
};

/// A window that attention looks through: a position sees itself and those before it, so many in
/// all, or those of its own chunk. A context of at most as many positions never leaves it.
struct WindowSpec {
  int64_t positions = 0;
  std::string where; ///< The field that says so, for errors.
  bool chunked = false;
};

/// Multi-head latent attention: keys and values of all heads are products of one short row of a
/// position, its latent, beside which a key has some channels that positions turn. Only these are
/// kept. Query heads are taken to the latent, and outputs from it, by matrices of each head:
///
///   q[h] = keyUp[h]' * queryNope[h](c),  turned queryRope[h](c)   with c = norm(queryDown x), or x
///   key  = latent,  turned keyRope(x)                            with latent = norm(latentDown x)
///   y[h] = valueUp[h] * (the softmax's sum of latents)
struct LatentSpec {
  int64_t rank = 0; ///< Channels of a latent; a key has those of rope behind them.
  std::optional<LinearSpec> queryDown;
  std::optional<NormSpec> queryNorm;
  LinearSpec queryNope, queryRope;
  LinearSpec latentDown;
  NormSpec latentNorm;
  LinearSpec keyRope;
  LinearSpec keyUp;   ///< [H, rank, nope]
  LinearSpec valueUp; ///< [H, value, rank]
};

/// Grouped-query attention: softmax(scale * q . k) v, its gate, then the output's product.
struct AttentionSpec {
  int64_t heads = 0;    ///< H
  int64_t kvHeads = 0;  ///< K
  int64_t headSize = 0; ///< d
  double scale = 0;     ///< Of q . k.
  double softcap = 0;   ///< That no scaled score exceeds; 0: none.
  std::optional<TemperatureSpec> temperature{};
  std::optional<RopeSpec> rope; ///< Absent: positions do not turn the heads.
  std::optional<WindowSpec> window;
  LinearSpec query, key, value, output;
  std::optional<LinearSpec> gate{}; ///< Of the input: its sigmoids weigh what the output reads.
  /// In the place of query, key and value; kvHeads and headSize are then those of the cache.
  std::optional<LatentSpec> latent;
  /// Of q, k and v: each head's own (`size` d), or over all heads.
  std::optional<NormSpec> queryNorm, keyNorm, valueNorm;
  bool normsTurned = false;        ///< q and k are normed behind the rope, not before it.
  std::optional<WeightSpec> sinks; ///< [H]: a logit of each head that no value belongs to.
  /// The value is what the key's product gives, before the key's norm and rope: `value` is none.
  bool valueIsKey = false;
  /// The layer before it whose keys and values it reads: it has none of its own.
  std::optional<int64_t> source;
};

/// A gated delta net, in the place of attention: what the past has left is a matrix of each value
/// head and the latest rows of a convolution (llm.delta_rule, llm.short_conv):
///
///   q, k, v = silu(conv(mixed x))
///   y       = output(norm(rule(q, k, v, decay x, beta x)) * silu(gate x))
struct DeltaNetSpec {
  int64_t keyHeads = 0, valueHeads = 0; ///< H, G; G is a whole multiple of H.
  int64_t keySize = 0, valueSize = 0;
  int64_t taps = 0;       ///< Rows that the convolution sees, a row's own among them.
  double eps = 0;         ///< Of the lengths of q and k.
  LinearSpec mixed;       ///< [channels, D], q of all heads, then k, then v.
  LinearSpec gate;        ///< [G * valueSize, D]
  LinearSpec decay, beta; ///< [G, D]
  WeightSpec convolution; ///< [taps, channels]
  WeightSpec rates;       ///< [G], as `logRates` says.
  WeightSpec shifts;      ///< [G]
  bool logRates = true;   ///< rates are -exp of the weight.
  bool tiled = false;     ///< Value head g has the key head g mod H, else g / (G / H).
  NormSpec norm;          ///< Of each value head.
  LinearSpec output;      ///< [D, G * valueSize]

  int64_t keys() const { return keyHeads * keySize; }
  int64_t values() const { return valueHeads * valueSize; }
  int64_t channels() const { return 2 * keys() + values(); }
};

/// What gates an MLP, as #llm.activation defines it.
enum class ActivationKind { Silu, SwigluOai, GeluTanh, Gelu, Relu2 };
struct ActivationSpec {
  ActivationKind kind = ActivationKind::Silu;
  double alpha = 0, limit = 0; ///< Of swiglu_oai.
};

/// The weights of a learned activation, one value each, as llm.xielu defines it.
struct XieluSpec {
  WeightSpec positive, negative, beta, eps;
};

/// down(act(gate x) * up x), or down(act(up x)) where there is no gate.
struct MlpSpec {
  ActivationSpec activation;
  std::optional<LinearSpec> gate;
  LinearSpec up, down;
  /// Of the gate's product that alone is kept which lies so many deviations above its mean.
  std::optional<double> cutoff{};
  std::optional<XieluSpec> learned{}; ///< In the place of `activation`, where there is no gate.
};

/// A branch of low rank beside attention, of what both read: y = x + norm(up(down x)).
struct LowRankSpec {
  LinearSpec down, up;
  NormSpec after;
};

/// How a layer deals with streams of rows, of which the first is the hidden rows. It predicts all
/// of them, changes the first, and corrects all by that change:
///
///   predicted[b] = streams[b] + sum_a w[b * S + a] * streams[a]      with w =
///   predict(r(streams[0])) streams[b]   = predicted[b] + (1 + w[b]) * (y - predicted[0])    with w
///   = correct(r(y))
///
/// where r(x) = tanh(router(norm(x) * routerScale)), and y is what the layer makes of predicted[0].
struct StreamUpdateSpec {
  NormSpec routerNorm;
  double routerScale = 1;
  LinearSpec router;  ///< [S, D]
  LinearSpec predict; ///< [S * S, S]
  LinearSpec correct; ///< [S, S]
  /// [D]: of the first stream, where the layer's input of its token reads it, which is added to
  /// the others.
  std::optional<WeightSpec> scale{};
};

/// Streams of rows that layers carry: those behind the first are products of the embedding, as
/// large as it is, and their products are added to the first at last, as large as that is; of the
/// sum the mean is taken.
struct StreamsSpec {
  std::vector<LinearSpec> unfold, fold; ///< [D, D] of each stream behind the first.
  double least = 1e-5;                  ///< Of a mean of squares that something is divided by.

  int64_t count() const { return 1 + static_cast<int64_t>(unfold.size()); }
};

/// How experts are chosen and what the chosen ones weigh, as #llm.routing defines it.
enum class RoutingKind { SoftmaxOfChosen, Softmax, Sigmoid, SigmoidOfChosen };
struct RoutingSpec {
  RoutingKind kind = RoutingKind::SoftmaxOfChosen;
  int64_t groups = 1, kept = 1, best = 1;
  double scale = 1;
  std::optional<WeightSpec> bias{};   ///< [E]: of the choice alone.
  std::optional<WeightSpec> scales{}; ///< [E]: what the weight of each is multiplied by.
};

/// An MLP that every row goes through beside its experts, weighed by the sigmoid of `weight` [1, D]
/// where there is one.
struct SharedExpertSpec {
  MlpSpec mlp;
  std::optional<LinearSpec> weight;
  std::optional<NormSpec> after{}; ///< Of what the MLP gives.
};

/// E MLPs, of which each row goes through the `chosen` that its router scores highest; their
/// outputs are summed by the weights that `routing` makes of the scores.
struct ExpertsSpec {
  int64_t chosen = 0;
  ActivationSpec activation;
  LinearSpec router; ///< [E, D]
  LinearSpec gateUp; ///< [E, 2F, D], gate's rows first; its biases [E, 2F].
  LinearSpec down;   ///< [E, D, F]; its biases [E, D].
  RoutingSpec routing{};
  std::optional<SharedExpertSpec> shared{};
  bool weighsInput = false; ///< Weights are of what experts read, not of what they give.
  /// Norms of what the layer's feed-forward reads before it is normed: for the experts and for
  /// their router, in the place of the layer's own, which is the shared expert's then.
  std::optional<NormSpec> before{}, routerNorm{};
  double routerScale = 1;          ///< Of what the router reads by a norm of its own.
  std::optional<NormSpec> after{}; ///< Of the experts' sum.
};

/// What a layer makes of its token besides: x += norm(output(act(gate x) * input)), where input is
/// a row of the layer's own channels of a table, and what the embedding's row gives in a product.
struct TokenInputSpec {
  int64_t first = 0;     ///< Of the layer's channels of PerLayerInputsSpec::table.
  LinearSpec projection; ///< [P, D], of the scaled embedding.
  ActivationSpec activation;
  LinearSpec gate;   ///< [P, D]
  LinearSpec output; ///< [D, P]
  NormSpec after;
};

/// What the inputs of all layers share: input = (norm(scale * projection) + tableScale * row) *
/// sumScale.
struct PerLayerInputsSpec {
  int64_t channels = 0;  ///< P, of a layer.
  WeightSpec table;      ///< [V, layers * P]
  double tableScale = 1; ///< Rounded as the embedding's.
  double projectionScale = 1, sumScale = 1;
  NormSpec norm; ///< [P]
};

/// One layer: x += scale * norm(attention(norm x)); x += scale * norm(feedForward(norm x)). Norms
/// that are absent leave their operand as it is. A `parallel` one, which has the first of the norms
/// alone: x += scale * (attention(norm x) + feedForward(norm x)).
struct LayerSpec {
  std::optional<NormSpec> beforeAttention;
  AttentionSpec attention;
  std::optional<NormSpec> beforeFeedForward;
  std::variant<MlpSpec, ExpertsSpec> feedForward;
  std::optional<NormSpec> afterAttention{}, afterFeedForward{};
  double residualScale = 1; ///< Of what attention and feed-forward add.
  bool parallel = false;
  std::optional<DeltaNetSpec> deltaNet{}; ///< In the place of attention.
  /// Added to what attention leaves; `branchScale` is of that sum.
  std::optional<LowRankSpec> branch{};
  double branchScale = 1;
  std::optional<StreamUpdateSpec> streams{};
  std::optional<TokenInputSpec> tokenInput{};
  std::optional<WeightSpec> scalar{}; ///< [1]: what the layer's result is multiplied by at last.

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const;
};

struct ModelSpec {
  std::string family;
  int64_t hidden = 0;     ///< D
  int64_t vocabulary = 0; ///< V
  int64_t positions = 0;  ///< The longest sequence.

  WeightSpec embedding;
  double embeddingScale = 1; ///< Of the embedding's rows.
  /// Whether scales of tables are rounded to the type in which the checkpoint has them, as the
  /// reference does.
  bool roundsEmbeddingScale = false;
  std::optional<WeightSpec> positionTable{}; ///< [positions, D]: a row is added to each token's.
  std::optional<NormSpec> embeddingNorm{};   ///< Of the sum.
  double logitScale = 1;                     ///< Of the logits.
  std::optional<PerLayerInputsSpec> perLayerInputs;
  std::optional<StreamsSpec> streams{}; ///< Then every layer updates them.
  std::vector<LayerSpec> layers;
  NormSpec finalNorm;
  std::optional<WeightSpec> head; ///< Absent: tied to the embedding.
  double logitSoftcap = 0;        ///< That no logit exceeds; 0: none.

  /// What a tied head would be called: a checkpoint may hold a copy of the embedding under this
  /// name.
  std::string tiedHeadName;
  /// Whether blocks of MXFP4 are two tensors of the checkpoint, codes `_blocks` and `_scales`.
  bool mxfp4Pairs = false;
  /// Rows and channels of the blocks of floats of 8 bits whose scales are tensors of their own; 0:
  /// there are none.
  int64_t fp8Block = 0;
  /// Endings of tensor names that hold nothing that the model reads.
  std::vector<std::string> ignoredSuffixes;
  /// Tensors of the checkpoint that the model does not read, by what their names begin with.
  struct LeftOut {
    std::string prefix;
    const char *why; ///< One of those below, as the summary says it.
  };
  std::vector<LeftOut> leftOut;
  static constexpr const char *kNoText = "it reads no text";
  static constexpr const char *kOtherHead = "a head that the model's answers do not go through";
  static constexpr const char *kUnread = "the layer reads the keys and values of another";

  llvm::SmallVector<int64_t> endTokens;
  std::optional<int64_t> beginToken;

  /// Every weight once, in the order in which the graph reads them.
  void forEachWeight(llvm::function_ref<void(const WeightSpec &)> visit) const;
};

} // namespace osscc
