#pragma once

// The servers that one URL names: "postgres://a,b:5433/name". libpq would wait for each of them as
// long as TCP does before it turns to the next; here each gets a time of its own. Pure.
// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS

#include <string>
#include <vector>

namespace callboard::db::postgres {

// As libpq's parameters of the same names; empty: the URL's own, or libpq's default.
struct Host {
  std::string host;
  std::string hostaddr;
  std::string port;
};

// At least one. Throws Error{invalid} for a URL that libpq does not understand.
std::vector<Host> hosts_of(const std::string& url);

}  // namespace callboard::db::postgres
