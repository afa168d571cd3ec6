// What it costs to let a request in: one signature, the whole gate on its hot path, and the tokens
// that are verified only once. Nanoseconds each.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "db/open.hpp"
#include "identity/identity.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view target = "/bp/bulletin_board?category=news";
constexpr std::string_view client_key = "cbc_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "callboard-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }

 private:
  std::string path_;
};

// A gate before a fresh database with the demo application.
struct House {
  Folder folder;
  SystemClock clock;
  Metrics metrics;
  std::unique_ptr<db::Database> database =
      db::open({.location = folder.path(), .clock = clock, .metrics = metrics, .limits = {}});
  KeyStore keys{ServerKey::from_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")};
  Bootstrap made = bootstrap(*database, keys, clock);
  audience::Applications applications{*database, clock, metrics};
  Trust trust{*database, keys, clock, metrics};
  OwnAddress own_address{""};
  audience::AppAddresses addresses{*database};
  Gate gate{*database, applications, trust, addresses, own_address, clock, metrics};

  std::string token(int user) {
    return session_token_for(*trust.keys("demo"), "demo", "user-" + std::to_string(user),
                             clock.now());
  }
};

// The headers that a phone sends, and the two that count.
std::vector<http::Header> headers_of(std::string_view signature, std::string_view token) {
  return {{"Host", "127.0.0.1:8000"},     {"User-Agent", "demo/1.2.3 (iPhone; iOS 17.1)"},
          {"Accept", "application/json"}, {"Accept-Encoding", "gzip"},
          {"X-App-Version", "1.2.3"},     {"X-Device-Info", "ios"},
          {signature_header, signature},  {session_token_header, token},
          {"Connection", "keep-alive"}};
}

void verify_signature(benchmark::State& state) {
  const HmacKey key(client_key);
  const Timestamp now{std::chrono::seconds{1'700'000'000}};
  const std::string header = sign_request(client_key, {"demo", "GET", target, "token"}, now);
  const HexDigest token = sha256_hex("token");
  for (auto _ : state) {
    const auto signature = parse_signature(header);
    const Digest mac = signature_mac(key, signature->time, signature->nonce,
                                     {"demo", "GET", target, view(token), {}});
    bool holds = is_within_window(*signature, now) &&
                 equal_in_constant_time(view(mac), view(signature->mac));
    benchmark::DoNotOptimize(holds);
  }
}
BENCHMARK(verify_signature);

void hmac_of_300_bytes(benchmark::State& state) {
  const HmacKey key(client_key);
  const std::string text(300, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(key.mac(text));
}
BENCHMARK(hmac_of_300_bytes);

void admit_from_memory(benchmark::State& state) {
  House house;
  const auto users = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> tokens, signatures;
  for (std::size_t i = 0; i < users; ++i) {
    tokens.push_back(house.token(static_cast<int>(i)));
    signatures.push_back(
        sign_request(house.made.client_key, {"demo", "GET", target, tokens[i]}, house.clock.now()));
  }
  const http::Route route{
      http::Method::get, "/bp/bulletin_board", http::Access::client, http::Surface::app, {}};
  const auto request_of = [&](std::size_t user, std::vector<http::Header>& headers) {
    headers[6].value = signatures[user];
    headers[7].value = tokens[user];
    http::Request request;
    request.target = target;
    request.headers = headers;
    return request;
  };
  auto headers = headers_of("", "");
  for (std::size_t i = 0; i < users; ++i) {
    auto request = request_of(i, headers);
    house.gate.admit_blocking(route, request);
  }
  std::size_t user = 0;
  for (auto _ : state) {
    auto request = request_of(user, headers);
    if (!house.gate.admit_from_memory(route, request)) state.SkipWithError("not from memory");
    benchmark::DoNotOptimize(request.caller.user_id);
    user = user + 1 == users ? 0 : user + 1;
  }
}
BENCHMARK(admit_from_memory)->Arg(1)->Arg(1000)->Arg(30000);

void verify_token(benchmark::State& state, const jws::Key& signer, const jws::Key& verifier) {
  const Timestamp now{std::chrono::seconds{1'700'000'000}};
  const std::string text = mint_server_token(signer, "demo", now, std::chrono::minutes{5});
  for (auto _ : state) {
    const auto token = jws::parse(text);
    bool holds = jws::verify(*token, verifier) && server_claims_of(*jws::claims_of(*token), now);
    benchmark::DoNotOptimize(holds);
  }
}

void verify_hs256_token(benchmark::State& state) {
  const jws::Key key = jws::Key::secret(client_key);
  verify_token(state, key, key);
}
BENCHMARK(verify_hs256_token);

}  // namespace
}  // namespace callboard::identity

BENCHMARK_MAIN();
