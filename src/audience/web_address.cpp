#include "audience/web_address.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

namespace callboard::audience {
namespace {

namespace urls = boost::urls;

// From 1 to 65535, without leading zeros. Boost.URL takes any number.
bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && number >= 1 &&
         number <= 65535 && text.front() != '0';
}

// The URL, if it is one of http or https that names a host and nobody's credentials.
std::optional<urls::url_view> web_url(std::string_view text) {
  if (text.size() > max_url_bytes) return std::nullopt;
  const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
  if (!parsed) return std::nullopt;
  const urls::url_view& url = *parsed;
  const bool is_web = url.scheme() == "https" || url.scheme() == "http";
  if (!is_web || url.encoded_host().empty() || url.has_userinfo()) return std::nullopt;
  if (url.has_fragment()) return std::nullopt;
  if (url.has_port() && !is_port({url.port().data(), url.port().size()})) return std::nullopt;
  return url;
}

bool is_lower_case(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool has_the_default_port(const urls::url_view& url) {
  return url.port() == (url.scheme() == "https" ? "443" : "80");
}

}  // namespace

bool is_origin(std::string_view text) {
  const auto url = web_url(text);
  return url && is_lower_case(text) && url->encoded_path().empty() && !url->has_query() &&
         !has_the_default_port(*url);
}

bool is_host(std::string_view text) {
  // With a port it stands as it would in either scheme's origin.
  return !text.starts_with("//") && is_origin("http://" + std::string(text)) &&
         is_origin("https://" + std::string(text));
}

bool is_front_end_url(std::string_view text) {
  const auto url = web_url(text);
  return url && !url->has_query();
}

bool is_callable_url(std::string_view text) {
  return web_url(text).has_value();
}

std::string server_of(std::string_view text) {
  const auto url = web_url(text);
  if (!url) return "";
  std::string server(url->encoded_origin().data(), url->encoded_origin().size());
  std::ranges::transform(server, server.begin(), [](unsigned char c) { return std::tolower(c); });
  return server;
}

}  // namespace callboard::audience
