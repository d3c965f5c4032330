/// A PTX module as text says it: functions, variables and instructions, no meaning yet.
#ifndef OSSCC_TEST_CUDA_PTX_SYNTAX_H
#define OSSCC_TEST_CUDA_PTX_SYNTAX_H

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace osscc::standin {

/// What is wrong with a PTX text, with its line.
class PtxError : public std::runtime_error {
public:
  PtxError(int line, const std::string &what)
      : std::runtime_error("line " + std::to_string(line) + ": " + what) {}
};

enum class Space { kGeneric, kGlobal, kConst, kShared, kLocal, kParam };

/// One operand. A number is held by its bits; of a symbol, `bits` is added to its address.
struct Operand {
  enum Kind { kName, kInteger, kFloat32, kFloat64, kVector, kPair } kind = kName;
  std::string name;           // register, symbol or label; "_" is a result that nobody wants
  uint64_t bits = 0;          // of a number, or the offset from a name
  bool isAddress = false;     // stood in brackets
  bool isNegated = false;     // !p
  std::vector<Operand> parts; // of {a, b} and of a|b, and of [a, {b, c}]
};

struct Instruction {
  int line = 0;
  std::string guard; // a predicate's name, or empty
  bool isGuardNegated = false;
  std::string opcode;                 // "cvt"
  std::vector<std::string> modifiers; // {"rn", "bf16", "f32"}
  std::vector<Operand> operands;
  std::string text() const; // "cvt.rn.bf16.f32"
};

/// A variable in any space, or a parameter.
struct Variable {
  int line = 0;
  Space space = Space::kGlobal;
  std::string name, type; // "b32"
  int64_t align = 0;      // bytes; at least the element's own
  int64_t elementBytes = 0, count = 1;
  bool isExternal = false; // of shared memory: its size is known at launch
  std::vector<uint8_t> bytes;
  /// Addresses in the initial value: byte -> symbol.
  std::map<int64_t, std::string> addresses;

  int64_t size() const { return elementBytes * count; }
};

/// What a body is made of, in order: exactly one of label and instruction.
struct Statement {
  std::string label;
  Instruction instruction;
};

struct Function {
  int line = 0;
  bool isKernel = false, hasBody = false;
  std::string name;
  std::vector<Variable> results, parameters,
      locals;                                   // locals: .local, .shared and .param of the body
  std::map<std::string, std::string> registers; // name -> type
  std::map<std::string, std::vector<std::string>> targets; // of brx.idx: label -> labels
  std::vector<Statement> body;
  int64_t maximalThreads = 0; // .maxntid or .reqntid: product of the extents, 0: not said
  bool isExactThreads = false;
};

struct Module {
  int version = 0;      // 78: PTX 7.8
  int target = 0;       // 89: sm_89
  bool isExact = false; // sm_90a: this chip alone
  std::vector<Variable> variables;
  std::vector<Function> functions; // each once; a body replaces its declaration

  const Function *find(const std::string &name) const;
};

/// Bytes of one value of a type such as "f32"; 0 of pred; -1 of what is no type.
int64_t bytesOfType(const std::string &type);

/// Reads a PTX text. Throws PtxError.
Module parse(const std::string &text);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_SYNTAX_H
