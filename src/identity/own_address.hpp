#pragma once

// Where this server is reached from outside, and with it whether a browser's request was made by a
// page of its own: the protection of cookies against other sites (CSRF). Read-only: any thread.

#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::identity {

class OwnAddress {
 public:
  // "https://callboard.example.org/base"; empty: wherever the request was sent to.
  explicit OwnAddress(std::string public_url = "");

  // For requests that a cookie vouches for. Throws Error{forbidden} unless `Origin` is the server's
  // own or, where the browser sends none, `Sec-Fetch-Site` says same-origin.
  void require_own_page(const http::Request& request) const;
  // For requests that bring their own proof (a password). Throws Error{forbidden} where the browser
  // says that another site's page makes it.
  void refuse_foreign_page(const http::Request& request) const;

  // What stands under `path`, which begins with '/'.
  std::string url(const http::Request& request, std::string_view path) const;
  // The path that all of its own begin with, for cookies: "/" or that of the public URL.
  std::string base_path() const;

  // The page of a one-time link.
  std::string link(const http::Request& request, std::string_view secret) const;
  // The same where there is no request; `fallback`: what stands for an unknown public URL.
  std::string link(std::string_view fallback, std::string_view secret) const;

 private:
  bool is_own(const http::Request& request, std::string_view origin) const;

  std::string public_url_;  // without a final '/'
  std::string public_origin_;
};

}  // namespace callboard::identity
