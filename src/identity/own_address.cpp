#include "identity/own_address.hpp"

#include <utility>

#include "base/error.hpp"

namespace callboard::identity {
namespace {

// What browsers say of a request that no page made: typed, or from a bookmark.
constexpr std::string_view by_hand = "none";
constexpr std::string_view same_origin = "same-origin";

std::string origin_of_target(const http::Request& request) {
  return (request.secure ? "https://" : "http://") +
         std::string(request.header("Host").value_or(""));
}

// Scheme, host and port, without the path.
std::string origin_part(const std::string& url) {
  const auto scheme_end = url.find("://");
  return scheme_end == std::string::npos ? url : url.substr(0, url.find('/', scheme_end + 3));
}

std::string joined(std::string_view base, std::string_view secret) {
  return std::string(base) + "/link#" + std::string(secret);
}

Error foreign() {
  return {ErrorCode::forbidden,
          "this needs an Origin header that is this server's own (is public_url set right?)"};
}

}  // namespace

OwnAddress::OwnAddress(std::string public_url)
    : public_url_(std::move(public_url)), public_origin_(origin_part(public_url_)) {
  if (public_url_.ends_with('/')) public_url_.pop_back();
}

bool OwnAddress::is_own(const http::Request& request, std::string_view origin) const {
  return http::equal_ignoring_case(origin, origin_of_target(request)) ||
         (!public_origin_.empty() && http::equal_ignoring_case(origin, public_origin_));
}

void OwnAddress::require_own_page(const http::Request& request) const {
  const auto origin = request.header("Origin");
  const bool is_ours = origin ? is_own(request, *origin)
                              : request.header("Sec-Fetch-Site").value_or("") == same_origin;
  if (!is_ours) throw foreign();
}

void OwnAddress::refuse_foreign_page(const http::Request& request) const {
  const auto origin = request.header("Origin");
  const std::string_view site = request.header("Sec-Fetch-Site").value_or(by_hand);
  const bool is_foreign =
      origin ? !is_own(request, *origin) : site != same_origin && site != by_hand;
  if (is_foreign) throw foreign();
}

std::string OwnAddress::url(const http::Request& request, std::string_view path) const {
  return (public_url_.empty() ? origin_of_target(request) : public_url_) + std::string(path);
}

std::string OwnAddress::base_path() const {
  return public_url_.size() > public_origin_.size() ? public_url_.substr(public_origin_.size())
                                                    : "/";
}

std::string OwnAddress::link(const http::Request& request, std::string_view secret) const {
  return link(origin_of_target(request), secret);
}

std::string OwnAddress::link(std::string_view fallback, std::string_view secret) const {
  return joined(public_url_.empty() ? fallback : std::string_view(public_url_), secret);
}

}  // namespace callboard::identity
