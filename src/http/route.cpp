#include "http/route.hpp"

#include <utility>

namespace callboard::http {

Handler blocking(std::function<Response(const Request&)> function) {
  return deferred([function = std::move(function)](const Request& request, Responder responder) {
    responder.send(function(request));
  });
}

Handler deferred(WorkHandler function) {
  Handler handler;
  handler.work = std::move(function);
  return handler;
}

Handler immediate(std::function<void(const Request&, Response&)> function) {
  Handler handler;
  handler.from_memory = [function = std::move(function)](const Request& request,
                                                         Response& response) {
    function(request, response);
    return true;
  };
  return handler;
}

}  // namespace callboard::http
