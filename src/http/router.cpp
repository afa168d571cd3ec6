#include "http/router.hpp"

#include <utility>

#include "base/error.hpp"

namespace callboard::http {
namespace {

[[noreturn]] void refuse(const Route& route, std::string_view why) {
  throw Error(ErrorCode::invalid, "route " + std::string(name_of(route.method)) + " " + route.path +
                                      ": " + std::string(why));
}

// Takes the first segment off `path`, which begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

Router::Router(Routes routes) : routes_(std::move(routes)) {
  for (std::size_t i = 0; i < routes_.size(); ++i) add(static_cast<std::uint16_t>(i));
}

void Router::add(std::uint16_t index) {
  const Route& route = routes_[index];
  if (!route.path.starts_with('/')) refuse(route, "the path must begin with a slash");
  if (!route.handler.from_memory && !route.handler.work) refuse(route, "there is no handler");
  std::size_t parameters = 0;
  Segment* segment = &root_;
  for (std::string_view rest = route.path; !rest.empty();) {
    const std::string_view text = take_segment(rest);
    if (!is_parameter(text) && text.find_first_of("{}") != text.npos) {
      refuse(route, "a parameter must be a whole segment");
    }
    parameters += is_parameter(text) ? 1 : 0;
    auto& next = is_parameter(text) ? segment->parameter : segment->literal[std::string(text)];
    if (!next) next = std::make_unique<Segment>();
    segment = next.get();
  }
  if (parameters > max_path_parameters) refuse(route, "too many parameters");
  Endpoint& endpoint = parameters == 0 ? exact_[route.path] : segment->endpoint;
  auto& slot = endpoint.routes[static_cast<std::size_t>(route.method)];
  if (slot != Endpoint::none) refuse(route, "the same requests already have a route");
  slot = index;
}

RouteMatch Router::find(Method method, std::string_view path) const {
  RouteMatch match;
  if (!path.starts_with('/')) return match;
  const auto exact = exact_.find(path);
  if (exact != exact_.end() && choose(exact->second, method, match)) return match;
  descend(root_, path, method, 0, match);
  return match;
}

// True: `endpoint` answers. Otherwise what it would answer is noted.
bool Router::choose(const Endpoint& endpoint, Method method, RouteMatch& match) const {
  std::uint16_t index = endpoint.routes[static_cast<std::size_t>(method)];
  if (index == Endpoint::none && method == Method::head) {
    index = endpoint.routes[static_cast<std::size_t>(Method::get)];
  }
  if (index != Endpoint::none) {
    match.route = &routes_[index];
    match.index = index;
    return true;
  }
  for (std::size_t i = 0; i < method_count; ++i) {
    if (endpoint.routes[i] != Endpoint::none) match.allowed |= bit_of(static_cast<Method>(i));
  }
  return false;
}

// The depth is bounded by the longest pattern, whatever the path is.
bool Router::descend(const Segment& segment, std::string_view rest, Method method,
                     std::size_t depth, RouteMatch& match) const {
  if (rest.empty()) return choose(segment.endpoint, method, match);
  const std::string_view text = take_segment(rest);
  const auto literal = segment.literal.find(text);
  if (literal != segment.literal.end() && descend(*literal->second, rest, method, depth, match)) {
    return true;
  }
  if (!segment.parameter) return false;
  match.parameters[depth] = text;
  return descend(*segment.parameter, rest, method, depth + 1, match);
}

std::string allow_header(std::uint8_t methods) {
  if ((methods & bit_of(Method::get)) != 0) methods |= bit_of(Method::head);
  methods |= bit_of(Method::options);
  std::string text;
  for (std::size_t i = 0; i < method_count; ++i) {
    const auto method = static_cast<Method>(i);
    if ((methods & bit_of(method)) == 0) continue;
    text.append(text.empty() ? "" : ", ").append(name_of(method));
  }
  return text;
}

}  // namespace callboard::http
