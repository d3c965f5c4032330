// Older configs have rope_theta beside rope_scaling, newer ones both inside rope_parameters.
// Source: the reference's RopeParameters and its defaults.
#include "compiler/import/families/Rope.h"

#include "compiler/import/families/LongRope.h"
#include "compiler/import/families/Yarn.h"
#include "compiler/import/json/UnreadFields.h"
#include <cmath>

using namespace llvm;

namespace osscc {

namespace {

/// Notes the theta of one place in the config; two places must agree.
void mergeTheta(JsonFields &config, JsonFields &fields, std::optional<double> &theta) {
  if (!fields.has("rope_theta"))
    return;
  double found = fields.number("rope_theta", 1.001, 1e15);
  if (theta && *theta != found)
    config.fail("rope_theta", Twine(std::to_string(*theta)) + " disagrees with " +
                                  std::to_string(found) + " in the rope parameters");
  theta = found;
}

/// The fields of one kind of scaling, as models of that kind have them.
RopeScalingSpec readScaling(JsonFields &fields, const std::string &kind) {
  RopeScalingSpec scaling = {kind, fields.number("factor", 1, kLargestFactor), 0, 0, 0};
  if (kind == "linear")
    return scaling;
  scaling.low = fields.number("low_freq_factor", 1e-6, kLargestFactor);
  scaling.high = fields.number("high_freq_factor", 1e-6, kLargestFactor);
  scaling.original =
      static_cast<double>(fields.integer("original_max_position_embeddings", 1, kMostPositions));
  if (!fields.failed() && scaling.low > scaling.high)
    fields.fail("low_freq_factor", "is above high_freq_factor");
  return scaling;
}

/// What the places of the config say of ropes.
struct RopeFields {
  std::optional<double> theta;
  std::optional<RopeScalingSpec> scaling;
  std::optional<Yarn> yarn;
  std::optional<LongRope> longRope;
  std::optional<TemperatureSpec> growth;
  bool grows = false;          ///< As RopeDefaults has it.
  double implied = 0;          ///< The share that `partial_rotary_factor` must name; 0: none.
  bool isShared = false;       ///< Whether the family's rope turns a share of a head's channels.
  std::optional<double> share; ///< What is said of it, or of the pairs that "proportional" turns.

