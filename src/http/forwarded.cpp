#include "http/forwarded.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <optional>
#include <ranges>

#include "base/error.hpp"

namespace callboard::http {
namespace {

namespace ip = boost::asio::ip;

constexpr int all_bits = 128;
constexpr int mapped_bits = 96;  // of an IPv4 address as it stands in IPv6
constexpr std::size_t longest_address_text = 45;

ip::address_v6 as_v6(const ip::address& address) {
  return address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4());
}

std::optional<ip::address> parse(std::string_view text) {
  if (text.size() > longest_address_text) return std::nullopt;
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  return error ? std::nullopt : std::optional(address);
}

bool share_prefix(const ip::address_v6& left, const ip::address_v6& right, int bits) {
  const auto a = left.to_bytes(), b = right.to_bytes();
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const unsigned mask = bits >= 8 ? 0xff : 0xff00U >> bits;
    if (((a[i] ^ b[i]) & mask) != 0) return false;
  }
  return true;
}

// The last element of a comma-separated list, which it is taken off.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  std::string_view last = comma == list.npos ? list : list.substr(comma + 1);
  list = comma == list.npos ? std::string_view() : list.substr(0, comma);
  while (last.starts_with(' ') || last.starts_with('\t')) last.remove_prefix(1);
  while (last.ends_with(' ') || last.ends_with('\t')) last.remove_suffix(1);
  return last;
}

// Steps from proxy to proxy, right to left. False: the one asked for has been found.
bool follow(std::string_view list, const AddressSet& trusted, std::string_view& peer) {
  while (!list.empty()) {
    const std::string_view hop = take_last(list);
    const auto address = parse(hop);
    if (!address) return false;
    peer = hop;
    if (!trusted.contains(*address)) return false;
  }
  return true;
}

}  // namespace

AddressSet::AddressSet(std::span<const std::string> blocks) {
  for (const std::string& text : blocks) {
    const std::size_t slash = text.find('/');
    const auto address = parse(text.substr(0, slash));
    const auto refuse = [&] {
      throw Error(ErrorCode::invalid, "not an address or a CIDR block: " + text);
    };
    if (!address) refuse();
    const int offset = address->is_v4() ? mapped_bits : 0;
    int length = all_bits - offset;
    if (slash != text.npos) {
      const char* const end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data() + slash + 1, end, length);
      if (parsed.ec != std::errc() || parsed.ptr != end) refuse();
    }
    if (length < 0 || length + offset > all_bits) refuse();
    blocks_.push_back({as_v6(*address), length + offset});
  }
}

bool AddressSet::contains(const ip::address& address) const {
  const ip::address_v6 wanted = as_v6(address);
  for (const Block& block : blocks_) {
    if (share_prefix(wanted, block.prefix, block.length)) return true;
  }
  return false;
}

Peer forwarded_peer(std::string_view address, std::span<const Header> headers,
                    const AddressSet& trusted) {
  Peer peer{address};
  bool walking = true, scheme_known = false;
  for (const Header& header : headers | std::views::reverse) {
    if (walking && equal_ignoring_case(header.name, "X-Forwarded-For")) {
      walking = follow(header.value, trusted, peer.address);
    } else if (!scheme_known && equal_ignoring_case(header.name, "X-Forwarded-Proto")) {
      std::string_view list = header.value;
      peer.secure = equal_ignoring_case(take_last(list), "https");
      scheme_known = true;
    }
  }
  return peer;
}

}  // namespace callboard::http
