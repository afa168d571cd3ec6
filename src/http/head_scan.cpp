#include "http/head_scan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace callboard::http {
namespace {

using Verdict = std::optional<Refusal>;
constexpr Verdict accepted = std::nullopt;

Verdict bad(std::string_view reason) {
  return Refusal{400, reason};
}

constexpr std::array<bool, 256> characters(std::string_view extra) {
  std::array<bool, 256> set{};
  for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) set[c] = set[c | 0x20] = true;
  for (const char c : extra) set[static_cast<unsigned char>(c)] = true;
  return set;
}
constexpr auto token_chars = characters("!#$%&'*+-.^_`|~");
constexpr auto host_chars = characters("-._~%!$&'()*+,;=");
constexpr auto literal_address_chars = characters(":.");

bool all_in(const std::array<bool, 256>& set, std::string_view text) {
  return std::ranges::all_of(text, [&](char c) { return set[static_cast<unsigned char>(c)]; });
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Eight bytes at a time: whether one is below 0x20 or is DEL. Exact as a yes or no, though not for
// which byte; a tab counts as a control character here.
bool has_control(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x80 * ones;
  const std::uint64_t low = (word - 0x20 * ones) & ~word & highs;
  const std::uint64_t as_zero = word ^ (0x7f * ones);
  const std::uint64_t del = (as_zero - ones) & ~as_zero & highs;
  return (low | del) != 0;
}

bool is_field_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Plain loops: find_first_not_of would call memchr for every character.
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The token that the text begins with; it may be empty.
std::string_view leading_token(std::string_view text) {
  const auto is_token = [](char c) { return token_chars[static_cast<unsigned char>(c)]; };
  return {text.begin(), std::ranges::find_if_not(text, is_token)};
}

std::optional<Method> method_named(std::string_view name) {
  for (std::size_t i = 0; i < method_count; ++i) {
    if (name_of(static_cast<Method>(i)) == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

bool is_valid_host(std::string_view host) {
  std::string_view name = host, port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == host.npos || end < 3 || !all_in(literal_address_chars, host.substr(1, end - 1))) {
      return false;
    }
    port = host.substr(end + 1);
  } else {
    name = host.substr(0, host.find(':'));
    port = host.substr(name.size());
    if (!all_in(host_chars, name)) return false;
  }
  if (name.empty()) return false;
  return port.empty() || (port.size() <= 6 && port.front() == ':' && all_digits(port.substr(1)));
}

class HeadScan {
 public:
  HeadScan(const HeadLimits& limits, Head& head) : limits_(limits), head_(head) {}

  Verdict scan(std::string_view bytes) {
    if (const Verdict refused = request_line(take_line(bytes))) return refused;
    for (std::string_view line; !(line = take_line(bytes)).empty();) {
      if (head_.headers.size() == limits_.count) return Refusal{431, "too many headers"};
      if (const Verdict refused = header_line(line)) return refused;
    }
    return whole();
  }

 private:
  static std::string_view take_line(std::string_view& bytes) {
    const std::string_view line = bytes.substr(0, bytes.find('\n') - 1);
    bytes.remove_prefix(line.size() + 2);
    return line;
  }

  Verdict request_line(std::string_view line) {
    const std::string_view method = leading_token(line);
    if (method.empty() || method.size() == line.size() || line[method.size()] != ' ') {
      return bad("malformed request line");
    }
    line.remove_prefix(method.size() + 1);
    const std::string_view target = line.substr(0, line.find(' '));
    if (target.size() == line.size()) return bad("malformed request line");
    if (const Verdict refused = version(line.substr(target.size() + 1))) return refused;
    const auto known = method_named(method);
    if (!known) return Refusal{501, "unknown method"};
    head_.method = *known;
    return take_target(target);
  }

  Verdict version(std::string_view text) {
    if (text == "HTTP/1.1") return accepted;
    head_.http_1_0 = text == "HTTP/1.0";
    head_.keep_alive = false;
    if (head_.http_1_0) return accepted;
    const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.' &&
                             all_digits(text.substr(5, 1)) && all_digits(text.substr(7));
    if (well_formed) return Refusal{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    return bad("malformed request line");
  }

  Verdict take_target(std::string_view target) {
    if (target.size() > limits_.target) return Refusal{414, "the URL is too long"};
    const bool visible =
        std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
    if (!visible) return bad("malformed request target");
    const bool of_server = target == "*" && head_.method == Method::options;
    if (!target.starts_with('/') && !of_server) return absolute_target(target);
    head_.target = target;
    return accepted;
  }

  Verdict absolute_target(std::string_view target) {
    const std::string_view scheme = target.substr(0, target.find("://"));
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
      return bad("the target must be a path");
    }
    target.remove_prefix(scheme.size() + 3);
    head_.authority = target.substr(0, target.find_first_of("/?"));
    head_.target = target.substr(head_.authority.size());
    if (!is_valid_host(head_.authority)) return bad("invalid host in the target");
    if (head_.target.starts_with('?')) return bad("the target must have a path");
    if (head_.target.empty()) head_.target = head_.method == Method::options ? "*" : "/";
    return accepted;
  }

  Verdict header_line(std::string_view line) {
    const std::string_view name = leading_token(line);
    if (name.empty() || name.size() == line.size() || line[name.size()] != ':') {
      return bad("malformed header name");
    }
    const std::string_view value = line.substr(name.size() + 1);
    if (!is_field_text(value)) return bad("control character in a header");
    head_.headers.push_back({name, trimmed(value)});
    return framing_header(name, head_.headers.back().value);
  }

  // The length tells most names apart from those that matter here.
  Verdict framing_header(std::string_view name, std::string_view value) {
    const auto is = [&](std::string_view known) { return equal_ignoring_case(name, known); };
    switch (name.size()) {
      case 4:
        return is("Host") ? host(value) : accepted;
      case 6:
        return is("Expect") ? expect(value) : accepted;
      case 10:
        return is("Connection") ? connection(value) : accepted;
      case 14:
        return is("Content-Length") ? content_length(value) : accepted;
      case 17:
        return is("Transfer-Encoding") ? transfer_encoding(value) : accepted;
      default:
        return accepted;
    }
  }

  Verdict host(std::string_view value) {
    if (std::exchange(has_host_, true)) return bad("more than one Host");
    if (!is_valid_host(value)) return bad("invalid Host");
    const bool agrees = head_.authority.empty() || equal_ignoring_case(head_.authority, value);
    return agrees ? accepted : bad("Host and the target's host differ");
  }

  Verdict expect(std::string_view value) {
    if (head_.http_1_0) return accepted;
    if (!equal_ignoring_case(value, "100-continue")) return Refusal{417, "unknown expectation"};
    head_.expects_continue = true;
    return accepted;
  }

  Verdict connection(std::string_view value) {
    while (!value.empty()) {
      const std::string_view element = value.substr(0, value.find(','));
      value.remove_prefix(std::min(element.size() + 1, value.size()));
      const std::string_view option = trimmed(element);
      if (!option.empty() && !is_token(option)) return bad("malformed Connection");
      close_ |= equal_ignoring_case(option, "close");
      keep_alive_ |= equal_ignoring_case(option, "keep-alive");
    }
    return accepted;
  }

  Verdict content_length(std::string_view value) {
    if (head_.content_length) return bad("more than one Content-Length");
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (value.empty() || error != std::errc() || end != value.data() + value.size()) {
      return bad("invalid Content-Length");
    }
    head_.content_length = length;
    return accepted;
  }

  Verdict transfer_encoding(std::string_view value) {
    ++encodings_;
    head_.chunked = encodings_ == 1 && equal_ignoring_case(value, "chunked");
    return accepted;
  }

  // What only the end of the head can tell.
  Verdict whole() {
    if (!has_host_ && !head_.http_1_0) return bad("Host is missing");
    if (encodings_ > 0) {
      if (head_.content_length) return bad("both Content-Length and Transfer-Encoding");
      if (head_.http_1_0) return bad("Transfer-Encoding in HTTP/1.0");
      if (!head_.chunked) return Refusal{501, "the only transfer coding known is chunked"};
    }
    if (close_) head_.keep_alive = false;
    if (head_.http_1_0) head_.keep_alive = keep_alive_ && !close_;
    return accepted;
  }

  const HeadLimits& limits_;
  Head& head_;
  bool has_host_ = false, close_ = false, keep_alive_ = false;
  std::size_t encodings_ = 0;
};

}  // namespace

bool is_token_char(char c) {
  return token_chars[static_cast<unsigned char>(c)];
}

bool is_token(std::string_view text) {
  return !text.empty() && all_in(token_chars, text);
}

bool is_field_text(std::string_view text) {
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    if (has_control(word)) break;
    text.remove_prefix(sizeof word);
  }
  return std::ranges::all_of(text, is_field_char);
}

std::optional<std::size_t> HeadEnd::find(std::string_view bytes) {
  for (std::size_t feed; (feed = bytes.find('\n', searched_)) != bytes.npos;) {
    searched_ = feed + 1;
    if (feed == 0 || bytes[feed - 1] != '\r') {
      bare_line_feed_ = true;
      return std::nullopt;
    }
    const bool empty_line = feed - 1 == line_start_;
    line_start_ = searched_;
    if (empty_line) return searched_;
  }
  searched_ = bytes.size();
  return std::nullopt;
}

std::optional<Refusal> scan_head(std::string_view bytes, const HeadLimits& limits, Head& head) {
  head.headers.clear();
  std::vector<Header> kept = std::move(head.headers);
  head = Head{};
  head.headers = std::move(kept);
  if (bytes.size() > limits.bytes) return Refusal{431, "the header section is too large"};
  return HeadScan(limits, head).scan(bytes);
}

}  // namespace callboard::http
