// Products of matrices in registers: the machine does them, machine/Matrix.cpp.
#include "test/cuda/machine/Entries.h"
#include "test/cuda/ptx/Emitter.h"

namespace osscc::standin {
namespace {

using llvm::Value;

void append(Emitter &e, std::vector<Value *> &to, const Operand &from, int count) {
  if (int(from.parts.size()) != count)
    e.fail("a fragment of another number of registers");
  for (const Operand &part : from.parts)
    to.push_back(e.value(part, kWord));
}

void multiply(Emitter &e) {
  if (!e.take("sync") || !e.take("aligned") || !e.take("row") || !e.take("col"))
    e.fail("no form that is known");
  e.take("kind::f8f6f4"); // the same products on newer chips
  bool isClamped = e.take("satfinite");
  std::string name;
  for (const std::string &part : e.takeRest())
    name += (name.empty() ? "" : ".") + part;
  name += isClamped ? ".satfinite" : "";
  const std::vector<MmaShape> &shapes = mmaShapes();
  size_t kind = 0;
  while (kind < shapes.size() && shapes[kind].name != name)
    ++kind;
  if (kind == shapes.size())
    e.fail("no shape that is known");
  const MmaShape &shape = shapes[kind];
  std::vector<Value *> words;
  append(e, words, e.operand(1), shape.a);
  append(e, words, e.operand(2), shape.b);
  append(e, words, e.operand(3), shape.c);
  Value *memory = e.words(words);
  e.call("standin_mma", e.b.getVoidTy(), {e.thread(), e.line(), e.number(kind), memory, memory});
  if (int(e.operand(0).parts.size()) != shape.d)
    e.fail("a fragment of another number of registers");
  for (size_t i = 0; i < size_t(shape.d); ++i)
    e.set(e.operand(0).parts[i], e.word(memory, i));
}

void moveMatrices(Emitter &e, bool isStore) {
  if (!e.take("sync") || !e.take("aligned") || !e.take("m8n8"))
    e.fail("no form that is known");
  std::string number = e.takeAny({"x1", "x2", "x4"});
  bool isTransposed = e.take("trans");
  if (e.takeSpace() != Space::kShared || !e.take("b16") || number.empty())
    e.fail("no form that is known");
  size_t count = size_t(number[1] - '0');
  const Operand &registers = e.operand(isStore ? 1 : 0), &from = e.operand(isStore ? 0 : 1);
  if (registers.parts.size() != count || !from.isAddress)
    e.fail("not one register a matrix, or no address");
  std::vector<Value *> words;
  if (isStore)
    append(e, words, registers, int(count));
  Value *memory = e.words(words, count);
  Value *address = e.b.CreateTrunc(e.address(from, Space::kShared), e.b.getInt32Ty());
  e.call("standin_move_matrices", e.b.getVoidTy(),
         {e.thread(), e.line(), e.number(count), e.number(isTransposed), e.number(isStore), address,
          memory});
  if (!isStore)
    for (size_t i = 0; i < count; ++i)
      e.set(registers.parts[i], e.word(memory, i));
}

} // namespace

void addMatrices(Emitter::Table &table) {
  table["mma"] = multiply;
  table["ldmatrix"] = [](Emitter &e) { moveMatrices(e, false); };
  table["stmatrix"] = [](Emitter &e) { moveMatrices(e, true); };
}

} // namespace osscc::standin
