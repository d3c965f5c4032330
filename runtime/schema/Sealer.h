// Normal forms to the machine.
#pragma once

#include "runtime/schema/Expander.h"
#include "runtime/schema/Machine.h"

#include <map>
#include <vector>

namespace osscc::rt::schema {

class Sealer {
public:
  Sealer(Expander &expander, Budget &budget) : expander(expander), budget(budget) {}

  /// \errors  Refusal naming the path; also where no value is valid.
  Machine seal(const Conjunction &root);

private:
  NodeId nodeOf(const Conjunction &conjunction);
  Node build(const Conjunction &conjunction);
  void addArray(const ArrayForm &form, Node &node);
  void countItems(const ArrayForm &form, ArrayRule &rule);
  void addObject(const ObjectForm &form, Node &node);
  void addOthers(const ObjectForm &form, ObjectRule &rule);
  DfaPtr sealed(const Strings &strings);
  DfaPtr namesOf(const Conjunction &names);
  // Viable.cpp
  void prune();
  bool improve(NodeId node, std::vector<bool> &viable);

  Expander &expander;
  Budget &budget;
  Machine machine;
  std::map<Conjunction, NodeId> numbers;
  std::vector<const Conjunction *> order;
};

/// Which rules have a value, given which nodes have one; takes out of them what has none.
bool isViable(const ArrayRule &rule, const std::vector<bool> &nodes);
bool isViable(const ObjectRule &rule, const std::vector<bool> &nodes);
void prune(ArrayRule &rule, const std::vector<bool> &nodes);
void prune(ObjectRule &rule, const std::vector<bool> &nodes);

} // namespace osscc::rt::schema
