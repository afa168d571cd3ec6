#include "db/database.hpp"

#include <future>
#include <memory>

namespace callboard::db {

std::optional<std::string> Row::optional_string(int column) const {
  if (is_null(column)) return std::nullopt;
  return string(column);
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

void Database::write_and_wait(Work work) {
  // Shared, because the writer may still be inside set_value() when get() returns.
  const auto outcome = std::make_shared<std::promise<void>>();
  auto committed = outcome->get_future();
  write(std::move(work), [outcome](std::exception_ptr error) {
    if (error)
      outcome->set_exception(std::move(error));
    else
      outcome->set_value();
  });
  committed.get();
}

}  // namespace callboard::db
