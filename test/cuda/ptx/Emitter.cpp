#include "test/cuda/ptx/Emitter.h"

#include <algorithm>
#include <bit>

namespace osscc::standin {

bool readType(const std::string &name, Type &type) {
  static const std::map<std::string, Type> kTypes = {
      {"pred", kPredicateType},         {"b8", {Type::kBits, 8}},
      {"b16", {Type::kBits, 16}},       {"b32", {Type::kBits, 32}},
      {"b64", {Type::kBits, 64}},       {"b128", {Type::kBits, 128}},
      {"u8", {Type::kUnsigned, 8}},     {"u16", {Type::kUnsigned, 16}},
      {"u32", {Type::kUnsigned, 32}},   {"u64", {Type::kUnsigned, 64}},
      {"s8", {Type::kSigned, 8}},       {"s16", {Type::kSigned, 16}},
      {"s32", {Type::kSigned, 32}},     {"s64", {Type::kSigned, 64}},
      {"f16", {Type::kFloat, 16}},      {"f32", {Type::kFloat, 32}},
      {"f64", {Type::kFloat, 64}},      {"bf16", {Type::kBfloat, 16}},
      {"f16x2", {Type::kFloat, 16, 2}}, {"bf16x2", {Type::kBfloat, 16, 2}},
      {"f32x2", {Type::kFloat, 32, 2}}, {"u16x2", {Type::kUnsigned, 16, 2}},
      {"s16x2", {Type::kSigned, 16, 2}}};
  auto found = kTypes.find(name);
  if (found == kTypes.end())
    return false;
  type = found->second;
  return true;
}

Emitter::Emitter(llvm::Module &module, llvm::Function *function, const Function &source,
                 bool isWatched)
    : b(module.getContext()), irModule(module), irFunction(function),
      threadArgument(function->getArg(0)), isWatched(isWatched), function(source) {
  b.SetInsertPoint(llvm::BasicBlock::Create(module.getContext(), "entry", function));
  for (const auto &[name, type] : source.registers) {
    int64_t bytes = bytesOfType(type);
    registers[name] = b.CreateAlloca(intType(bytes ? int(bytes) * 8 : 1), nullptr, name);
  }
}

void Emitter::fail(const std::string &what) const {
  throw PtxError(in ? in->line : function.line, (in ? in->text() + ": " : "") + what);
}

llvm::BasicBlock *Emitter::newBlock(const char *name) {
  return llvm::BasicBlock::Create(b.getContext(), name, irFunction);
}

/// Counts the registers of an operand and of its parts.
static void countMentions(const Operand &operand, std::map<std::string, int> &mentions) {
  ++mentions[operand.name];
  for (const Operand &part : operand.parts)
    countMentions(part, mentions);
}

void Emitter::body(const Table &table) {
  for (const Statement &statement : function.body)
    for (const Operand &operand : statement.instruction.operands)
      countMentions(operand, mentions);
  for (const Statement &statement : function.body)
    if (!statement.label.empty())
      labels[statement.label] = newBlock(statement.label.c_str());
  for (const Statement &statement : function.body) {
    if (statement.label.empty()) {
      in = &statement.instruction;
      instruction(table);
      continue;
    }
    llvm::BasicBlock *next = labels[statement.label];
    if (!b.GetInsertBlock()->getTerminator())
      b.CreateBr(next);
    b.SetInsertPoint(next);
  }
  in = nullptr;
  if (!b.GetInsertBlock()->getTerminator())
    b.CreateRetVoid();
}

void Emitter::instruction(const Table &table) {
  taken.assign(in->modifiers.size(), false);
  auto found = isOfFloats() ? table.find(in->opcode + " of floats") : table.end();
  if (found == table.end())
    found = table.find(in->opcode);
  if (found == table.end())
    fail("unknown instruction");
  if (b.GetInsertBlock()->getTerminator())
    b.SetInsertPoint(newBlock("unreached"));
  llvm::BasicBlock *after = nullptr;
  if (!in->guard.empty()) {
    llvm::BasicBlock *inside = newBlock("guarded");
    after = newBlock("after");
    b.CreateCondBr(guard(), inside, after);
    b.SetInsertPoint(inside);
  }
  found->second(*this);
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i])
      fail("unknown modifier ." + in->modifiers[i]);
  if (after) {
    if (!b.GetInsertBlock()->getTerminator())
      b.CreateBr(after);
    b.SetInsertPoint(after);
  }
}

llvm::Value *Emitter::guard() {
  llvm::Value *is = b.CreateLoad(b.getInt1Ty(), registerSlot(in->guard));
  return in->isGuardNegated ? b.CreateNot(is) : is;
}

bool Emitter::take(std::string_view modifier) {
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i] && in->modifiers[i] == modifier)
      return taken[i] = true;
  return false;
}

std::string Emitter::takeAny(std::initializer_list<std::string_view> modifiers) {
  for (std::string_view modifier : modifiers)
    if (take(modifier))
      return std::string(modifier);
  return "";
}

Type Emitter::takeType() {
  Type type;
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i] && readType(in->modifiers[i], type)) {
      taken[i] = true;
      return type;
    }
  fail("no type");
}

bool Emitter::isOfFloats() const {
  Type type;
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i] && readType(in->modifiers[i], type))
      return type.isFloat();
  return false;
}

