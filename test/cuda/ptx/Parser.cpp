#include "test/cuda/ptx/Reader.h"

#include <algorithm>
#include <cstring>

namespace osscc::standin {
namespace {

std::vector<std::string> split(const std::string &word, char at) {
  std::vector<std::string> parts{""};
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == at)
      parts.emplace_back();
    else
      parts.back() += word[i];
  }
  return parts;
}

const std::map<std::string, Space> kSpaces = {
    {".global", Space::kGlobal}, {".const", Space::kConst}, {".shared", Space::kShared},
    {".local", Space::kLocal},   {".param", Space::kParam},
};

class Parser {
public:
  explicit Parser(const std::string &text) : in(text) {}
  Module module();

private:
  using Names = std::map<std::string, std::string>;

  void directive();
  void function(bool isKernel);
  void declarations(Function &of);
  std::vector<Variable> parameters();
  Variable variable(Space space);
  void initialValue(Variable &of);
  void block(Function &of);
  void statement(Function &of);
  void registers(Function &of);
  void branchTargets(Function &of, const std::string &label);
  Instruction instruction();
  Operand operand();
  Operand plainOperand();
  std::string declared(const std::string &name);
  std::string resolved(const std::string &name) const;

  Reader in;
  Module result;
  std::vector<Names> scopes; // names of nested blocks -> names that are unique in the function
  int blocks = 0;            // of the function so far
};

Module Parser::module() {
  while (!in.atEnd())
    directive();
  if (!result.version || !result.target)
    in.fail("no .version or no .target");
  return std::move(result);
}

void Parser::directive() {
  std::string word = in.word();
  while (word == ".visible" || word == ".weak" || word == ".extern" || word == ".common") {
    bool isExternal = word == ".extern";
    word = in.word();
    if (isExternal && word == ".shared") {
      Variable shared = variable(Space::kShared);
      shared.isExternal = true;
      in.expect(';');
      result.variables.push_back(std::move(shared));
      return;
    }
  }
  if (word == ".version") {
    std::vector<std::string> parts = split(in.word(), '.');
    if (parts.size() != 2)
      in.fail("not a version");
    result.version = std::stoi(parts[0]) * 10 + std::stoi(parts[1]);
  } else if (word == ".target") {
    std::string name = in.word();
    if (name.rfind("sm_", 0) != 0)
      in.fail("unknown target " + name);
    result.target = std::atoi(name.c_str() + 3);
    result.isExact = name.back() == 'a' || name.back() == 'f';
    while (in.accept(','))
      if (std::string option = in.word(); option != "debug" && option != "texmode_independent")
        in.fail("unknown option of the target: " + option);
  } else if (word == ".address_size") {
    if (in.word() != "64")
      in.fail("addresses have 64 bits");
  } else if (word == ".entry" || word == ".func") {
    function(word == ".entry");
  } else if (kSpaces.count(word)) {
    result.variables.push_back(variable(kSpaces.at(word)));
    in.expect(';');
  } else {
    in.fail("unknown directive " + word);
  }
}

Variable Parser::variable(Space space) {
  Variable found;
  found.line = in.line();
  found.space = space;
  for (;;) {
    std::string word = in.word();
    if (word == ".align") {
      found.align = int64_t(in.number().bits);
    } else if (word == ".ptr") { // where a parameter points: no matter of ours
      while (in.peek() == '.')
        if (in.word() == ".align")
          in.number();
    } else if (word[0] == '.') {
      found.type = word.substr(1);
      found.elementBytes = bytesOfType(found.type);
      if (found.elementBytes <= 0)
        in.fail("unknown type " + word);
    } else {
      found.name = word;
      break;
    }
  }
  if (!found.elementBytes)
    in.fail("no type of " + found.name);
  found.align = std::max(found.align, found.elementBytes);
  while (in.accept('[')) {
    found.count = in.peek() == ']' ? 0 : found.count * int64_t(in.number().bits);
    in.expect(']');
  }
  if (in.accept('='))
    initialValue(found);
  return found;
}

