// Branches, calls and ends.
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

llvm::BasicBlock *labelled(Emitter &e, const std::string &name) {
  auto found = e.labels.find(name);
  if (found == e.labels.end())
    e.fail("unknown label " + name);
  return found->second;
}

void branch(Emitter &e) {
  e.take("uni");
  e.b.CreateBr(labelled(e, e.operand(0).name));
}

void branchByNumber(Emitter &e) {
  e.take("uni");
  auto targets = e.source().targets.find(e.operand(1).name);
  if (targets == e.source().targets.end())
    e.fail("unknown targets " + e.operand(1).name);
  llvm::BasicBlock *none = e.newBlock("none");
  auto *choice = e.b.CreateSwitch(e.value(0, kWord), none, unsigned(targets->second.size()));
  for (size_t i = 0; i < targets->second.size(); ++i)
    choice->addCase(e.b.getInt32(uint32_t(i)), labelled(e, targets->second[i]));
  e.b.SetInsertPoint(none);
  e.call("standin_trap", e.b.getVoidTy(), {e.thread(), e.line()});
  e.b.CreateUnreachable();
}

void end(Emitter &e) {
  e.take("uni");
  if (e.in->opcode == "exit" && !e.source().isKernel)
    e.fail("a function that ends the thread is not known");
  e.b.CreateRetVoid();
}

/// Functions take the addresses of their results and of their parameters.
void callFunction(Emitter &e) {
  e.take("uni");
  size_t name = e.operand(0).kind == Operand::kVector ? 1 : 0;
  llvm::Function *callee = e.module().getFunction("function " + e.operand(name).name);
  if (!callee)
    e.fail("unknown function " + e.operand(name).name);
  std::vector<Value *> arguments{e.thread()};
  for (size_t i : {size_t(0), name + 1})
    if (i != name && e.has(i))
      for (const Operand &part : e.operand(i).parts)
        arguments.push_back(e.b.CreateIntToPtr(e.address(part, Space::kParam), e.b.getPtrTy()));
  if (arguments.size() != callee->arg_size())
    e.fail("another number of arguments than " + e.operand(name).name + " has");
  e.b.CreateCall(callee, arguments);
}

void trap(Emitter &e) {
  e.call("standin_trap", e.b.getVoidTy(), {e.thread(), e.line()});
  e.b.CreateUnreachable();
}

} // namespace

void addControl(Emitter::Table &table) {
  table["bra"] = branch;
  table["brx"] = [](Emitter &e) {
    if (!e.take("idx"))
      e.fail("no form that is known");
    branchByNumber(e);
  };
  table["ret"] = end;
  table["exit"] = end;
  table["call"] = callFunction;
  table["trap"] = trap;
}

} // namespace osscc::standin
