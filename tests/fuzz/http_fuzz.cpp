// The HTTP request reader on any bytes in any pieces: it must neither crash nor depend on the
// pieces, and what it accepts, Boost.Beast's parser, which accepts more, must read the same way.
//
// Input: the first byte says how large the pieces are, the rest is what a client sends.

#include <algorithm>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_reader.hpp"

namespace {

using namespace callboard::http;
namespace beast_http = boost::beast::http;

constexpr std::size_t max_body = 100'000;

struct Seen {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool operator==(const Seen&) const = default;
};

struct Outcome {
  std::vector<Seen> requests;
  int refused = 0;
  bool operator==(const Outcome&) const = default;
};

void require(bool holds) {
  if (!holds) std::abort();
}

Seen seen_by(const RequestReader& reader) {
  Seen seen{std::string(name_of(reader.head().method)),
            std::string(reader.head().target),
            std::string(reader.body()),
            {}};
  for (const Header& header : reader.head().headers) {
    seen.headers.emplace_back(header.name, header.value);
  }
  return seen;
}

bool has(const Seen& seen, std::string_view name) {
  return std::ranges::any_of(
      seen.headers, [&](const auto& header) { return equal_ignoring_case(header.first, name); });
}

Outcome read_in_pieces(std::string_view input, std::size_t piece) {
  RequestReader reader({});
  Outcome outcome;
  while (true) {
    switch (reader.next()) {
      case RequestReader::Event::need_more: {
        if (input.empty()) return outcome;
        const auto space = reader.space();
        require(!space.empty());
        const std::size_t count = std::min({space.size(), piece, input.size()});
        std::ranges::copy(input.substr(0, count), space.data());
        input.remove_prefix(count);
        reader.received(count);
        break;
      }
      case RequestReader::Event::head:
        reader.limit_body(max_body);
        break;
      case RequestReader::Event::request:
        outcome.requests.push_back(seen_by(reader));
        reader.done();
        break;
      case RequestReader::Event::refused:
        outcome.refused = reader.refusal().status;
        return outcome;
    }
  }
}

// Beast takes framing headers in a trailer, and Proxy-Connection, seriously; to us they are
// nothing.
bool minds_what_we_drop(bool in_trailer, boost::system::error_code code, const Seen& seen) {
  using beast_http::error;
  if (code == error::bad_value) return in_trailer || has(seen, "Proxy-Connection");
  return in_trailer && (code == error::bad_transfer_encoding || code == error::bad_content_length ||
                        code == error::multiple_content_length);
}

// The path of a target in absolute form.
std::string_view origin_form(std::string_view target, std::string_view method) {
  if (target.starts_with('/') || target == "*") return target;
  const std::size_t authority = target.find("://") + 3;
  const std::size_t path = target.find('/', authority);
  if (path != target.npos) return target.substr(path);
  return method == "OPTIONS" ? "*" : "/";
}

// The same requests must lie at the same places for another reader.
void compare_with_beast(std::string_view input, const std::vector<Seen>& requests) {
  for (const Seen& seen : requests) {
    if (input.starts_with("\r\n")) input.remove_prefix(2);
    beast_http::request_parser<beast_http::string_body> parser;
    parser.eager(true);
    parser.header_limit(64 * 1024);
    parser.body_limit(max_body);
    boost::system::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(input), error);
    if (minds_what_we_drop(parser.is_header_done(), error, seen)) return;
    require(!error && parser.is_done());
    input.remove_prefix(used);
    const auto& message = parser.get();
    require(seen.method == std::string_view(message.method_string()));
    require(seen.target == origin_form(std::string_view(message.target()), seen.method));
    require(seen.body == message.body());
    for (const auto& [name, value] : seen.headers) {
      const auto [first, last] = message.equal_range(name);
      require(std::any_of(first, last, [&](const auto& field) { return field.value() == value; }));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read_in_pieces(input, input.size());
  require(whole == read_in_pieces(input, std::size_t{data[0]} + 1));
  compare_with_beast(input, whole.requests);
  return 0;
}
