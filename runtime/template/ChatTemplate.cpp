// The way from a JSON context to text with spans: the program's tables, errors and the bounds of
// work.
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

TemplateInterpreter::~TemplateInterpreter() {
  // A macro points at the scope that it stands in: no count would ever fall to nothing. The scopes
  // end one by one here, not inside each other.
  for (const ScopePtr &kept : keptScopes)
    kept->variables.clear();
}

Result<Text> TemplateInterpreter::run(const Value &context, std::optional<int64_t> time) {
  if (!isSound(program))
    return std::unexpected(Error{Code::kDataDamaged, "chat template: the program is damaged",
                                 "copy the executable again, or compile the model again"});
  clock = time;
  for (auto &[name, value] : asDict(context)->entries)
    globals->variables.emplace_back(asText(name)->view(), value);
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

const bundle::TemplateNode *TemplateInterpreter::nodeAt(uint32_t index) const {
  return index < program.nodes()->size() ? program.nodes()->Get(index) : nullptr;
}

uint32_t TemplateInterpreter::indexOf(const Node &node) const {
  return uint32_t(&node - program.nodes()->Get(0));
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

Value TemplateInterpreter::raise(std::string_view message) {
  if (!error)
    error = Error{Code::kInvalidArgument, fmt::format("chat template: {}", message),
                  "change the conversation to what the model's chat template accepts"};
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

Value TemplateInterpreter::nested(Value value) {
  if (valueDepth(value) > kMaxValueDepth)
    return fail("lists nest too deeply");
  return value;
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

Result<Rendered> renderChat(const bundle::Template &program, const Value &variables,
                            std::optional<int64_t> clock) {
  try {
    uint64_t limit = kBaseWork + kWorkPerByte * valueWeight(variables);
    Result<Text> text = TemplateInterpreter(program, limit).run(variables, clock);
    if (!text)
      return std::unexpected(std::move(text).error());
    std::vector<TokenSpan> spans = text->spans();
    return Rendered{text->takeBytes(), std::move(spans)};
  } catch (const std::bad_alloc &) {
    return fail(Code::kOutOfMemory, "out of memory while rendering the chat template");
  }
}

Result<Rendered> renderChat(const bundle::Template &program, const boost::json::object &context) {
  std::optional<Value> values = convertContext(context);
  if (!values)
    return fail(
        Code::kInvalidArgument,
        fmt::format("chat template: the request nests deeper than {} levels", kMaxValueDepth),
        "give the template flatter data");
  std::optional<int64_t> clock;
  if (const boost::json::value *time = context.if_contains("strftime_now");
      time && time->is_int64())
    clock = *time->if_int64();
  return renderChat(program, *values, clock);
}

} // namespace osscc::rt
