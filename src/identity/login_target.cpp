#include "identity/login_target.hpp"

#include <algorithm>
#include <boost/url.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::identity {
namespace {

namespace urls = boost::urls;

// Scheme, host and port, as browsers write an origin.
std::string origin_of(const urls::url_view& url) {
  std::string origin(url.scheme());
  origin.append("://").append(url.encoded_host());
  if (url.has_port()) origin.append(":").append(url.port());
  return origin;
}

std::optional<std::string> origin_in(std::string_view text) {
  const auto url = urls::parse_uri(text);
  if (!url || !url->has_authority()) return std::nullopt;
  return origin_of(*url);
}

Error no_local_path() {
  return invalid_at("/redirect_path", "redirect_path must be a path such as /main-stage");
}

// Browsers take a backslash for a slash and drop tabs and line ends: neither may have a say in
// where the path ends and a host begins.
void require_local_path(std::string_view path) {
  const bool starts_well = path.starts_with('/') && !path.starts_with("//");
  const bool is_plain = std::ranges::none_of(
      path, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; });
  const bool has_good_size = path.size() <= max_redirect_path_bytes;
  if (!starts_well || !is_plain || !has_good_size || !is_valid_utf8(path)) throw no_local_path();
}

bool may_stand(unsigned char c) {
  constexpr std::string_view allowed = "-._~!$&'()*+,;=:@/?%#";
  return std::isalnum(c) != 0 || allowed.find(static_cast<char>(c)) != std::string_view::npos;
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out += '%';
  out += digits[c >> 4];
  out += digits[c & 15];
}

bool is_escape(std::string_view text) {
  return text.size() >= 3 && std::isxdigit(static_cast<unsigned char>(text[1])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(text[2])) != 0;
}

// As it stands in a header: what no URL may hold is escaped, an escape stays one.
std::string escaped(std::string_view path) {
  std::string out;
  bool in_fragment = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    const bool stray = (c == '%' && !is_escape(path.substr(i))) || (c == '#' && in_fragment);
    if (stray || !may_stand(c)) {
      append_escaped(out, c);
    } else {
      out += static_cast<char>(c);
    }
    in_fragment |= c == '#';
  }
  return out;
}

std::string base_path_of(const std::string& front_end_url) {
  const auto url = urls::parse_uri(front_end_url);
  if (!url || url->encoded_path().empty()) return "/";
  return std::string(url->encoded_path());
}

bool allows(const audience::AppSettings& settings, const std::string& origin) {
  return std::ranges::find(settings.allowed_origins, origin) != settings.allowed_origins.end();
}

}  // namespace

std::string login_target(const audience::AppSettings& settings,
                         std::optional<std::string_view> referer, std::string_view redirect_path) {
  std::string path = base_path_of(settings.front_end_url);
  if (!redirect_path.empty()) {
    require_local_path(redirect_path);
    path = escaped(redirect_path);
  }
  const auto from = referer ? origin_in(*referer) : std::nullopt;
  const auto own = origin_in(settings.front_end_url);
  if (!own && !(from && allows(settings, *from))) return path;
  const std::string origin = from && allows(settings, *from) ? *from : *own;
  // Whatever the path held, the whole must still be of that origin.
  std::string target = origin + path;
  if (origin_in(target) != origin) throw no_local_path();
  return target;
}

std::string with_query_pair(std::string_view target, std::string_view name,
                            std::string_view value) {
  const auto hash = target.find('#');
  std::string out(target.substr(0, hash));
  out += out.find('?') == std::string::npos ? '?' : '&';
  out.append(name).append("=");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      append_escaped(out, byte);
    }
  }
  if (hash != std::string_view::npos) out += target.substr(hash);
  return out;
}

}  // namespace callboard::identity
