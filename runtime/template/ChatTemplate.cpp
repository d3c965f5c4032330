// The statements of a chat template, and the way from a JSON context to text with spans.
#include "runtime/template/ChatTemplate.h"
#include "runtime/template/Interpreter.h"
#include <algorithm>
#include <fmt/format.h>
#include <new>

namespace osscc::rt {

/// Calls of execute() and evaluate() inside each other: statements, expressions and macros.
constexpr unsigned kMaxDepth = 600;
constexpr uint64_t kBaseWork = uint64_t(1) << 28, kWorkPerByte = 64;
/// One node's share of the work, besides 1 for each child that it may have; a byte made costs 1.
constexpr uint64_t kNodeWork = 16;

TemplateInterpreter::Frame::Frame(TemplateInterpreter &interpreter, const Node &node)
    : interpreter(interpreter), outerLine(interpreter.line) {
  interpreter.line = node.line();
  if (++interpreter.depth > kMaxDepth)
    interpreter.fail("calls nest too deeply");
  interpreter.charge(kNodeWork + node.count());
}

TemplateInterpreter::Frame::~Frame() {
  --interpreter.depth;
  interpreter.line = outerLine;
}

/// Whether the children of every node lie in their table: then counts are bounded by bytes.
static bool isSound(const bundle::Template &program) {
  uint64_t children = program.children() ? program.children()->size() : 0;
  return !program.nodes() || std::ranges::all_of(*program.nodes(), [&](const auto *node) {
    return !node->count() || uint64_t(node->first()) + node->count() <= children;
  });
}

Result<Text> TemplateInterpreter::run(const Value &context, std::optional<int64_t> time) {
  if (!isSound(program))
    return std::unexpected(Error{Code::kDataDamaged, "chat template: the program is damaged",
                                 "copy the executable again, or compile the model again"});
  clock = time;
  for (auto &[name, value] : asDict(context)->entries)
    globals.variables.emplace_back(asText(name)->view(), value);
  literals.resize(program.strings() ? program.strings()->size() : 0);
  Text text;
  out = &text;
  if (program.nodes() && program.nodes()->size())
    execute(program.nodes()->Get(program.nodes()->size() - 1));
  if (error)
    return std::unexpected(std::move(*error));
  return text;
}

const bundle::TemplateNode *TemplateInterpreter::child(const Node &node, size_t index) const {
  const auto *nodes = program.nodes();
  const auto *children = program.children();
  uint64_t at = uint64_t(node.first()) + index;
  if (index >= node.count() || !children || at >= children->size())
    return nullptr;
  // Children come before their parents: a damaged program cannot make the walk endless.
  uint32_t target = children->Get(at);
  return target < size_t(&node - nodes->Get(0)) ? nodes->Get(target) : nullptr;
}

std::string_view TemplateInterpreter::text(const Node &node) const {
  const auto *strings = program.strings();
  return strings && node.text() < strings->size() ? strings->Get(node.text())->string_view()
                                                  : std::string_view();
}

Value TemplateInterpreter::fail(std::string message) {
  if (!error)
    error = Error{Code::kInvalidArgument, fmt::format("chat template: line {}: {}", line, message),
                  "check the request against what the model's chat template accepts"};
  return Undefined{};
}

Value TemplateInterpreter::failUndefined(const Value &value) {
  std::string_view name = as<Undefined>(value)->name;
  return fail(name.empty() ? std::string("a value that does not exist is used")
                           : fmt::format("'{}' is undefined", name));
}

bool TemplateInterpreter::charge(uint64_t units) {
  work = units > workLimit ? workLimit + 1 : work + units;
  if (work > workLimit)
    fail("the template does more work than the conversation's size allows");
  return !failed();
}

bool TemplateInterpreter::chargeAll(Arguments arguments) {
  for (const Value &each : arguments)
    charge(valueWeight(each));
  return !failed();
}

Value TemplateInterpreter::nested(Value value) {
  if (valueDepth(value) > kMaxValueDepth)
    return fail("lists nest too deeply");
  return value;
}

TemplateInterpreter::Flow TemplateInterpreter::execute(const Node *node) {
  if (!node || failed())
    return Flow::kNext;
  Frame frame(*this, *node);
  switch (node->kind()) {
  case Kind::Sequence:
    for (size_t i = 0; i < node->count() && !failed(); ++i)
      if (Flow flow = execute(child(*node, i)); flow != Flow::kNext)
        return flow;
    break;
  case Kind::Text:
    if (charge(text(*node).size()))
      out->append(text(*node), /*isTemplate=*/true);
    break;
  case Kind::Output:
    executeOutput(*node);
    break;
  case Kind::If:
    return executeIf(*node);
  case Kind::For:
    return executeFor(*node);
  case Kind::With:
    return executeWith(*node);
  case Kind::Set:
    assign(*node, 1, evaluate(child(*node, 0)));
    break;
  case Kind::SetBlock:
    assign(*node, 1, capture(child(*node, 0)));
    break;
  case Kind::SetAttribute:
    setAttribute(*node);
    break;
  case Kind::Macro:
    assign(text(*node), Macro{uint32_t(node - program.nodes()->Get(0))});
    break;
  case Kind::Break:
    return Flow::kBreak;
  case Kind::Continue:
    return Flow::kContinue;
  default:
    fail("the template program is damaged");
  }
  return Flow::kNext;
}

void TemplateInterpreter::executeOutput(const Node &node) {
  Value value = evaluate(child(node, 0));
  if (!charge(valueWeight(value)))
    return;
  TextPtr text = toText(value);
  out->append(*text);
}

TemplateInterpreter::Flow TemplateInterpreter::executeIf(const Node &node) {
  size_t i = 0;
  for (; i + 1 < node.count(); i += 2) {
    bool holds = isTrue(evaluate(child(node, i)));
    if (failed())
      return Flow::kNext;
    if (holds)
      return execute(child(node, i + 1));
  }
  return i < node.count() ? execute(child(node, i)) : Flow::kNext;
}

TemplateInterpreter::Flow TemplateInterpreter::executeFor(const Node &node) {
  Value over = evaluate(child(node, 0));
  std::vector<Value> items = iterate(over);
  if (const Node *condition = child(node, 1)) {
    Scope filterScope{scope};
    scope = &filterScope;
    std::erase_if(items, [&](const Value &item) {
      assign(node, 4, item);
      return failed() || !isTrue(evaluate(condition));
    });
    scope = filterScope.parent;
  }
  if (items.empty())
    return execute(child(node, 3));
  Loop &loop = loops.emplace_back(std::move(items));
  Scope loopScope{scope};
  scope = &loopScope;
  for (; loop.index < loop.items.size() && !failed(); ++loop.index) {
    loopScope.variables.clear();
    assign("loop", &loop);
    assign(node, 4, loop.items[loop.index]);
    if (execute(child(node, 2)) == Flow::kBreak)
      break;
  }
  scope = loopScope.parent;
  loop.items = {};
  return Flow::kNext;
}

TemplateInterpreter::Flow TemplateInterpreter::executeWith(const Node &node) {
  Scope withScope{scope};
  for (size_t i = 1; i + 1 < node.count() && !failed(); i += 2)
    if (const Node *name = child(node, i))
      withScope.variables.emplace_back(text(*name), evaluate(child(node, i + 1)));
  scope = &withScope;
  Flow flow = execute(child(node, 0));
  scope = withScope.parent;
  return flow;
}

void TemplateInterpreter::setAttribute(const Node &node) {
  Value object = evaluate(child(node, 0));
  Value value = evaluate(child(node, 1));
  Namespace *const *space = as<Namespace *>(object);
  if (!space) {
    fail("cannot assign an attribute of what is no namespace");
    return;
  }
  charge((*space)->entries.size());
  for (auto &[name, old] : (*space)->entries)
    if (name == text(node)) {
      old = std::move(value);
      return;
    }
  (*space)->entries.emplace_back(text(node), std::move(value));
}

void TemplateInterpreter::assign(const Node &node, size_t first, const Value &value) {
  if (failed() || node.count() <= first)
    return;
  if (node.count() == first + 1) {
    if (const Node *target = child(node, first))
      assign(text(*target), value);
    return;
  }
  std::vector<Value> parts = iterate(value);
  if (parts.size() != node.count() - first) {
    fail(fmt::format("expected {} values to unpack, found {}", node.count() - first, parts.size()));
    return;
  }
  for (size_t i = 0; i < parts.size(); ++i)
    if (const Node *target = child(node, first + i))
      assign(text(*target), parts[i]);
}

void TemplateInterpreter::assign(std::string_view name, Value value) {
  charge(scope->variables.size());
  for (auto &[known, old] : scope->variables)
    if (known == name) {
      old = std::move(value);
      return;
    }
  scope->variables.emplace_back(name, std::move(value));
}

/// What a body writes, in a scope of its own.
TextPtr TemplateInterpreter::capture(const Node *body) {
  auto captured = std::make_shared<Text>();
  Text *outer = std::exchange(out, captured.get());
  Scope bodyScope{scope};
  scope = &bodyScope;
  execute(body);
  scope = bodyScope.parent;
  out = outer;
  return captured;
}

/// The context as a dict: special tokens count as the template's, all else as the user's.
static std::optional<Value> convertContext(const boost::json::object &context) {
  static constexpr std::string_view tokens[] = {"bos_token", "eos_token", "unk_token", "pad_token",
                                                "sep_token", "cls_token", "mask_token"};
  std::vector<std::pair<Value, Value>> entries;
  for (const auto &entry : context) {
    std::string_view key = entry.key();
    if (key == "strftime_now")
      continue;
    std::optional<Value> value =
        fromJson(entry.value(), std::ranges::find(tokens, key) != std::end(tokens));
    if (!value)
      return std::nullopt;
    entries.emplace_back(makeText(key, false), std::move(*value));
  }
  for (std::string_view key : {"tools", "documents"})
    if (!context.contains(key))
      entries.emplace_back(makeText(key, false), None{});
  return makeDict(std::move(entries));
}

Result<Rendered> renderChat(const bundle::Template &program, const boost::json::object &context) {
  try {
    std::optional<Value> values = convertContext(context);
    if (!values)
      return fail(Code::kInvalidArgument,
                  "chat template: the request nests too deeply or has an integer beyond 63 bits",
                  "write such a number as text");
    std::optional<int64_t> clock;
    if (const boost::json::value *time = context.if_contains("strftime_now");
        time && time->is_int64())
      clock = *time->if_int64();
    uint64_t limit = kBaseWork + kWorkPerByte * valueWeight(*values);
    Result<Text> text = TemplateInterpreter(program, limit).run(*values, clock);
    if (!text)
      return std::unexpected(std::move(text).error());
    std::vector<TokenSpan> spans = text->spans();
    return Rendered{text->takeBytes(), std::move(spans)};
  } catch (const std::bad_alloc &) {
    return fail(Code::kOutOfMemory, "out of memory while rendering the chat template");
  }
}

} // namespace osscc::rt
