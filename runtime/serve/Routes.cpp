#include "runtime/serve/Routes.h"

#include "runtime/serve/Messages.h"
#include "runtime/serve/ToolFields.h"
#include "runtime/template/ReadJson.h"
#include "runtime/web/Web.h"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace osscc::rt::serve {
namespace {

namespace json = boost::json;

constexpr unsigned kDepth = 64; // of the JSON of a request
constexpr std::string_view kModels = "/v1/models/";

Fields readBody(const std::string &body) {
  Result<Value> value = readJson(body, /*isTemplate=*/false, kDepth);
  if (!value)
    throw ApiError{.message = "the body is no JSON: " + value.error().message,
                   .param = "",
                   .code = "invalid_json"};
  return Fields(*value, "");
}

json::object modelJson(const Served &served) {
  return {{"id", served.name},
          {"object", "model"},
          {"created", served.started},
          {"owned_by", "osscc"},
          {"context_length", served.context},
          {"max_model_len", served.context}};
}

} // namespace

Routes::Routes(const Served &served, Scheduler &scheduler, Metrics &metrics, AccessRules rules)
    : served(served), scheduler(scheduler), metrics(metrics), rules(std::move(rules)) {
  routes = {{"/v1/chat/completions", {"POST", &Routes::chat}},
            {"/v1/completions", {"POST", &Routes::complete}},
            {"/v1/responses", {"POST", &Routes::respond}},
            {"/v1/models", {"GET", &Routes::listModels}},
            {std::string(kModels), {"GET", &Routes::showModel}},
            {"/tokenize", {"POST", &Routes::tokenize}},
            {"/detokenize", {"POST", &Routes::detokenize}},
            {"/metrics", {"GET", &Routes::showMetrics}},
            {"/health", {"GET", &Routes::showHealth, /*isOpen=*/true}}};
  for (std::string_view path : webPaths()) // a browser asks for a page without a key
    routes.emplace(path, Route{"GET", &Routes::showPage, /*isOpen=*/true});
}

const Routes::Route *Routes::find(const std::string &path) const {
  bool isModel = path.starts_with(kModels) && path.size() > kModels.size();
  auto found = routes.find(isModel ? kModels : std::string_view(path));
  return found == routes.end() || (path == kModels) ? nullptr : &found->second;
}

/// A path for the metrics, whatever clients ask for.
std::string Routes::labelOf(const std::string &path) const {
  return !find(path) ? "other" : path.starts_with(kModels) ? std::string(kModels) : path;
}

void Routes::checkAccess(const HttpRequest &request, const Route &route) const {
  // With a key a page can do nothing that its reader has not the key for.
  if (rules.keys.empty() && !isOwnHost(request.host, rules.address))
    throw ApiError{.status = 403,
                   .message = fmt::format("Host: '{}' is no name of this server", request.host),
                   .param = "",
                   .code = "wrong_host"};
  if (!route.isOpen && !rules.keys.find(request.authorization))
    throw ApiError{.status = 401,
                   .message = "a key is needed: Authorization: Bearer KEY",
                   .param = "",
                   .code = "invalid_api_key"};
}

/// What tells a browser that a page of another origin may read the answer. Throws ApiError for an
/// origin that may not.
Routes::Headers Routes::corsHeaders(const HttpRequest &request) const {
  if (request.origin.empty() || isOwnOrigin(request.origin, request.host))
    return {};
  bool mayAll = std::ranges::find(rules.origins, "*") != rules.origins.end();
  if (!mayAll && std::ranges::find(rules.origins, request.origin) == rules.origins.end())
    throw ApiError{.status = 403,
                   .message =
                       fmt::format("Origin: pages of '{}' may not ask this server", request.origin),
                   .param = "",
                   .code = "wrong_origin"};
  return {{"Access-Control-Allow-Origin", request.origin},
          {"Access-Control-Allow-Methods", "GET, POST, OPTIONS"},
          {"Access-Control-Allow-Headers", "authorization, content-type"},
          {"Access-Control-Max-Age", "600"},
          {"Vary", "Origin"}};
}

std::unique_ptr<HttpResponse> Routes::admit(const HttpRequest &request) const {
  auto reply = [&](HttpResponse response) {
    metrics.addRequest(labelOf(request.path), response.status);
    return std::make_unique<HttpResponse>(std::move(response));
  };
  Headers headers;
  try {
    headers = corsHeaders(request);
    const Route *route = find(request.path);
    if (!route)
      throw ApiError{.status = 404,
                     .message = fmt::format("{} is not served", request.path.substr(0, 100)),
                     .param = "",
                     .code = "unknown_path"};
    if (request.method == "OPTIONS")
      return reply({.status = 204, .headers = headers});
    if (request.method != route->method)
      throw ApiError{.status = 405,
                     .message = fmt::format("{}: expected {}, found {}", request.path,
                                            route->method, request.method),
                     .param = "",
                     .code = "method_not_allowed"};
    checkAccess(request, *route);
  } catch (const ApiError &error) {
    HttpResponse response = errorResponse(error);
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    if (error.status == 405)
      response.headers.emplace_back("Allow", find(request.path)->method);
    return reply(std::move(response));
  }
  return nullptr;
}

