// Configs that describe a model of text beside others, of images or sound: its fields are an object
// of their own, `text_config`.
#pragma once

#include "compiler/import/ModelSpec.h"
#include "compiler/import/json/Json.h"

namespace osscc {

/// Reads the model of text of a nested config by `read`, which gets the fields of `text_config`.
/// What the reference takes from the outer object is put among them: the ids that begin and end
/// texts, and whether the head is tied, where the inner object says nothing of it. The tensors of
/// the other models count as ignored.
///
/// \param prefix  of the names of the reference's classes: the outer class is prefix +
///                "ForConditionalGeneration".
/// Errors stay in `config`: no object of that name, another `model_type` in it than `modelType`, a
/// field in which the outer and the inner object disagree.
ModelSpec readNested(JsonFields &config, llvm::StringRef prefix, llvm::StringRef modelType,
                     ModelSpec (*read)(JsonFields &config));

} // namespace osscc
