#include "db/postgres/hosts.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/error.hpp"

namespace callboard::db::postgres {
namespace {

constexpr std::string_view usual_port = "5432";

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

// libpq says what it does not understand, but with the whole URL and its password.
Options parsed(const std::string& url) {
  Options options(PQconninfoParse(url.c_str(), nullptr));
  if (options != nullptr) return options;
  throw Error(ErrorCode::invalid, "the database's URL is not understood");
}

// "a,,b" has three elements, one of them empty.
std::vector<std::string> list(const PQconninfoOption* options, std::string_view keyword) {
  std::vector<std::string> values;
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword != keyword || options->val == nullptr) continue;
    values.emplace_back();
    for (const char c : std::string_view(options->val)) {
      if (c == ',')
        values.emplace_back();
      else
        values.back() += c;
    }
  }
  return values;
}

// One port may stand for all hosts; of several, one that is not named is the usual one.
std::string port_at(const std::vector<std::string>& ports, std::size_t place, std::size_t hosts) {
  if (ports.empty()) return {};
  if (ports.size() == 1) return ports.front();
  if (ports.size() != hosts) {
    throw Error(ErrorCode::invalid, "the database's URL has other ports than hosts");
  }
  return ports[place].empty() ? std::string(usual_port) : ports[place];
}

std::string at(const std::vector<std::string>& values, std::size_t place) {
  return place < values.size() ? values[place] : std::string();
}

}  // namespace

std::vector<Host> hosts_of(const std::string& url) {
  const Options options = parsed(url);
  const auto names = list(options.get(), "host");
  const auto addresses = list(options.get(), "hostaddr");
  const auto ports = list(options.get(), "port");
  const std::size_t count = std::max({names.size(), addresses.size(), std::size_t{1}});
  std::vector<Host> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back({at(names, i), at(addresses, i), port_at(ports, i, count)});
  }
  return hosts;
}

}  // namespace callboard::db::postgres
