#include "db/postgres/hosts.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string_view>

#include "base/error.hpp"

namespace callboard::db::postgres {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
  void operator()(char* text) const { PQfreemem(text); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

Options parsed(const std::string& url) {
  char* why = nullptr;
  Options options(PQconninfoParse(url.c_str(), &why));
  const std::unique_ptr<char, Free> message(why);
  if (options != nullptr) return options;
  throw Error(ErrorCode::invalid, "the database's URL is not understood")
      .with_private(message != nullptr ? message.get() : "");
}

std::vector<std::string> list(const PQconninfoOption* options, std::string_view keyword) {
  std::vector<std::string> values;
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword != keyword || options->val == nullptr) continue;
    std::istringstream stream{std::string(options->val)};
    for (std::string value; std::getline(stream, value, ',');) values.push_back(value);
  }
  return values;
}

// One port may stand for all hosts.
std::string at(const std::vector<std::string>& values, std::size_t place) {
  if (values.empty()) return {};
  return values.size() == 1 ? values.front() : values.at(std::min(place, values.size() - 1));
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
    hosts.push_back({at(names, i), at(addresses, i), at(ports, i)});
  }
  return hosts;
}

}  // namespace callboard::db::postgres
