#pragma once

// Finds the route of a method and path. Built once from the route tables, then read-only: any
// thread. A path without parameters costs one hash look-up; the others walk a tree of segments in
// which a literal segment goes before `{name}`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/route.hpp"

namespace callboard::http {

struct RouteMatch {
  const Route* route = nullptr;  // null: nothing answers
  std::size_t index = 0;         // of the route, in Router::routes()
  // Where `route` is null: the methods, one bit each, that the path does know. None: no such path.
  std::uint8_t allowed = 0;
  std::array<std::string_view, max_path_parameters> parameters{};
};

class Router {
 public:
  // Throws Error{invalid} on a malformed pattern, or two routes for the same requests.
  explicit Router(Routes routes);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // `path` is as sent, without the query. HEAD is answered by GET's route.
  RouteMatch find(Method method, std::string_view path) const;
  const Routes& routes() const { return routes_; }

 private:
  struct Endpoint {
    static constexpr std::uint16_t none = 0xffff;
    std::array<std::uint16_t, method_count> routes;
    Endpoint() { routes.fill(none); }
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  struct Segment {
    ByText<std::unique_ptr<Segment>> literal;
    std::unique_ptr<Segment> parameter;
    Endpoint endpoint;
  };

  void add(std::uint16_t index);
  bool choose(const Endpoint& endpoint, Method method, RouteMatch& match) const;
  bool descend(const Segment& segment, std::string_view rest, Method method, std::size_t depth,
               RouteMatch& match) const;

  Routes routes_;
  ByText<Endpoint> exact_;
  Segment root_;
};

constexpr std::uint8_t bit_of(Method method) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(method));
}

// The value of an Allow header: "GET, HEAD, OPTIONS". Where GET is known so is HEAD, and OPTIONS
// always.
std::string allow_header(std::uint8_t methods);

}  // namespace callboard::http
