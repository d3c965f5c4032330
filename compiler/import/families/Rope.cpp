// Older configs have rope_theta beside rope_scaling, newer ones both inside rope_parameters.
// Source: the reference's RopeParameters and its defaults.
#include "compiler/import/families/Rope.h"

#include "compiler/import/json/UnreadFields.h"

using namespace llvm;

namespace osscc {

namespace {

constexpr double kDefaultTheta = 10000, kLargestFactor = 1e9;

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

/// Reads an object that says how positions are scaled: "default" (not at all), "linear" or
/// "llama3".
void readRopeObject(JsonFields &config, StringRef key, std::optional<double> &theta,
                    std::optional<RopeScalingSpec> &scaling) {
  if (!config.has(key))
    return;
  const json::Value &value = *config.fields().get(key);
  const json::Object *object = value.getAsObject();
  if (!object)
    return config.fail(key, "expected an object, found " + describe(value));
  JsonFields fields(config.file(), *object, (key + ".").str());
  fields.collect(config.notes());
  for (StringRef typeKey : {"rope_type", "type"}) {
    std::string type = fields.string(typeKey, "default");
    if (type == "default")
      continue;
    if (type == "dynamic") { // the frequencies change behind max_position_embeddings alone
      fields.number("factor", 1, kLargestFactor, 1);
      fields.note(typeKey, "\"dynamic\" scales nothing up to max_position_embeddings positions");
      continue;
    }
    if (type != "linear" && type != "llama3")
      fields.fail(typeKey,
                  describe(*object->get(typeKey)) +
                      " is not supported, expected \"default\", \"linear\" or \"llama3\"",
                  "a checkpoint with another scaling of positions cannot be compiled yet");
    else if (scaling && scaling->kind != type)
      fields.fail(typeKey, describe(*object->get(typeKey)) + " disagrees with " + scaling->kind);
    else
      scaling = readScaling(fields, type);
  }
  mergeTheta(config, fields, theta);
  checkUnreadFields(fields);
  config.adopt(fields);
}

} // namespace

RopeSpec readRope(JsonFields &config, int64_t headSize) {
  std::optional<double> theta;
  std::optional<RopeScalingSpec> scaling;
  mergeTheta(config, config, theta);
  readRopeObject(config, "rope_parameters", theta, scaling);
  readRopeObject(config, "rope_scaling", theta, scaling);
  return {headSize, theta.value_or(kDefaultTheta), scaling};
}

} // namespace osscc
