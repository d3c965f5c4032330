// Which request is answered by what.
#pragma once

#include "runtime/serve/Access.h"
#include "runtime/serve/Exchange.h"
#include "runtime/serve/Scheduler.h"

#include <functional>
#include <map>

namespace osscc::rt::serve {

struct AccessRules {
  std::string address; ///< That is listened at.
  Keys keys = {};
  std::vector<std::string> origins = {}; ///< Of other pages that may ask; "*": all.
};

class Routes {
public:
  Routes(const Served &served, Scheduler &scheduler, Metrics &metrics, AccessRules rules);

  /// Looks at a header: whether path, method, Host, Origin and key are right. \returns the answer
  /// to one that is wrong, or that needs no body.
  std::unique_ptr<HttpResponse> admit(const HttpRequest &request) const;

  /// Answers a request that was admitted.
  void handle(HttpRequest request, std::shared_ptr<Responder> responder);

  /// The answer to what is no request.
  HttpResponse refuse(int status, const std::string &message) const;

  void drain() { isDraining = true; }

private:
  using Handler = void (Routes::*)(const HttpRequest &, const std::shared_ptr<Responder> &);
  struct Route {
    std::string method;
    Handler handler;
    bool isOpen = false; ///< To those without a key.
  };
  using Headers = std::vector<std::pair<std::string, std::string>>;

  const Route *find(const std::string &path) const;
  std::string labelOf(const std::string &path) const;
  void checkAccess(const HttpRequest &request, const Route &route) const;
  Headers corsHeaders(const HttpRequest &request) const;
  HttpResponse finished(HttpResponse response, const HttpRequest &request) const;
  void answer(const HttpRequest &request, const std::shared_ptr<Responder> &responder,
              HttpResponse response);
  void draw(const HttpRequest &request, const std::shared_ptr<Responder> &responder,
            const Generation &generation, std::unique_ptr<Reply> reply);

  void chat(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void complete(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void respond(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void tokenize(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void detokenize(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void listModels(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void showModel(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void showHealth(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void showPage(const HttpRequest &request, const std::shared_ptr<Responder> &responder);
  void showMetrics(const HttpRequest &request, const std::shared_ptr<Responder> &responder);

  const Served &served;
  Scheduler &scheduler;
  Metrics &metrics;
  const AccessRules rules;
  std::map<std::string, Route, std::less<>> routes;
  std::atomic<bool> isDraining = false;
};

} // namespace osscc::rt::serve
