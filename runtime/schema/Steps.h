// The automaton of a schema over bytes, made as it is walked: states of one array or object
// (Local), and stacks of them.
//
// JSON tells by each byte alone whether an array or object begins or ends. So all threads have one
// stack, and its depth is the text's.
#pragma once

#include "runtime/schema/LocalSteps.h"
#include "runtime/schema/Machine.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace osscc::rt::schema {

using LocalId = uint32_t;
using StackId = uint32_t;

constexpr StackId kDead = UINT32_MAX;            ///< No text goes on so.
constexpr StackId kUnderground = UINT32_MAX - 1; ///< Below all that is known of a stack.
constexpr StackId kAsksNames = UINT32_MAX - 2;   ///< It depends on names that are not known.

class Steps {
public:
  explicit Steps(std::shared_ptr<const Machine> machine);

  StackId start() const { return started; }
  /// A stack of which only the top is known; underground() is what lies below.
  StackId detached(LocalId local);

  /// \returns kDead, or where a detached stack does not suffice: kUnderground, with
  /// `lastSurvivors` set; kAsksNames.
  StackId step(StackId stack, uint8_t byte);
  StackId step(StackId stack, std::string_view bytes);
  /// The same of a token that is a mark of the frame; kDead where it may not stand.
  StackId mark(StackId stack, int32_t token);

  /// Goes on where a detached walk from this stack's top came to kUnderground.
  StackId pop(StackId stack, const ThreadSet &survivors);
  /// And where it came to kAsksNames: with `local` on top, its threads coming from `origins`.
  StackId replaceTop(StackId stack, LocalId local, const Origins &origins);

  /// Whether the text may end here.
  bool isDone(StackId stack) const;
  LocalId top(StackId stack) const { return stacks[stack].local; }
  const Local &local(LocalId id) const { return *locals[id].local; }
  LocalId intern(Local local);

  /// Of the last step to kUnderground or kAsksNames: threads of the detached stack's first top.
  ThreadSet lastSurvivors;
  Origins lastOrigins;   ///< Of the threads of lastLocal in that.
  LocalId lastLocal = 0; ///< For kAsksNames.

  /// Things kept; they grow with what was walked.
  size_t size() const { return locals.size() + stacks.size() / 8 + transitions.size() / 4; }
  /// A new object that knows of one stack only, which is its start().
  std::unique_ptr<Steps> fresh(StackId stack) const;

private:
  struct Transition {
    Outcome::Kind kind = Outcome::kNone;
    Outcome::Names names = Outcome::kKeep;
    bool isPlain = false; ///< Each thread is the successor of the one in its place.
    char32_t character = 0;
    LocalId local = 0, below = 0;
    Origins origins, links;
    ThreadSet survivors;
  };
  struct Known {
    const Local *local;
    std::unique_ptr<std::array<uint32_t, 256>> next; ///< Transitions by byte; 0: not known.
  };
  struct Stack {
    LocalId local = 0;
    uint32_t links = 0; ///< Of its threads in the stack below.
    StackId below = 0;
    uint32_t names = 0;
    bool operator==(const Stack &) const = default;
  };
  struct StackHash {
    size_t operator()(const Stack &s) const;
  };
  struct LocalHash {
    size_t operator()(const Local &l) const;
  };
  /// The names of an object that are no members' own: those that are used, and the one that is
  /// being written.
  struct Names {
    uint32_t used = 0, written = 0;
    auto operator<=>(const Names &) const = default;
  };
  struct Letter {
    uint32_t before = 0;
    char32_t character = 0;
    auto operator<=>(const Letter &) const = default;
  };
  static constexpr uint32_t kUnknown = UINT32_MAX; ///< Names of a detached stack's top.

  StackId internStack(const Stack &stack);
  uint32_t internOrigins(Origins sets);
  uint32_t internNames(Names n);
  uint32_t namesAfter(uint32_t before, const Transition &transition);
  uint32_t add(Outcome outcome);
  uint32_t transitionOf(const Stack &stack, uint8_t byte);
  StackId ask(const Stack &stack);
  StackId popFrom(const Stack &stack, const ThreadSet &survivors);
  StackId import(const Steps &from, StackId stack);

  std::shared_ptr<const Machine> machine;
  std::shared_ptr<TextSets> texts;
  LocalSteps rules;
  StackId started = 0;
  std::unordered_map<Local, LocalId, LocalHash> localIds;
  std::vector<Known> locals;
  std::vector<Transition> transitions;
  std::map<std::pair<LocalId, uint32_t>, uint32_t> keyTransitions; ///< By local and used names.
  std::vector<Stack> stacks;
  std::unordered_map<Stack, StackId, StackHash> stackIds;
  std::vector<const Origins *> origins;
  std::map<Origins, uint32_t> originIds;
  std::map<Names, uint32_t> nameIds;
  std::vector<Names> names;
  std::map<Letter, uint32_t> letterIds;
  std::vector<Letter> letters; ///< Entry 0 is the empty text.

  explicit Steps(std::shared_ptr<const Machine> machine, std::shared_ptr<TextSets> texts);
};

} // namespace osscc::rt::schema
