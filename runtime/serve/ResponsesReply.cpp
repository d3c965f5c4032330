// Answers of /v1/responses: a list of items, thoughts, messages and calls, in the order in which
// they came.
#include "runtime/serve/Reply.h"

#include <boost/json/array.hpp>

#include <ctime>

namespace osscc::rt::serve {
namespace {

namespace json = boost::json;

/// One item of the output.
struct Item {
  Piece::Kind kind; ///< kContent, kReasoning or kCall.
  std::string id, callId, name, text;
};

const char *partType(Piece::Kind kind) {
  return kind == Piece::kReasoning ? "reasoning_text" : "output_text";
}

json::object partJson(const Item &item, std::string_view text) {
  json::object part{{"type", partType(item.kind)}, {"text", text}};
  if (item.kind == Piece::kContent) {
    part["annotations"] = json::array();
    part["logprobs"] = json::array();
  }
  return part;
}

json::object itemJson(const Item &item, bool isDone) {
  const char *status = isDone ? "completed" : "in_progress";
  if (item.kind == Piece::kCall)
    return {{"type", "function_call"}, {"id", item.id},          {"call_id", item.callId},
            {"name", item.name},       {"arguments", item.text}, {"status", status}};
  json::array content;
  if (isDone)
    content.push_back(partJson(item, item.text));
  if (item.kind == Piece::kReasoning)
    return {{"type", "reasoning"},
            {"id", item.id},
            {"summary", json::array()},
            {"content", std::move(content)},
            {"status", status}};
  return {{"type", "message"},
          {"id", item.id},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

class ResponsesReply final : public Reply {
public:
  ResponsesReply(const Generation &generation, const Served &served)
      : served(served), settings(generation.settings), maxTokens(generation.maxTokens),
        id(freshId("resp_")), usage(1) {}

  std::string begin() override {
    return event("response.created", {{"response", response("in_progress")}}) +
           event("response.in_progress", {{"response", response("in_progress")}});
  }
  std::string events(const Step &step) override {
    std::string all;
    for (const Piece &piece : step.pieces)
      all += take(piece);
    if (step.ending)
      end(*step.ending);
    return all;
  }
  std::string close() override {
    std::string all = closeItem();
    std::string name = isCut() ? "response.incomplete" : "response.completed";
    return all + event(name, {{"response", whole()}});
  }
  void add(Step step) override { events(step); }
  json::object whole() override { return response(isCut() ? "incomplete" : "completed"); }

private:
  bool isCut() const { return ending.reason == "length"; }
  void end(const Ending &how) {
    ending = how;
    usage.add(0, how);
  }

  std::string event(std::string_view type, json::object data) {
    data["type"] = type;
    data["sequence_number"] = number++;
    return serverEvent(data, type);
  }
  /// An event of the item that came last. \param hasPart  whether it names the part of its content.
  std::string itemEvent(std::string_view type, json::object data, bool hasPart = false) {
    data["output_index"] = items.size() - 1;
    if (hasPart)
      data["content_index"] = 0;
    if (!data.contains("item"))
      data["item_id"] = items.back().id;
    return event(type, std::move(data));
  }

  std::string open(Piece::Kind kind, const std::string &name) {
    const char *prefix = kind == Piece::kReasoning ? "rs_" : kind == Piece::kCall ? "fc_" : "msg_";
    items.push_back(
        {kind, freshId(prefix), kind == Piece::kCall ? freshId("call_") : "", name, ""});
    isOpen = true;
    std::string all =
        itemEvent("response.output_item.added", {{"item", itemJson(items.back(), false)}});
    if (kind != Piece::kCall)
      all += itemEvent("response.content_part.added", {{"part", partJson(items.back(), "")}}, true);
    return all;
  }
  std::string closeItem() {
    if (!std::exchange(isOpen, false))
      return {};
    const Item &item = items.back();
    std::string all;
    if (item.kind == Piece::kCall) {
      all = itemEvent("response.function_call_arguments.done",
                      {{"arguments", item.text}, {"name", item.name}});
    } else {
      std::string name = std::string("response.") + partType(item.kind) + ".done";
      all = itemEvent(name, {{"text", item.text}, {"logprobs", json::array()}}, true);
      all += itemEvent("response.content_part.done", {{"part", partJson(item, item.text)}}, true);
    }
    return all + itemEvent("response.output_item.done", {{"item", itemJson(item, true)}});
  }
  std::string take(const Piece &piece) {
    if (piece.kind == Piece::kCall)
      return closeItem() + open(piece.kind, piece.text);
    std::string all;
    bool isArguments = piece.kind == Piece::kArguments;
    if (!isArguments && (!isOpen || items.back().kind != piece.kind)) {
      all = closeItem();
      all += open(piece.kind, "");
    }
    items.back().text += piece.text;
    json::object delta{{"delta", piece.text}};
    if (isArguments)
      return itemEvent("response.function_call_arguments.delta", std::move(delta));
    if (piece.kind == Piece::kContent)
      delta["logprobs"] = json::array();
    return all + itemEvent(std::string("response.") + partType(piece.kind) + ".delta",
                           std::move(delta), true);
  }

  json::object response(std::string_view status) const {
    json::array output;
    for (const Item &item : items)
      output.push_back(itemJson(item, true));
    bool isDone = status != "in_progress";
    json::value details = nullptr;
    if (status == "incomplete")
      details = json::object{{"reason", "max_output_tokens"}};
    return {{"id", id},
            {"object", "response"},
            {"created_at", created},
            {"status", status},
            {"error", nullptr},
            {"incomplete_details", std::move(details)},
            {"instructions", nullptr},
            {"max_output_tokens", maxTokens ? json::value(*maxTokens) : json::value(nullptr)},
            {"model", served.name},
            {"output", std::move(output)},
            {"parallel_tool_calls", true},
            {"previous_response_id", nullptr},
            {"store", false},
            {"temperature", settings.sampler.temperature},
            {"text", {{"format", {{"type", "text"}}}}},
            {"tool_choice", "auto"},
            {"tools", json::array()},
            {"top_p", settings.sampler.topP},
            {"truncation", "disabled"},
            {"usage", isDone ? json::value(usage.responsesJson()) : json::value(nullptr)},
            {"metadata", json::object()}};
  }

  const Served &served;
  const Settings settings;
  const std::optional<int64_t> maxTokens;
  const std::string id;
  const int64_t created = std::time(nullptr);
  UsageSum usage;
  Ending ending;
  std::vector<Item> items;
  bool isOpen = false; ///< Whether the last item may grow.
  int64_t number = 0;
};

} // namespace

std::unique_ptr<Reply> makeResponsesReply(const Generation &generation, const Served &served) {
  return std::make_unique<ResponsesReply>(generation, served);
}

} // namespace osscc::rt::serve
