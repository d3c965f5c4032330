#include "runtime/model/Session.h"

#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt {

Session::Session(const Model &model, Runner &runner, int64_t context, int64_t rows,
                 AskMemory memory)
    : model(&model), runner(&runner), contextRows(context), callRows(rows),
      cache(model.cacheGroups(), context, model.abi().max_rows, std::move(memory),
            runner.storage()) {}

Result<Session> Session::create(const Model &model, Runner &runner, Options options) {
  const OssccModel &abi = model.abi();
  if (options.context < 0 || options.context > abi.context)
    return fail(Code::kInvalidArgument,
                fmt::format("context of {} tokens: the model was compiled for at most {}",
                            options.context, abi.context),
                "give a smaller --context, or compile with a larger one");
  int64_t rows =
      options.rowsPerCall > 0 ? std::min(options.rowsPerCall, abi.max_rows) : abi.max_rows;
  Storage &storage = runner.storage();
  if (!options.memory)
    options.memory = [&storage] { return storage.available(); };
  Session session(model, runner, options.context ? options.context : abi.context, rows,
                  options.memory);
  session.cancel = options.cancel;
  int64_t needed = session.cache.bytesFor(options.context ? options.context : rows);
  if (__builtin_add_overflow(needed, abi.arena_bytes, &needed))
    needed = INT64_MAX;
  std::optional<int64_t> available = options.memory();
  if (available && needed > *available)
    return fail(Code::kOutOfMemory,
                fmt::format("{}: {:.0f} MB are needed beside the weights, {:.0f} MB are available",
                            storage.name(), double(needed) / 1e6, double(*available) / 1e6),
                "give a smaller --context, or close other programs");
  auto arena = storage.allocate(abi.arena_bytes, abi.arena_align);
  if (!arena)
    return std::unexpected(std::move(arena).error());
  session.arena = std::move(*arena);
  return session;
}

int64_t Session::addSequence() {
  texts.emplace_back();
  return cache.addSequence();
}

/// Sets `after` to what the sequences hold now.
void Session::takeLengths() {
  after.clear();
  for (const std::vector<int32_t> &text : texts)
    after.push_back(int64_t(text.size()));
}

Status Session::check(std::span<const Row> rows, std::span<const float> logits) {
  takeLengths();
  int64_t wanted = 0;
  for (const Row &row : rows) {
    if (row.sequence < 0 || row.sequence >= int64_t(texts.size()))
      return fail(Code::kInvalidArgument,
                  fmt::format("sequence {}: the session has {}", row.sequence, texts.size()));
    if (row.token < 0 || row.token >= vocabulary())
      return fail(Code::kInvalidArgument, fmt::format("token {}: expected an id from 0 to {}",
                                                      row.token, vocabulary() - 1));
    ++after[row.sequence];
    wanted += row.output;
  }
  int64_t longest = after.empty() ? 0 : std::ranges::max(after);
  if (longest > contextRows)
    return fail(Code::kInvalidArgument,
                fmt::format("{} tokens do not fit in the context of {}", longest, contextRows),
                contextRows < model->abi().context
                    ? fmt::format("give a shorter text, or a larger --context (at most {})",
                                  model->abi().context)
                    : "give a shorter text");
  if (wanted * vocabulary() != int64_t(logits.size()))
    return fail(Code::kInvalidArgument,
                fmt::format("logits: expected room for {} rows of {}, found {} values", wanted,
                            vocabulary(), logits.size()));
  int64_t missing = 0;
  for (size_t s = 0; s < after.size(); ++s)
    if (after[s] > int64_t(texts[s].size()) &&
        __builtin_add_overflow(missing, cache.missingBytes(int64_t(s), after[s]), &missing))
      missing = INT64_MAX;
  return cache.checkRoom(missing);
}

Status Session::feed(std::span<const Row> rows, std::span<float> logits) {
  OSSCC_RETURN_IF_ERROR(check(rows, logits));
  float *next = logits.data();
  while (!rows.empty()) {
    auto chunk = rows.first(std::min<size_t>(rows.size(), callRows));
    OSSCC_RETURN_IF_ERROR(call(chunk, next));
    next += std::ranges::count(chunk, true, &Row::output) * vocabulary();
    rows = rows.subspan(chunk.size());
  }
  return {};
}

/// One call: rows.size() is 1 .. callRows, everything checked. The texts grow only when it has
/// succeeded; where it has not and a state is neither before it nor behind it, they go back.
Status Session::call(std::span<const Row> rows, float *logits) {
  Status status = run(rows, logits);
  for (size_t s = 0; s < after.size(); ++s) {
    auto held = int64_t(texts[s].size());
    if (!status && after[s] > held && !cache.canResume(int64_t(s), held))
      texts[s].resize(size_t(cache.rewind(int64_t(s), held)));
  }
  return status;
}

Status Session::run(std::span<const Row> rows, float *logits) {
  rowTokens.clear();
  positions.clear();
  sequences.clear();
  outputs.clear();
  takeLengths();
  for (const Row &row : rows) {
    if (row.output)
      outputs.push_back(int64_t(rowTokens.size()));
    rowTokens.push_back(row.token);
    sequences.push_back(row.sequence);
    positions.push_back(after[row.sequence]++);
  }
  for (size_t s = 0; s < after.size(); ++s)
    if (after[s] > int64_t(texts[s].size()))
      OSSCC_RETURN_IF_ERROR(cache.reserve(int64_t(s), after[s]));
  OSSCC_RETURN_IF_ERROR(cache.publish());

  OssccCall call{};
  call.struct_bytes = sizeof call;
  call.rows = int64_t(rows.size());
  call.tokens = rowTokens.data();
  call.positions = positions.data();
  call.sequences = sequences.data();
  call.output_rows = int64_t(outputs.size());
  call.outputs = outputs.data();
  call.output_kind = OSSCC_OUTPUT_LOGITS;
  call.output = logits;
  call.arena = arena.get();
  call.weights = model->weights().data();
  call.caches = cache.tables();
  call.cancel = cancel;
  OSSCC_RETURN_IF_ERROR(runner->run(call, model->segments()));
  for (const Row &row : rows)
    texts[row.sequence].push_back(row.token);
  return {};
}

Status Session::append(int64_t sequence, std::span<const int32_t> ids, std::span<float> logits) {
  std::vector<Row> rows;
  rows.reserve(ids.size());
  for (int32_t id : ids)
    rows.push_back({id, sequence, false});
  if (!rows.empty())
    rows.back().output = !logits.empty();
  return feed(rows, logits);
}

int64_t Session::rewind(int64_t sequence, int64_t length) {
  auto held = int64_t(texts[sequence].size());
  if (length >= held)
    return held;
  int64_t left = cache.rewind(sequence, length);
  texts[sequence].resize(size_t(left));
  return left;
}

} // namespace osscc::rt