std::vector<std::string> Emitter::takeRest() {
  std::vector<std::string> rest;
  for (size_t i = 0; i < taken.size(); ++i)
    if (!taken[i])
      rest.push_back(in->modifiers[i]);
  taken.assign(taken.size(), true);
  return rest;
}

const Operand &Emitter::operand(size_t i) const {
  if (i >= in->operands.size())
    fail("operand " + std::to_string(i + 1) + " is missing");
  return in->operands[i];
}

uint64_t Emitter::constant(size_t i) const {
  if (operand(i).kind != Operand::kInteger)
    fail("operand " + std::to_string(i + 1) + " is no literal number");
  return operand(i).bits;
}

llvm::Type *Emitter::typeOf(Type type) {
  llvm::Type *element = nullptr;
  if (!type.isFloat())
    element = intType(type.bits);
  else if (type.bits == 64)
    element = b.getDoubleTy();
  else if (type.bits == 32)
    element = b.getFloatTy();
  else
    element = type.kind == Type::kBfloat ? b.getBFloatTy() : b.getHalfTy();
  return type.lanes == 1 ? element : llvm::FixedVectorType::get(element, unsigned(type.lanes));
}

llvm::Value *Emitter::bitsOf(llvm::Value *value) {
  return b.CreateBitCast(value, intType(int(value->getType()->getPrimitiveSizeInBits())));
}

llvm::Value *Emitter::registerSlot(const std::string &name) {
  auto found = registers.find(name);
  if (found == registers.end())
    fail("unknown register " + name);
  return found->second;
}

int Emitter::widthOf(const Operand &operand, int otherwise) const {
  auto found = registers.find(operand.name);
  if (found == registers.end())
    return otherwise;
  return int(found->second->getAllocatedType()->getIntegerBitWidth());
}

llvm::Value *Emitter::cast(llvm::Value *bits, Type type) {
  return b.CreateBitCast(b.CreateZExtOrTrunc(bits, intType(type.allBits())), typeOf(type));
}

llvm::Value *Emitter::value(const Operand &operand, Type type) {
  switch (operand.kind) {
  case Operand::kInteger:
    if (type.isFloat())
      fail("a whole number for a float");
    return llvm::ConstantInt::get(intType(type.allBits()), operand.bits, false, true);
  case Operand::kFloat32:
  case Operand::kFloat64: {
    uint64_t bits = operand.bits;
    if (operand.kind == Operand::kFloat64 && type.allBits() == 32)
      bits = std::bit_cast<uint32_t>(float(std::bit_cast<double>(bits)));
    return cast(b.getInt64(bits), type);
  }
  case Operand::kVector: { // the first part is the lowest
    llvm::Value *all = number(0, type.allBits());
    int each = type.allBits() / std::max(1, int(operand.parts.size()));
    for (size_t i = 0; i < operand.parts.size(); ++i)
      all = b.CreateOr(all, b.CreateShl(b.CreateZExt(value(operand.parts[i], {Type::kBits, each}),
                                                     all->getType()),
                                        number(i * size_t(each), type.allBits())));
    return cast(all, type);
  }
  case Operand::kPair:
    fail("a pair where a value stands");
  case Operand::kName:
    break;
  }
  if (auto found = registers.find(operand.name); found != registers.end()) {
    if (operand.bits)
      fail("an offset outside of an address");
    llvm::AllocaInst *at = found->second;
    llvm::Value *held = b.CreateLoad(at->getAllocatedType(), at);
    return cast(operand.isNegated ? b.CreateNot(held) : held, type);
  }
  if (operand.name.empty() || operand.name[0] != '%')
    return cast(address(operand, Space::kGeneric), type);
  return cast(special(operand.name), type);
}

void Emitter::set(const Operand &operand, llvm::Value *value, bool isSigned) {
  if (operand.kind == Operand::kName && operand.name == "_")
    return;
  llvm::Value *bits = bitsOf(value);
  if (operand.kind == Operand::kVector) {
    int each = int(bits->getType()->getIntegerBitWidth()) / std::max(1, int(operand.parts.size()));
    for (size_t i = 0; i < operand.parts.size(); ++i)
      set(operand.parts[i],
          b.CreateTrunc(b.CreateLShr(bits, number(i * size_t(each),
                                                  int(bits->getType()->getIntegerBitWidth()))),
                        intType(each)));
    return;
  }
  if (operand.kind != Operand::kName)
    fail("a result that is no register");
  llvm::Value *slot = registerSlot(operand.name);
  llvm::Type *held = registers[operand.name]->getAllocatedType();
  bits = isSigned ? b.CreateSExtOrTrunc(bits, held) : b.CreateZExtOrTrunc(bits, held);
  b.CreateStore(bits, slot);
}

llvm::CallInst *Emitter::call(const std::string &entry, llvm::Type *result,
                              llvm::ArrayRef<llvm::Value *> arguments) {
  std::vector<llvm::Type *> types;
  for (llvm::Value *argument : arguments)
    types.push_back(argument->getType());
  auto callee = irModule.getOrInsertFunction(entry, llvm::FunctionType::get(result, types, false));
  llvm::CallInst *made = b.CreateCall(callee, arguments);
  made->setDoesNotThrow();
  return made;
}

} // namespace osscc::standin