  /// The kind of scaling so far, empty if none.
  std::string kind() const {
    return yarn ? "yarn" : longRope ? "longrope" : scaling ? scaling->kind : "";
  }
};

/// The share of a head's channels that turns.
void readShare(JsonFields &fields, RopeFields &rope) {
  constexpr StringLiteral kKey = "partial_rotary_factor";
  if (rope.isShared && fields.has(kKey))
    rope.share = fields.number(kKey, 1e-6, 1);
  if (rope.implied == 0 || !fields.has(kKey))
    return;
  if (double share = fields.number(kKey, 1e-6, 1); std::abs(share - rope.implied) > 1e-9)
    fields.fail(kKey, Twine(std::to_string(share)) + " is not the share of a head that turns, " +
                          std::to_string(rope.implied));
}

/// Reads an object that says how positions are scaled: "default" (not at all), "linear", "llama3"
/// or "yarn".
void readRopeObject(JsonFields &config, StringRef key, const json::Object &object,
                    RopeFields &rope) {
  JsonFields fields(config.file(), object, (key + ".").str());
  fields.collect(config.notes());
  for (StringRef typeKey : {"rope_type", "type"}) {
    std::string type = fields.string(typeKey, "default");
    if (type == "deepseek_yarn" || type == "su") // older words of Sarvam and Phi-3
      type = type == "su" ? "longrope" : "yarn";
    if (type == "default")
      continue;
    if (type == "dynamic") { // the frequencies change behind max_position_embeddings alone
      fields.number("factor", 1, kLargestFactor, 1);
      fields.note(typeKey, "\"dynamic\" scales nothing up to max_position_embeddings positions");
      continue;
    }
    if (type != "linear" && type != "llama3" && type != "yarn" && type != "proportional" &&
        type != "longrope")
      fields.fail(typeKey,
                  describe(*object.get(typeKey)) + " is not supported, expected \"default\", "
                                                   "\"linear\", \"llama3\", \"yarn\", "
                                                   "\"longrope\" or \"proportional\"",
                  "a checkpoint with another scaling of positions cannot be compiled yet");
    else if (!rope.kind().empty() && rope.kind() != type)
      fields.fail(typeKey, describe(*object.get(typeKey)) + " disagrees with " + rope.kind());
    else if (type == "yarn")
      rope.yarn = readYarn(fields);
    else if (type == "longrope")
      rope.longRope = readLongRope(fields, config);
    else if (type == "proportional") {
      rope.scaling = {type, fields.number("factor", 1, kLargestFactor, 1), 0, 0, 0};
      rope.share = fields.number("partial_rotary_factor", 1e-6, 1, 1);
    } else
      rope.scaling = readScaling(fields, type);
  }
  mergeTheta(config, fields, rope.theta);
  readShare(fields, rope);
  if (rope.grows)
    rope.growth = readGrowth(fields);
  // Which of the three positions of a picture turns which pair: a token of text has one position.
  for (StringRef sections : {"mrope_section", "mrope_interleaved"})
    fields.has(sections);
  checkUnreadFields(fields);
  config.adopt(fields);
}

/// The same of a field of the config, if it is there.
void readRopeField(JsonFields &config, StringRef key, RopeFields &rope) {
  if (!config.has(key))
    return;
  const json::Value &value = *config.fields().get(key);
  const json::Object *object = value.getAsObject();
  if (!object)
    return config.fail(key, "expected an object, found " + describe(value));
  readRopeObject(config, key, *object, rope);
}

/// Pairs that turn of those of a head, where the frequencies are of all.
void readTurnedPairs(JsonFields &config, double share, RopeSpec &rope) {
  rope.scaling->low = std::floor(share * static_cast<double>(rope.dims) / 2);
  if (rope.scaling->low == 0)
    config.fail("partial_rotary_factor", "of a head of " + Twine(rope.dims) + " turns no pair");
}

/// Channels that turn of those of a head, where the frequencies are theirs alone.
int64_t readTurned(JsonFields &config, double share, RopeSpec &rope) {
  // A share may be a quotient of these numbers, whose last bit says nothing.
  auto turned = static_cast<int64_t>(static_cast<double>(rope.dims) * share + 1e-9);
  if (turned != rope.dims)
    rope.turned = turned;
  if (!config.failed() && (turned < 2 || turned % 2 != 0))
    config.fail("partial_rotary_factor", "turns " + Twine(turned) + " channels of a head of " +
                                             Twine(rope.dims) + ", expected an even number");
  return turned;
}

/// The rope that the fields say, of heads as wide as `fallback` says.
RopeSpec ropeOf(const RopeFields &fields, JsonFields &config, const RopeSpec &fallback,
                double share) {
  RopeSpec rope = {fallback.dims, fields.theta.value_or(fallback.theta), fields.scaling};
  rope.growth = fields.growth;
  if (fields.kind() == "proportional") {
    readTurnedPairs(config, fields.share.value_or(1), rope);
    return rope;
  }
  int64_t turned = readTurned(config, share, rope);
  if (fields.yarn && !config.failed()) {
    rope.scaling = scalingOf(*fields.yarn, config, turned, rope.theta);
    rope.factor = fields.yarn->attentionFactor;
    rope.scoreFactor = fields.yarn->scoreFactor;
  }
  if (fields.longRope && !config.failed()) {
    rope.scaling = scalingOf(*fields.longRope, config, turned);
    rope.factor = fields.longRope->attentionFactor;
  }
  return rope;
}

} // namespace

RopeSpec readRope(JsonFields &config, int64_t headSize, const RopeDefaults &defaults) {
  RopeFields fields;
  fields.isShared = defaults.share.has_value();
  fields.grows = defaults.grows;
  if (defaults.whole != 0)
    fields.implied = static_cast<double>(headSize) / static_cast<double>(defaults.whole);
  mergeTheta(config, config, fields.theta);
  readShare(config, fields);
  readRopeField(config, "rope_parameters", fields);
  readRopeField(config, "rope_scaling", fields);
  bool isSaid = config.has("rope_parameters") || config.has("rope_scaling");
  if (defaults.parameters && !isSaid)
    readRopeObject(config, "rope_parameters", *defaults.parameters, fields);
  double share = fields.share.value_or(defaults.share.value_or(1));
  return ropeOf(fields, config, {headSize, defaults.theta}, share);
}

RopeSpec readRopeOf(JsonFields &config, StringRef key, const RopeSpec &fallback) {
  RopeFields fields;
  readRopeField(config, key, fields);
  return ropeOf(fields, config, fallback, 1);
}

} // namespace osscc
