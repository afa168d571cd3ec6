#include "line/certs.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

std::optional<jws::Key> key_of(const json::value& jwk) {
  try {
    return jws::Key::public_key(json::serialize(jwk));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

const jws::Key* Certs::find(std::string_view key_id) const {
  const auto found =
      std::ranges::find_if(keys, [&](const auto& key) { return key.first == key_id; });
  return found == keys.end() ? nullptr : &found->second;
}

Called<Certs> read_certs(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const json::value* given = body->if_contains("keys");
  if (given == nullptr || !given->is_array()) return tl::unexpected(malformed(reply, "keys"));
  Certs certs;
  for (const json::value& jwk : given->get_array()) {
    if (certs.keys.size() == max_certs) break;
    if (!jwk.is_object()) continue;
    std::string name = text_member(jwk.get_object(), "kid");
    auto key = name.empty() ? std::nullopt : key_of(jwk);
    if (key) certs.keys.emplace_back(std::move(name), std::move(*key));
  }
  return certs;
}

}  // namespace callboard::line