void Parser::initialValue(Variable &of) {
  of.bytes.assign(size_t(of.size()), 0);
  bool isList = in.accept('{');
  int64_t at = 0;
  do {
    if (at + of.elementBytes > of.size())
      in.fail("more values than " + of.name + " has room for");
    if (in.isNumber()) {
      uint64_t bits = in.number().bits;
      std::memcpy(of.bytes.data() + at, &bits, size_t(std::min<int64_t>(of.elementBytes, 8)));
    } else {
      of.addresses[at] = in.word();
    }
    at += of.elementBytes;
  } while (isList && in.accept(','));
  if (isList)
    in.expect('}');
}

std::vector<Variable> Parser::parameters() {
  std::vector<Variable> found;
  in.expect('(');
  while (!in.accept(')')) {
    if (std::string word = in.word(); word != ".param")
      in.fail("expected a .param, found " + word);
    found.push_back(variable(Space::kParam));
    in.accept(',');
  }
  return found;
}

void Parser::declarations(Function &of) {
  while (in.peek() == '.') {
    std::string word = in.word();
    if (word == ".maxntid" || word == ".reqntid") {
      of.isExactThreads = word == ".reqntid";
      of.maximalThreads = 1;
      do
        of.maximalThreads *= int64_t(in.number().bits);
      while (in.accept(','));
    } else if (word == ".minnctapersm" || word == ".maxnreg" || word == ".maxclusterrank") {
      in.number(); // hints to the assembler
    } else if (word == ".reqnctapercluster") {
      do
        if (in.number().bits != 1)
          in.fail("clusters of several blocks are not known");
      while (in.accept(','));
    } else if (word != ".noreturn" && word != ".explicitcluster") {
      in.fail("unknown directive " + word);
    }
  }
}

void Parser::function(bool isKernel) {
  Function found;
  found.line = in.line();
  found.isKernel = isKernel;
  if (!isKernel && in.peek() == '(')
    found.results = parameters();
  found.name = in.word();
  if (in.peek() == '(')
    found.parameters = parameters();
  declarations(found);
  scopes.clear();
  blocks = 0;
  if (in.accept('{')) {
    found.hasBody = true;
    block(found);
  } else {
    in.expect(';');
  }
  for (Function &known : result.functions)
    if (known.name == found.name) {
      if (known.hasBody && found.hasBody)
        throw PtxError(found.line, "a second function " + found.name);
      if (found.hasBody)
        known = std::move(found);
      return;
    }
  result.functions.push_back(std::move(found));
}

void Parser::block(Function &of) {
  scopes.emplace_back();
  ++blocks;
  while (!in.accept('}')) {
    if (in.accept('{'))
      block(of);
    else if (!in.accept(';'))
      statement(of);
  }
  scopes.pop_back();
}

std::string Parser::declared(const std::string &name) {
  std::string unique = scopes.size() > 1 ? name + "@" + std::to_string(blocks) : name;
  scopes.back()[name] = unique;
  return unique;
}

std::string Parser::resolved(const std::string &name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (auto found = scope->find(name); found != scope->end())
      return found->second;
  return name;
}

void Parser::registers(Function &of) {
  std::string type = in.word().substr(1);
  if (bytesOfType(type) < 0)
    in.fail("unknown type ." + type);
  do {
    std::string name = in.word();
    if (in.accept('<')) {
      int64_t count = int64_t(in.number().bits);
      in.expect('>');
      for (int64_t i = 0; i < count; ++i)
        of.registers[declared(name + std::to_string(i))] = type;
    } else {
      of.registers[declared(name)] = type;
    }
  } while (in.accept(','));
  in.expect(';');
}

void Parser::branchTargets(Function &of, const std::string &label) {
  std::vector<std::string> &targets = of.targets[label];
  do
    targets.push_back(in.word());
  while (in.accept(','));
  in.expect(';');
}

