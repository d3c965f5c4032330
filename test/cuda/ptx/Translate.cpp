#include "test/cuda/ptx/Translate.h"

#include "test/cuda/ptx/Emitter.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <set>

namespace osscc::standin {
namespace {

int64_t alignedTo(int64_t value, int64_t align) {
  return (value + align - 1) / align * align;
}

/// A kernel with what it reaches: functions, and shared variables with their places.
struct Reach {
  const Module &module;
  std::vector<const Function *> functions;
  std::set<std::string> named; // every name that an operand has
  std::map<const Variable *, int64_t> places;
  int64_t sharedBytes = 0, sharedAlign = 16;

  Reach(const Module &module, const Function &kernel) : module(module) {
    add(kernel);
    for (const Function *function : functions)
      for (const Variable &local : function->locals)
        if (local.space == Space::kShared)
          put(local);
    for (const Variable &variable : module.variables)
      if (variable.space == Space::kShared && named.count(variable.name)) {
        if (variable.isExternal)
          sharedAlign = std::max(sharedAlign, variable.align);
        else
          put(variable);
      }
    // Dynamic shared memory has no size here: all of it begins behind the rest.
    sharedBytes = alignedTo(sharedBytes, sharedAlign);
    for (const Variable &variable : module.variables)
      if (variable.isExternal)
        places[&variable] = sharedBytes;
  }

  void put(const Variable &variable) {
    sharedBytes = alignedTo(sharedBytes, variable.align);
    places[&variable] = sharedBytes;
    sharedBytes += variable.size();
  }

  void add(const Function &function) {
    if (std::find(functions.begin(), functions.end(), &function) != functions.end())
      return;
    functions.push_back(&function);
    for (const Statement &statement : function.body)
      for (const Operand &operand : statement.instruction.operands)
        name(operand);
  }

  void name(const Operand &operand) {
    for (const Operand &part : operand.parts)
      name(part);
    if (operand.kind != Operand::kName || !named.insert(operand.name).second)
      return;
    if (const Function *called = module.find(operand.name))
      add(*called);
  }
};

bool waits(const Instruction &instruction) {
  static const std::set<std::string> kWaiting = {"shfl",  "vote",     "match",    "redux",
                                                 "elect", "bar",      "barrier",  "nanosleep",
                                                 "mma",   "ldmatrix", "stmatrix", "mbarrier"};
  return kWaiting.count(instruction.opcode) != 0;
}

/// Gives each symbol of a function its value; called where the function begins.
void addSymbols(Emitter &e, llvm::Function *made, const Function &source, const Reach &reach) {
  auto addressOf = [&](llvm::Value *pointer) {
    return e.b.CreatePtrToInt(pointer, e.b.getInt64Ty());
  };
  if (source.isKernel) {
    std::vector<int64_t> offsets = parameterOffsets(source);
    for (size_t i = 0; i < source.parameters.size(); ++i)
      e.symbols[source.parameters[i].name] = {
          Space::kParam, addressOf(e.b.CreateConstGEP1_64(e.b.getInt8Ty(), made->getArg(1),
                                                          uint64_t(offsets[i])))};
  } else {
    unsigned next = 1;
    for (const std::vector<Variable> *list : {&source.results, &source.parameters})
      for (const Variable &variable : *list)
        e.symbols[variable.name] = {Space::kParam, addressOf(made->getArg(next++))};
  }
  auto addShared = [&](const Variable &variable) {
    if (auto place = reach.places.find(&variable); place != reach.places.end())
      e.symbols[variable.name] = {Space::kShared, e.number(uint64_t(place->second), 64)};
  };
  for (const Variable &local : source.locals) {
    if (local.space == Space::kShared) {
      addShared(local);
      continue;
    }
    auto *memory = e.b.CreateAlloca(llvm::ArrayType::get(e.b.getInt8Ty(), uint64_t(local.size())));
    memory->setAlignment(llvm::Align(uint64_t(std::max<int64_t>(local.align, 8))));
    e.symbols[local.name] = {local.space, addressOf(memory)};
  }
  for (const Variable &variable : reach.module.variables) {
    if (e.symbols.count(variable.name) || !reach.named.count(variable.name))
      continue;
    if (variable.space == Space::kShared)
      addShared(variable);
    else
      e.symbols[variable.name] = {
          variable.space, addressOf(e.module().getOrInsertGlobal(variable.name, e.b.getInt8Ty()))};
  }
}

llvm::Function *declare(llvm::Module &module, const Function &function) {
  llvm::LLVMContext &context = module.getContext();
  size_t pointers =
      1 + (function.isKernel ? 1 : function.results.size() + function.parameters.size());
  std::vector<llvm::Type *> types(pointers, llvm::PointerType::get(context, 0));
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), types, false);
  auto *made = llvm::Function::Create(
      type, function.isKernel ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage,
      function.isKernel ? kKernelSymbol : "function " + function.name, module);
  made->addFnAttr(llvm::Attribute::NoUnwind);
  return made;
}

} // namespace

std::vector<int64_t> parameterOffsets(const Function &kernel) {
  std::vector<int64_t> offsets;
  int64_t next = 0;
  for (const Variable &parameter : kernel.parameters) {
    offsets.push_back(alignedTo(next, parameter.align));
    next = offsets.back() + parameter.size();
  }
  offsets.push_back(next);
  return offsets;
}

KernelFacts factsOf(const Module &module, const Function &kernel) {
  Reach reach(module, kernel);
  KernelFacts facts;
  facts.sharedBytes = reach.sharedBytes;
  facts.sharedAlign = reach.sharedAlign;
  for (const Function *function : reach.functions) {
    for (const Variable &local : function->locals)
      facts.localBytes += local.space == Space::kLocal ? local.size() + local.align : 0;
    for (const Statement &statement : function->body)
      facts.needsFibers |= waits(statement.instruction);
  }
  for (const Variable &variable : module.variables)
    if (variable.space != Space::kShared && reach.named.count(variable.name))
      facts.globals.push_back(variable.name);
  return facts;
}

std::unique_ptr<llvm::Module> translate(const Module &module, const Function &kernel,
                                        llvm::LLVMContext &context, bool isWatched) {
  Reach reach(module, kernel);
  auto made = std::make_unique<llvm::Module>(kernel.name, context);
  for (const Function *function : reach.functions)
    declare(*made, *function);
  for (const Function *function : reach.functions) {
    if (!function->hasBody)
      throw PtxError(function->line, function->name + " has no body");
    llvm::Function *to =
        made->getFunction(function->isKernel ? kKernelSymbol : "function " + function->name);
    Emitter emitter(*made, to, *function, isWatched);
    addSymbols(emitter, to, *function, reach);
    emitter.body(instructions());
  }
  std::string wrong;
  llvm::raw_string_ostream stream(wrong);
  if (llvm::verifyModule(*made, &stream))
    throw PtxError(kernel.line, kernel.name + ": translated to invalid IR: " + wrong);
  return made;
}

} // namespace osscc::standin
