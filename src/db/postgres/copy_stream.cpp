#include "db/postgres/copy_stream.hpp"

#include <memory>

#include "db/postgres/error.hpp"

namespace callboard::db::postgres {
namespace {

struct Free {
  void operator()(char* line) const { PQfreemem(line); }
};

Error failure(Connection& connection) {
  return lost_connection(PQerrorMessage(connection.handle()));
}

char escape_of(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '\\':
      return '\\';
    default:
      return '\0';
  }
}

}  // namespace

void append_null(std::string& line) {
  line += "\\N";
}

void append_integer(std::string& line, std::int64_t number) {
  line += std::to_string(number);
}

void append_text(std::string& line, std::string_view text) {
  for (const char c : text) {
    if (const char escape = escape_of(c)) {
      line += '\\';
      line += escape;
    } else {
      line += c;
    }
  }
}

Blocking::Blocking(Connection& connection) : connection_(connection) {
  PQsetnonblocking(connection_.handle(), 0);
}

Blocking::~Blocking() {
  if (!connection_.is_lost()) PQsetnonblocking(connection_.handle(), 1);
}

CopyIn::CopyIn(Connection& connection, std::string target)
    : connection_(connection), blocking_(connection), target_(std::move(target)) {
  connection_.start("COPY " + target_ + " FROM STDIN");
}

void CopyIn::send(std::string_view line) {
  if (PQputCopyData(connection_.handle(), line.data(), static_cast<int>(line.size())) != 1) {
    throw failure(connection_);
  }
}

void CopyIn::finish() {
  if (PQputCopyEnd(connection_.handle(), nullptr) != 1) throw failure(connection_);
  connection_.finish("COPY " + target_);
}

void copy_out(Connection& connection, const std::string& source,
              const std::function<void(std::string_view)>& each) {
  connection.start("COPY " + source + " TO STDOUT");
  {
    const Blocking blocking(connection);
    char* data = nullptr;
    for (int size = 0; (size = PQgetCopyData(connection.handle(), &data, 0)) > 0;) {
      const std::unique_ptr<char, Free> line(data);
      each({line.get(), static_cast<std::size_t>(size)});
    }
  }
  connection.finish("COPY " + source);
}

}  // namespace callboard::db::postgres