void Parser::statement(Function &of) {
  if (in.peek() == '@') {
    of.body.push_back({"", instruction()});
    return;
  }
  int line = in.line();
  std::string word = in.word();
  if (in.accept(':')) {
    if (in.accept(".branchtargets"))
      branchTargets(of, word);
    else
      of.body.push_back({word, {}});
  } else if (word == ".reg") {
    registers(of);
  } else if (kSpaces.count(word)) {
    Variable local = variable(kSpaces.at(word));
    local.name = declared(local.name);
    of.locals.push_back(std::move(local));
    in.expect(';');
  } else if (word == ".pragma") {
    in.string();
    in.expect(';');
  } else if (word == ".loc") {
    while (in.line() == line && in.peek() != '\0' && in.line() == line)
      in.word();
  } else if (word[0] == '.') {
    in.fail("unknown directive " + word);
  } else {
    Instruction found = instruction();
    found.line = line;
    std::vector<std::string> parts = split(word, '.');
    found.opcode = parts[0];
    found.modifiers.assign(parts.begin() + 1, parts.end());
    of.body.push_back({"", std::move(found)});
  }
}

/// Called before "@p mov.b32 a, b;", or, with the opcode read, before "a, b;".
Instruction Parser::instruction() {
  Instruction found;
  found.line = in.line();
  if (in.accept('@')) {
    found.isGuardNegated = in.accept('!');
    found.guard = resolved(in.word());
    std::vector<std::string> parts = split(in.word(), '.');
    found.opcode = parts[0];
    found.modifiers.assign(parts.begin() + 1, parts.end());
  }
  while (!in.accept(';')) {
    found.operands.push_back(operand());
    in.accept(',');
  }
  return found;
}

Operand Parser::operand() {
  Operand found = plainOperand();
  if (in.accept('|')) {
    Operand pair;
    pair.kind = Operand::kPair;
    pair.parts = {found, plainOperand()};
    return pair;
  }
  return found;
}

Operand Parser::plainOperand() {
  Operand found;
  if (in.accept('{') || in.peek() == '(') {
    char end = in.accept('(') ? ')' : '}';
    found.kind = Operand::kVector;
    while (!in.accept(end)) {
      found.parts.push_back(operand());
      in.accept(',');
    }
    return found;
  }
  if (in.accept('[')) {
    found = plainOperand();
    if (in.accept(',')) // a tensor's coordinates
      in.fail("an address of several parts is not known");
    in.expect(']');
    found.isAddress = true;
    return found;
  }
  if (in.accept('!')) {
    found = plainOperand();
    found.isNegated = true;
    return found;
  }
  if (in.isNumber())
    return in.number();
  found.name = resolved(in.word());
  if (in.peek() == '+' || in.peek() == '-') {
    bool isMinus = in.accept('-');
    if (!isMinus)
      in.accept('+');
    uint64_t offset = in.number().bits;
    found.bits = isMinus ? -offset : offset;
  }
  return found;
}

} // namespace

std::string Instruction::text() const {
  std::string all = opcode;
  for (const std::string &modifier : modifiers)
    all += "." + modifier;
  return all;
}

const Function *Module::find(const std::string &name) const {
  for (const Function &function : functions)
    if (function.name == name)
      return &function;
  return nullptr;
}

int64_t bytesOfType(const std::string &type) {
  static const std::map<std::string, int64_t> kBytes = {
      {"pred", 0},  {"b8", 1},    {"u8", 1},     {"s8", 1},   {"b16", 2}, {"u16", 2},
      {"s16", 2},   {"f16", 2},   {"bf16", 2},   {"b32", 4},  {"u32", 4}, {"s32", 4},
      {"f32", 4},   {"f16x2", 4}, {"b64", 8},    {"u64", 8},  {"s64", 8}, {"f64", 8},
      {"b128", 16}, {"tf32", 4},  {"bf16x2", 4}, {"f32x2", 8}};
  auto found = kBytes.find(type);
  return found == kBytes.end() ? -1 : found->second;
}

Module parse(const std::string &text) {
  return Parser(text).module();
}

} // namespace osscc::standin