HttpResponse Routes::refuse(int status, const std::string &message) const {
  metrics.addRequest("other", status);
  return errorResponse({.status = status, .message = message, .param = "", .code = ""});
}

void Routes::handle(HttpRequest request, std::shared_ptr<Responder> responder) {
  ApiError error;
  try {
    return (this->*find(request.path)->handler)(request, responder);
  } catch (const ApiError &known) {
    error = known;
  } catch (const std::bad_alloc &) {
    error = {.status = 503, .message = "out of memory", .param = "", .code = "out_of_memory"};
  }
  answer(request, responder, errorResponse(error));
}

void Routes::answer(const HttpRequest &request, const std::shared_ptr<Responder> &responder,
                    HttpResponse response) {
  for (auto &header : corsHeaders(request))
    response.headers.push_back(std::move(header));
  metrics.addRequest(labelOf(request.path), response.status);
  responder->respond(std::move(response));
}

void Routes::draw(const HttpRequest &request, const std::shared_ptr<Responder> &responder,
                  const Generation &generation, std::unique_ptr<Reply> reply) {
  if (isDraining)
    throw ApiError{.status = 503,
                   .message = "the server is being stopped",
                   .param = "",
                   .code = "server_stopped"};
  size_t answers = generation.prompts.size() * size_t(generation.settings.answers);
  auto exchange = std::make_shared<Exchange>(
      responder, std::move(reply), generation.settings.streams, answers, corsHeaders(request),
      [this, path = request.path](int status) { metrics.addRequest(path, status); });
  auto jobs = generation.jobs(exchange, request.connection,
                              rules.keys.find(request.authorization).value_or(0));
  // A stream begins before its first step may come; it has no end where the queue is full.
  std::vector<std::weak_ptr<Job>> begun(jobs.begin(), jobs.end());
  if (!scheduler.submit(jobs, [&] { exchange->begin(); }))
    throw ApiError{.status = 429,
                   .message = "too many requests wait already",
                   .param = "",
                   .code = "queue_full"};
  responder->onGone([&scheduler = scheduler, begun] {
    for (const auto &each : begun)
      if (auto job = each.lock())
        job->isCancelled = true;
    scheduler.wake();
  });
}

void Routes::chat(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  Generation generation = readChat(readBody(request.body), served);
  draw(request, responder, generation, makeChatReply(generation, served));
}

void Routes::complete(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  Generation generation = readCompletion(readBody(request.body), served);
  draw(request, responder, generation, makeCompletionReply(generation, served));
}

void Routes::respond(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  Generation generation = readResponses(readBody(request.body), served);
  draw(request, responder, generation, makeResponsesReply(generation, served));
}

void Routes::tokenize(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  Fields body = readBody(request.body);
  std::vector<int32_t> ids;
  if (body.has("messages")) {
    Tools tools = readTools(body);
    ids = renderChat(served, served.reasoning, readMessages(body, served.system), tools).ids;
  } else {
    std::string name = body.has("content") ? "content" : "prompt";
    bool matches = body.flag("parse_special").value_or(false);
    auto encoded = served.tokenizer.encode(body.needText(name),
                                           matches ? SpecialTokens::kMatch : SpecialTokens::kText);
    if (!encoded)
      throw ApiError{
          .message = name + ": " + encoded.error().message, .param = name, .code = "invalid_value"};
    ids = std::move(*encoded);
  }
  json::array tokens(ids.begin(), ids.end());
  answer(request, responder,
         jsonResponse({{"tokens", std::move(tokens)},
                       {"count", ids.size()},
                       {"max_model_len", served.context}}));
}

void Routes::detokenize(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  Fields body = readBody(request.body);
  std::vector<int32_t> ids =
      readIds(body.needList("tokens", SIZE_MAX), "tokens", served.vocabulary);
  std::string text = served.tokenizer.decode(ids);
  answer(request, responder, jsonResponse({{"content", text}, {"prompt", text}}));
}

void Routes::listModels(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  answer(request, responder,
         jsonResponse({{"object", "list"}, {"data", json::array{modelJson(served)}}}));
}

void Routes::showModel(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  std::string name = request.path.substr(kModels.size());
  if (name != served.name)
    throw ApiError{.status = 404,
                   .message = fmt::format("the model '{}' is not served; there is '{}'",
                                          name.substr(0, 100), served.name),
                   .param = "model",
                   .code = "model_not_found"};
  answer(request, responder, jsonResponse(modelJson(served)));
}

void Routes::showHealth(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  bool stops = isDraining;
  answer(request, responder,
         jsonResponse({{"status", stops ? "stopping" : "ok"}}, stops ? 503 : 200));
}

void Routes::showPage(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  const WebFile *file = webFile(request.path);
  answer(request, responder,
         {.contentType = std::string(file->type),
          .body = std::string(file->bytes),
          .headers = {{"Content-Security-Policy", std::string(kWebPolicy)},
                      {"Referrer-Policy", "no-referrer"}}});
}

void Routes::showMetrics(const HttpRequest &request, const std::shared_ptr<Responder> &responder) {
  answer(request, responder,
         {.contentType = "text/plain; version=0.0.4; charset=utf-8", .body = metrics.text()});
}

} // namespace osscc::rt::serve
