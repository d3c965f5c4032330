// The text of --print-models, from the tables that the import reads.
#pragma once

#include <string>

namespace osscc {

/// The families for people: the files that each is read from, its models with the class of their
/// licence and how they reason, the shapes that it is tested in.
std::string printModels();

} // namespace osscc
