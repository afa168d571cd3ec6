#pragma once

// Handlers made of one value's member functions, for the route tables:
//
//   const http::Calls call(KeyCalls{database, clock});
//   return {{Method::get, "/keys", Access::admin, surface, call(&KeyCalls::list)}, ...};
//
// The handlers share the value. Which kind a handler is follows from the function: one that returns
// its answer is blocking(), one that takes a Responder is deferred(). Of two, the first answers
// from memory where it can.

#include <memory>
#include <utility>

#include "http/route.hpp"

namespace callboard::http {

template <class T>
class Calls {
 public:
  explicit Calls(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  Handler operator()(Response (T::*function)(const Request&) const) const {
    return blocking([value = value_, function](const Request& request) {
      return ((*value).*function)(request);
    });
  }
  Handler operator()(void (T::*function)(const Request&, Responder) const) const {
    return deferred([value = value_, function](const Request& request, Responder responder) {
      ((*value).*function)(request, std::move(responder));
    });
  }
  Handler operator()(bool (T::*from_memory)(const Request&, Response&) const,
                     Response (T::*otherwise)(const Request&) const) const {
    Handler handler = (*this)(otherwise);
    handler.from_memory = [value = value_, from_memory](const Request& request,
                                                        Response& response) {
      return ((*value).*from_memory)(request, response);
    };
    return handler;
  }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace callboard::http
