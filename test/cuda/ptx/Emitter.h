/// Translates the instructions of one function to LLVM IR. Every register is a stack slot that
/// LLVM's own passes make a value of.
#ifndef OSSCC_TEST_CUDA_PTX_EMITTER_H
#define OSSCC_TEST_CUDA_PTX_EMITTER_H

#include "test/cuda/ptx/Syntax.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace osscc::standin {

/// A type as instructions name it.
struct Type {
  enum Kind { kBits, kUnsigned, kSigned, kFloat, kBfloat, kPredicate } kind = kBits;
  int bits = 32; // of one element
  int lanes = 1; // 2: f16x2, bf16x2, f32x2

  bool isFloat() const { return kind == kFloat || kind == kBfloat; }
  bool isSigned() const { return kind == kSigned; }
  int allBits() const { return bits * lanes; }
  Type half() const { return {kind, bits / 2, lanes}; }
  Type twice() const { return {kind, bits * 2, lanes}; }
  Type asBits() const { return {kBits, allBits(), 1}; }
};

/// Reads "s32", "bf16x2", "pred"; false of what is no type.
bool readType(const std::string &name, Type &type);

inline constexpr Type kPredicateType{Type::kPredicate, 1, 1};
inline constexpr Type kWord{Type::kBits, 32, 1};
inline constexpr Type kAddress{Type::kBits, 64, 1};

/// What an access does; ordered ones are those that threads may have at the same time.
enum class Touch { kLoad, kStore, kOrdered };

/// Where the symbols of a kernel lie.
struct Symbol {
  Space space = Space::kGlobal;
  llvm::Value *value = nullptr; // an address of 64 bits; of shared memory a place in its window
};

class Emitter {
public:
  using Handler = void (*)(Emitter &);
  /// By the opcode, or by "<opcode> of floats" where the first type is one.
  using Table = std::unordered_map<std::string, Handler>;

  /// `isWatched`: accesses to shared memory are told to the machine.
  Emitter(llvm::Module &module, llvm::Function *function, const Function &source, bool isWatched);

  llvm::IRBuilder<> b;
  const Instruction *in = nullptr; // the one at hand
  std::map<std::string, Symbol> symbols;
  std::map<std::string, llvm::BasicBlock *> labels;

  /// Translates the body behind what the builder has emitted so far.
  void body(const Table &table);

  [[noreturn]] void fail(const std::string &what) const;
  const Function &source() const { return function; }
  llvm::Module &module() const { return irModule; }

  // Modifiers: each has to be taken by somebody.
  bool take(std::string_view modifier);
  /// The one of these that the instruction has, or "".
  std::string takeAny(std::initializer_list<std::string_view> modifiers);
  /// The first that is left and is a type.
  Type takeType();
  /// Whether that is a float.
  bool isOfFloats() const;
  /// All that are left.
  std::vector<std::string> takeRest();

  // Operands.
  size_t count() const { return in->operands.size(); }
  const Operand &operand(size_t i) const;
  bool has(size_t i) const { return i < in->operands.size(); }
  /// The value of an operand as LLVM has the type: i32, float, <2 x half>.
  llvm::Value *value(size_t i, Type type) { return value(operand(i), type); }
  llvm::Value *value(const Operand &operand, Type type);
  /// A literal number; an error if it is none.
  uint64_t constant(size_t i) const;
  /// Writes a result to a register, whose other bits become its sign or zero.
  void set(size_t i, llvm::Value *value, bool isSigned = false) {
    set(operand(i), value, isSigned);
  }
  void set(const Operand &operand, llvm::Value *value, bool isSigned = false);
  /// Bits of the register that an operand names; of other operands `otherwise`.
  int widthOf(const Operand &operand, int otherwise) const;
  llvm::Value *guard();

  // Types and constants.
  llvm::Type *typeOf(Type type);
  llvm::Type *intType(int bits) { return llvm::Type::getIntNTy(b.getContext(), unsigned(bits)); }
  llvm::Value *number(uint64_t value, int bits = 32) { return b.getIntN(unsigned(bits), value); }
  llvm::Value *line() { return number(uint64_t(in->line)); }
  llvm::Value *bitsOf(llvm::Value *value);

  // Memory.
  /// The address that an operand names, in 64 bits; `space` is what the instruction says, or
  /// becomes what the symbol says.
  llvm::Value *address(const Operand &operand, Space space);
  /// A pointer of the host to `bytes` bytes there, after a test that the kernel may touch them.
  llvm::Value *pointer(llvm::Value *address, Space space, int64_t bytes, Touch touch);
  /// Tells the machine of an access to shared memory, where it is watched.
  void watch(llvm::Value *address, int64_t bytes, Touch touch);
  /// Whether the function names a register anywhere else than here.
  bool isUsed(const Operand &operand) const;
  Space takeSpace();
  llvm::Value *slot(llvm::Type *type); // in the entry block
  /// Words for the machine to read and write, at least so many; the same place for every
  /// instruction.
  llvm::Value *words(const std::vector<llvm::Value *> &values, size_t least = 0);
  llvm::Value *word(llvm::Value *words, size_t i) {
    return b.CreateLoad(b.getInt32Ty(), b.CreateConstGEP1_64(b.getInt32Ty(), words, i));
  }

  // The thread and what the machine offers.
  llvm::Value *thread() const { return threadArgument; }
  llvm::Value *field(size_t offset, llvm::Type *type);
  llvm::CallInst *call(const std::string &entry, llvm::Type *result,
                       llvm::ArrayRef<llvm::Value *> arguments);
  llvm::CallInst *intrinsic(llvm::Intrinsic::ID id, llvm::ArrayRef<llvm::Type *> types,
                            llvm::ArrayRef<llvm::Value *> arguments) {
    return b.CreateIntrinsic(id, types, arguments);
  }
  llvm::Value *special(const std::string &name);
  llvm::BasicBlock *newBlock(const char *name);

private:
  void instruction(const Table &table);
  void test(llvm::Value *isWrong, const char *entry, llvm::ArrayRef<llvm::Value *> arguments);
  llvm::Value *registerSlot(const std::string &name);
  llvm::Value *cast(llvm::Value *bits, Type type);

  llvm::Module &irModule;
  llvm::Function *irFunction;
  llvm::Value *threadArgument;
  bool isWatched;
  const Function &function;
  std::map<std::string, llvm::AllocaInst *> registers;
  std::map<std::string, int> mentions; // of registers in the body
  std::vector<bool> taken;
  llvm::AllocaInst *scratch = nullptr;
};

/// All instructions that are known.
const Emitter::Table &instructions();

// Each room's part.
void addIntegers(Emitter::Table &table);
void addBits(Emitter::Table &table);
void addFloats(Emitter::Table &table);
void addMoves(Emitter::Table &table);
void addConversions(Emitter::Table &table);
void addMemory(Emitter::Table &table);
void addAtomics(Emitter::Table &table);
void addControl(Emitter::Table &table);
void addWarp(Emitter::Table &table);
void addMatrices(Emitter::Table &table);
void addAsync(Emitter::Table &table);

} // namespace osscc::standin

#endif // OSSCC_TEST_CUDA_PTX_EMITTER_H
